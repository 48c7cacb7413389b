"""PyTorch as it is."""
import peer


class Peer(peer.Peer):
    @staticmethod
    def convert(case):
        case.model()

    @staticmethod
    def prepare(arguments):
        global torch
        import torch
        import torchvision  # noqa: F401

    def __init__(self, case, threads):
        torch.set_num_threads(threads)
        self.model = case.model()

    def run(self, image):
        with torch.inference_mode():
            return self.model(torch.from_numpy(image)).numpy()
