"""ONNX Runtime, from the graph."""
import peer


class Peer(peer.Peer):
    @staticmethod
    def convert(case):
        Peer.prepare(None)
        Peer(case, 1)

    @staticmethod
    def prepare(arguments):
        global onnxruntime
        import onnxruntime

    def __init__(self, case, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(case.graph), options, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name

    def run(self, image):
        return self.session.run(None, {self.name: image})[0]
