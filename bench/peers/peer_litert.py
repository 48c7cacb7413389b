"""LiteRT with XNNPACK, from PyTorch through litert-torch."""
import peer


class Peer(peer.Peer):
    @staticmethod
    def convert(case):
        import litert_torch
        import torch
        model = litert_torch.convert(case.model(),
                                     (torch.from_numpy(case.image()),))
        model.export(str(case.folder / "model.tflite"))

    @staticmethod
    def prepare(arguments):
        global Interpreter
        from ai_edge_litert.interpreter import Interpreter

    def __init__(self, case, threads):
        self.net = Interpreter(str(case.folder / "model.tflite"),
                               num_threads=threads)
        self.net.allocate_tensors()
        self.input = self.net.get_input_details()[0]["index"]
        self.output = self.net.get_output_details()[0]["index"]

    def run(self, image):
        self.net.set_tensor(self.input, image)
        self.net.invoke()
        return self.net.get_tensor(self.output)
