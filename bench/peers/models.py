"""The networks that are measured, and their files."""
import pathlib
import warnings

TORCHVISION = ("b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "v2_s")
TIMM = ("lite0", "lite1", "lite2", "lite3", "lite4")
NAMES = TORCHVISION + TIMM


class Case:
    """A model's files, in a folder of its own."""

    def __init__(self, work, name):
        self.name = name
        self.folder = pathlib.Path(work) / name
        self.checkpoint = self.folder / "model.pth"
        self.graph = self.folder / "model.onnx"
        self.input = self.folder / "input.npy"
        self.expected = self.folder / "expected.npy"

    def image(self):
        import numpy
        return numpy.load(self.input)

    def model(self):
        """The reference with the checkpoint's weights."""
        import torch
        model, _ = reference(self.name)
        model.load_state_dict(torch.load(self.checkpoint))
        return model


def reference(name):
    """The model, not trained, and the side of its input."""
    import torch
    torch.manual_seed(1)
    if name in TIMM:
        import timm
        model = timm.create_model(f"tf_efficientnet_{name}")
        return model.eval(), model.default_cfg["input_size"][1]
    import torchvision
    model = torchvision.models.get_model(f"efficientnet_{name}", weights=None)
    weights = torchvision.models.get_model_weights(f"efficientnet_{name}")
    return model.eval(), weights.IMAGENET1K_V1.transforms().crop_size[0]


def make(case):
    """The checkpoint, the graph, an input and PyTorch's output in float64."""
    import numpy
    import torch
    if case.expected.exists():
        return
    case.folder.mkdir(parents=True, exist_ok=True)
    model, side = reference(case.name)
    image = numpy.random.default_rng(1).standard_normal(
        (1, 3, side, side), dtype=numpy.float32)
    numpy.save(case.input, image)
    torch.save(model.state_dict(), case.checkpoint)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, torch.from_numpy(image), str(case.graph),
                          opset_version=13, dynamo=False)
        expected = model.double()(torch.from_numpy(image).double())
    numpy.save(case.expected, expected.numpy().reshape(-1))
