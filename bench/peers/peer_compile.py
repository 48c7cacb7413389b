"""PyTorch with torch.compile; needs a C++ compiler."""
import os

import peer_torch


class Peer(peer_torch.Peer):
    @staticmethod
    def convert(case):
        """Fills the compiler's cache."""
        peer_torch.Peer.prepare(None)
        Peer(case, 1).run(case.image())

    def __init__(self, case, threads):
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(case.folder / "inductor")
        super().__init__(case, threads)
        self.model = peer_torch.torch.compile(self.model)
