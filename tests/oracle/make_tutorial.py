#!/usr/bin/env python3
"""Make tests/data/command: the tutorial that everyone starts from, by torch.

    make_tutorial.py [FOLDER OF THE PICTURES]     (default: examples)

Writes a torchvision EfficientNet-B0 checkpoint of 1000 classes, small because
its weights are overlapping views of a few seeded storages (only the means of
the batch norms are its own, taken from the photographs), and what torch,
torchvision and Pillow get with it for two photographs:

    Resize(256), CenterCrop(224), ToTensor(), Normalize(ImageNet), softmax,
    top 5

Needs torch, torchvision, Pillow and numpy.
"""
import hashlib
import json
import pathlib
import sys

import numpy
import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/data/command"
PICTURES = ("coffee.png", "chelsea.png")
ROW_STRIDE = 13  # between the rows of a matrix: they overlap, and differ


def storages():
    """Noise, of sizes that keep gates and logits in a range of interest."""
    generator = torch.Generator().manual_seed(20190528)

    def normal(count, scale):
        return scale * torch.randn(count, generator=generator)

    return {
        "conv": normal(18000, 1.0),
        "se": normal(16000, 0.05),
        "linear": normal(15000, 0.3),
        "shift": normal(1400, 0.1),
        "scale": 0.5 + torch.rand(1400, generator=generator),
    }


def view(base, shape):
    """An overlapping view of `base`."""
    rest = 1
    strides = []
    for size in reversed(shape[1:]):
        strides.insert(0, rest)
        rest *= size
    return base.as_strided(shape, [ROW_STRIDE if rest > 1 else 1] + strides)


def choose(name, shape, bases):
    """The view for the parameter or statistic `name`."""
    if len(shape) == 1:
        norm_weight = name.endswith(("weight", "running_var"))
        return view(bases["scale" if norm_weight else "shift"], shape)
    if ".fc1." in name or ".fc2." in name:
        return view(bases["se"], shape)
    return view(bases["linear" if "classifier" in name else "conv"], shape)


def measure_statistics(model, batch):
    """Set each batch norm's mean, and one variance for its channels, from
    what reaches it."""
    def before(norm, inputs):
        norm.running_mean.copy_(inputs[0].mean((0, 2, 3)))
        variance = inputs[0].var((0, 2, 3)).mean()
        norm.running_var.copy_(variance.expand_as(norm.running_var))

    hooks = [m.register_forward_pre_hook(before) for m in model.modules()
             if isinstance(m, torch.nn.BatchNorm2d)]
    with torch.no_grad():
        model.eval()(batch)
    for hook in hooks:
        hook.remove()


def make_state(batch):
    bases = storages()
    model = torchvision.models.efficientnet_b0()
    state = {name: value if name.endswith("num_batches_tracked")
             else choose(name, list(value.shape), bases)
             for name, value in model.state_dict().items()}
    model.load_state_dict(state)
    measure_statistics(model, batch)
    for name, value in model.state_dict().items():
        if name.endswith("running_mean"):
            state[name] = value.clone()
        elif name.endswith("running_var"):
            state[name] = value[:1].clone().expand(value.shape)
    return state


def load(path, dtype):
    model = torchvision.models.efficientnet_b0()
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval().to(dtype)


def prepare(path):
    steps = transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406],
                             std=[0.229, 0.224, 0.225]),
    ])
    return steps(Image.open(path).convert("RGB")).unsqueeze(0)


def infer(model, batch):
    with torch.no_grad():
        embedding = model.avgpool(model.features(
            batch.to(next(model.parameters()).dtype))).flatten(1)
        return embedding, model.classifier(embedding)


def top_five(logits, categories):
    probabilities = torch.softmax(logits[0], 0)
    values, classes = torch.topk(probabilities, 5)
    return [{"class": int(c), "label": categories[int(c)],
             "probability": float(v), "logit": float(logits[0][c])}
            for v, c in zip(values, classes)]


def describe(checkpoint, path, categories):
    batch = prepare(path)
    _, logits = infer(load(checkpoint, torch.float32), batch)
    embedding, exact = infer(load(checkpoint, torch.float64), batch)
    top = top_five(logits, categories)
    for ours, best in zip(top, top_five(exact, categories)):
        # The last printed digit must not hang on float32's rounding.
        thousandths = best["probability"] * 1000
        assert abs(thousandths % 1 - 0.5) > 0.02, (path, best)
        assert ours["class"] == best["class"]
        print(path.name, ours, f"float64 {best['probability']:.7f}")
    stem = OUT / path.stem
    numpy.save(f"{stem}_logits.npy", exact.numpy().astype(numpy.float32))
    numpy.save(f"{stem}_embedding.npy",
               embedding.numpy().astype(numpy.float32))
    data = numpy.ascontiguousarray(batch.numpy(), dtype="<f4").tobytes()
    return {"input_sha256": hashlib.sha256(data).hexdigest(), "top": top}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                          else ROOT / "examples")
    OUT.mkdir(parents=True, exist_ok=True)
    checkpoint = OUT / "tutorial_b0.pth"
    torch.save(make_state(torch.cat([prepare(folder / name)
                                     for name in PICTURES])), checkpoint)
    categories = torchvision.models.EfficientNet_B0_Weights.DEFAULT.meta[
        "categories"]
    table = {"made_by": {"torch": torch.__version__,
                         "torchvision": torchvision.__version__,
                         "Pillow": PIL.__version__}}
    for name in PICTURES:
        table[name] = describe(checkpoint, folder / name, categories)
    (OUT / "tutorial.json").write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
