"""MNN, from the graph, in high precision."""
import pathlib
import subprocess
import sys

import peer


class Peer(peer.Peer):
    @staticmethod
    def convert(case):
        tool = pathlib.Path(sys.executable).parent / "mnnconvert"
        subprocess.run([tool, "-f", "ONNX", "--modelFile", str(case.graph),
                        "--MNNModel", str(case.folder / "model.mnn"),
                        "--bizCode", "MNN"], check=True)

    @staticmethod
    def prepare(arguments):
        global MNN
        import MNN

    def __init__(self, case, threads):
        self.net = MNN.Interpreter(str(case.folder / "model.mnn"))
        self.session = self.net.createSession(
            {"backend": "CPU", "numThread": threads, "precision": "high"})
        self.input = self.net.getSessionInput(self.session)

    def run(self, image):
        self.input.copyFrom(MNN.Tensor(image.shape, MNN.Halide_Type_Float,
                                       image, MNN.Tensor_DimensionType_Caffe))
        self.net.runSession(self.session)
        output = self.net.getSessionOutput(self.session)
        host = MNN.Tensor(output.getShape(), MNN.Halide_Type_Float,
                          MNN.Tensor_DimensionType_Caffe)
        output.copyToHostTensor(host)
        return host.getNumpyData().copy()  # it is the host tensor's memory
