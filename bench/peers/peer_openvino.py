"""OpenVINO, from the graph, in float32."""
import peer


class Peer(peer.Peer):
    @staticmethod
    def convert(case):
        Peer.prepare(None)
        Peer(case, 1)

    @staticmethod
    def prepare(arguments):
        global openvino
        import openvino

    def __init__(self, case, threads):
        core = openvino.Core()
        self.model = core.compile_model(
            core.read_model(str(case.graph)), "CPU",
            {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
             "INFERENCE_NUM_THREADS": threads,
             "INFERENCE_PRECISION_HINT": "f32"})
        self.request = self.model.create_infer_request()

    def run(self, image):
        return self.request.infer({0: image})[0]
