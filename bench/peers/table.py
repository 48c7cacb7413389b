"""The peers: a line each.  The module has a class Peer (see peer.py)."""
import collections
import importlib

Line = collections.namedtuple("Line", "title module package")

PEERS = {
    "effnet": Line("effnet", "peer_effnet", None),
    "onnxruntime": Line("ONNX Runtime", "peer_onnxruntime", "onnxruntime"),
    "openvino": Line("OpenVINO", "peer_openvino", "openvino"),
    "mnn": Line("MNN", "peer_mnn", "mnn"),
    "ncnn": Line("ncnn", "peer_ncnn", "ncnn"),
    "litert": Line("LiteRT", "peer_litert", "ai-edge-litert"),
    "torch": Line("PyTorch", "peer_torch", "torch"),
    "torch-compile": Line("torch.compile", "peer_compile", "torch"),
}


def load(name):
    return importlib.import_module(PEERS[name].module).Peer
