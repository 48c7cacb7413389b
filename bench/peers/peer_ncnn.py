"""ncnn, from TorchScript through pnnx, in float32."""
import peer


class Peer(peer.Peer):
    @staticmethod
    def convert(case):
        import pnnx
        import torch
        path = str(case.folder / "ncnn.pt")
        pnnx.export(case.model(), path, torch.from_numpy(case.image()),
                    fp16=False)
        if not (case.folder / "ncnn.ncnn.param").exists():
            raise RuntimeError("pnnx wrote no ncnn.ncnn.param")

    @staticmethod
    def prepare(arguments):
        global ncnn
        import ncnn

    def __init__(self, case, threads):
        self.net = ncnn.Net()
        self.net.opt.num_threads = threads
        self.net.opt.use_fp16_packed = False
        self.net.opt.use_fp16_storage = False
        self.net.opt.use_fp16_arithmetic = False
        self.net.opt.use_bf16_storage = False
        base = case.folder / "ncnn.ncnn"
        if (self.net.load_param(f"{base}.param") != 0 or
                self.net.load_model(f"{base}.bin") != 0):
            raise RuntimeError("ncnn cannot load what pnnx wrote")

    def run(self, image):
        extractor = self.net.create_extractor()
        extractor.input("in0", ncnn.Mat(image[0]))
        status, output = extractor.extract("out0")
        if status != 0:
            raise RuntimeError(f"extract: {status}")
        return output.numpy()
