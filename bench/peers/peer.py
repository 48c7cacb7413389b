"""What a peer is."""


class Peer:
    """A runtime that has loaded a model.  A peer's module imports its runtime
    when it is used, not before."""

    @staticmethod
    def convert(case):
        """Makes what __init__ loads from case.model() or case.graph, in
        case.folder."""

    @staticmethod
    def prepare(arguments):
        """Imports the runtime, which does not count as its start."""

    def __init__(self, case, threads):
        """Loads the model."""

    def run(self, image):
        """The output for a float32 array 1 x 3 x side x side."""
        raise NotImplementedError
