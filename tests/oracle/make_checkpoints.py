#!/usr/bin/env python3
"""Make tests/data/checkpoints: small but complete checkpoints, written by
torch itself, with the outputs that their framework gives.

    python3 make_checkpoints.py [OUTPUT-FOLDER]

A state dict of B0 is 21 MB; here every tensor is a strided, overlapping view
of one of a few small storages (torch.save stores a storage once, and a view's
offset and strides), so a file is a few tens of kB.  Batch norms get the
variance that their input has, so that activations stay near 1.  The expected
outputs are the framework's in float64 from the values as stored, for the
input that docs/seeded.md describes.
"""

import argparse
import collections
import pathlib
import sys

import numpy as np
import torch

import models
import seeded
from goldens import LIMIT, outputs, relative

SIZE = (64, 64)
# Views' strides over the first two dimensions, in turn.
STRIDES = [(2, 1), (1, 2), (2, 3), (3, 1), (1, 1)]


class Storages:
    """The few storages that all tensors of a checkpoint are views of."""

    def __init__(self, seed, dtype):
        rng = np.random.default_rng(seed)

        def uniform(least, most, count):
            return torch.from_numpy(rng.uniform(least, most, count)).to(dtype)

        self.weights = uniform(-1, 1, 3072)
        self.small = uniform(-0.15, 0.15, 1536)
        self.ones = uniform(0.5, 1.5, 1536)
        self.residual = uniform(0.15, 0.45, 512)
        self.variances = torch.ones(128, dtype=dtype)
        self.batches = torch.tensor([7])
        self.turn = 0
        self.used = 0

    def view(self, base, shape):
        self.turn += 1
        kernel = tuple([shape[3], 1] if len(shape) == 4 else [])
        for i in range(len(STRIDES)):
            first = STRIDES[(self.turn + i) % len(STRIDES)][:len(shape)]
            strides = first + kernel
            span = sum((n - 1) * s for n, s in zip(shape, strides))
            if span < len(base):
                offset = self.turn * 31 % (len(base) - span)
                return base.as_strided(shape, strides, offset)
        raise ValueError(shape)

    def variance(self, value, count):
        at = self.used
        self.used += 1
        self.variances[at] = value
        return self.variances[at:at + 1].expand(count)


def base_of(storages, name, shape, residual):
    if len(shape) == 4 and ".se." not in name or np.prod(shape) > 100000:
        return storages.weights
    if name.endswith("se.expand.bias") or name.endswith("bn.weight"):
        return storages.residual if residual and "project" in name else (
            storages.ones)
    return storages.small


def calibrate(model, state, storages):
    """Run once; each batch norm takes the variance of its input."""
    def before(name):
        def hook(module, inputs):
            value = float(inputs[0].var())
            state[f"{name}.running_var"] = storages.variance(
                value, module.num_features)
            module.running_var.copy_(state[f"{name}.running_var"])
        return hook

    handles = [m.register_forward_pre_hook(before(n))
               for n, m in model.named_modules()
               if isinstance(m, torch.nn.BatchNorm2d)]
    channels = next(model.parameters()).shape[1]
    x = torch.from_numpy(seeded.input_values(99, (4, channels, *SIZE)))
    with torch.no_grad():
        model(x)
    for handle in handles:
        handle.remove()


def make_state(model, family, seed, dtype):
    """A state dict in the model's order, of views."""
    storages = Storages(seed, dtype)
    names = seeded.NAMES[family](model)
    state = collections.OrderedDict()
    for key, tensor in model.state_dict().items():
        module, _, part = key.rpartition(".")
        prefix, residual = names[module]
        if part == "num_batches_tracked":
            state[key] = storages.batches[0]
        elif part == "running_var":
            state[key] = None
        else:
            shape = tuple(tensor.shape)
            state[key] = storages.view(
                base_of(storages, f"{prefix}.{part}", shape, residual), shape)
    model.load_state_dict({k: v.float() for k, v in state.items()
                           if v is not None}, strict=False)
    calibrate(model, state, storages)
    return state


class Maker:
    def __init__(self, folder):
        self.folder = folder
        self.values = []
        self.at = 0
        self.lines = []

    def expect(self, file, architecture, seed, state, classes, channels,
               option):
        """Record what the framework gives for the state."""
        model, family = models.create(architecture, max(classes, 1), channels)
        keep = {k: v.detach() for k, v in state.items() if k in
                model.state_dict()}
        missing, _ = model.load_state_dict(
            {k: v.double() if v.is_floating_point() else v
             for k, v in keep.items()}, strict=False)
        missing = [k for k in missing if "num_batches" not in k]
        assert not missing or classes == 0, missing
        x = torch.from_numpy(seeded.input_values(seed, (1, channels, *SIZE)))
        single = outputs(model, family, x)
        double = outputs(model.double(), family, x.double())
        errors = [relative(s, d) for s, d in zip(single, double)]
        if classes == 0:
            double, errors = double[1:], errors[1:]
        assert max(errors) <= LIMIT, (file, errors)
        self.lines.append(
            f"{file} ok {option or '-'} {architecture} {family} {classes} "
            f"{channels} {SIZE[0]} {SIZE[1]} {seed} {self.at} "
            f"{max(errors):.1e}")
        for array in double:
            self.values.append(array.numpy().astype(np.float32).ravel())
            self.at += array.numel()
        print(self.lines[-1], (self.folder / file).stat().st_size, flush=True)

    def save(self, file, value, **how):
        torch.save(value, self.folder / file, **how)

    def good(self, file, architecture, wrap=lambda s: s, dtype=torch.float32,
             classes=10, channels=3, option=None, drop=(), **how):
        """One file that loads."""
        seed = 500 + len(self.lines)
        model, family = models.create(architecture, classes, channels)
        state = make_state(model, family, seed, dtype)
        for key in drop:
            del state[key]
        self.save(file, wrap(state), **how)
        stored = torch.load(self.folder / file, map_location="cpu",
                            weights_only=False)
        assert stored is not None
        dropped = any("classifier" in k for k in drop)
        self.expect(file, architecture, seed, state,
                    0 if dropped else classes, channels, option)
        return state

    def bad(self, file, state, message):
        self.save(file, state)
        self.lines.append(f"{file} mismatch - - - 0 0 0 0 0 0 0 {message}")
        print(self.lines[-1], (self.folder / file).stat().st_size, flush=True)


def module_prefix(state):
    return collections.OrderedDict(("module." + k, v)
                                   for k, v in state.items())


def other_values(state):
    """The same keys with values that must not be used."""
    zero = torch.zeros(1)
    return collections.OrderedDict(
        (k, v if v.dim() == 0 else zero.expand(v.shape))
        for k, v in state.items())


def optimizer():
    """What an optimizer's state looks like."""
    return {"state": {0: {"step": torch.tensor(3.0),
                          "exp_avg": torch.ones(4, 4)}},
            "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999),
                              "params": [0], "foreach": None}]}


def training(state):
    return {"epoch": 3, "arch": "efficientnet_b0",
            "state_dict": module_prefix(state), "optimizer": optimizer(),
            "args": argparse.Namespace(lr=0.1, model="b0", mean=None)}


def with_ema(state):
    return {"epoch": 3, "state_dict": other_values(state),
            "state_dict_ema": state, "optimizer": optimizer(),
            "metric": 77.5}


def model_ema(state):
    return {"model": other_values(state), "model_ema": module_prefix(state),
            "version": 2}


def parameters(state):
    return collections.OrderedDict(
        (k, torch.nn.Parameter(v) if v.is_floating_point() and
         "running" not in k else v) for k, v in state.items())


def compiled(state):
    return {"_orig_mod." + k: v for k, v in state.items()}


def without_counts(state):
    return {k: v for k, v in state.items() if "num_batches" not in k}


def on_cuda(maker, file, architecture):
    """torch.save asks location_tag where each storage lies."""
    real = torch.serialization.location_tag
    torch.serialization.location_tag = lambda storage: "cuda:0"
    try:
        maker.good(file, architecture)
    finally:
        torch.serialization.location_tag = real


def make_good(maker):
    legacy = {"_use_new_zipfile_serialization": False}
    tv, timm, lm, lp = ("efficientnet_b0", "tf_efficientnet_lite0",
                        "efficientnet-b0", "efficientnet-lite0")

    maker.good("torchvision-zip.pth", tv, classes=1000)
    maker.good("torchvision-legacy.pth", tv, **legacy)
    maker.good("torchvision-dataparallel.pth", tv, wrap=training)
    maker.good("torchvision-float64.pth", tv, dtype=torch.float64)
    maker.good("torchvision-gray.pth", tv, channels=1, wrap=without_counts)
    maker.good("timm-lite-ema.pth", timm, wrap=with_ema, option=timm)
    maker.good("timm-tf-protocol4.pth", "tf_efficientnet_b0", option=
               "tf_efficientnet_b0", pickle_protocol=4)
    maker.good("timm-plain-parameters.pth", "efficientnet_lite0",
               wrap=parameters, option="efficientnet_lite0")
    maker.good("timm-bfloat16-compiled.pth", timm, wrap=compiled,
               dtype=torch.bfloat16, option=timm)
    maker.good("timm-headless.pth", timm, option=timm,
               drop=("classifier.weight", "classifier.bias"))
    maker.good("lm-legacy.pth", lm, **legacy)
    maker.good("lm-half.pth", lm, dtype=torch.float16)
    maker.good("lp-legacy-protocol4.pth", lp, pickle_protocol=4, **legacy)
    maker.good("lp-model-ema.pth", lp, wrap=model_ema, **legacy)
    maker.good("lp-rgba.pth", lp, channels=4, classes=2)
    on_cuda(maker, "lp-cuda.pth", lp)


def make_bad(maker):
    model, family = models.create("efficientnet-lite0", 10)
    state = make_state(model, family, 1, torch.float32)

    def changed(change):
        copied = collections.OrderedDict(state)
        change(copied)
        return copied

    maker.bad("missing.pth", changed(
        lambda s: s.pop("_blocks.3._bn1.running_mean")),
        "_blocks.3._bn1.running_mean")
    maker.bad("extra.pth", changed(
        lambda s: s.update({"_blocks.3.adapter.weight": torch.ones(3)})),
        "_blocks.3.adapter.weight")
    maker.bad("shape.pth", changed(
        lambda s: s.update({"_bn0.bias": torch.ones(31)})), "_bn0.bias")


def main():
    folder = pathlib.Path(
        sys.argv[1] if len(sys.argv) > 1 else
        pathlib.Path(__file__).parent.parent / "data/checkpoints")
    folder.mkdir(parents=True, exist_ok=True)
    maker = Maker(folder)
    make_good(maker)
    make_bad(maker)
    np.save(folder / "values.npy", np.concatenate(maker.values))
    header = (
        "# file status architecture-option architecture family classes "
        "channels height width seed start error32 message\n"
        "# option -: none is needed; classes 0: no classifier; in values.npy "
        "from `start`: logits, then embedding;\n"
        "# the message of a failure contains the last column; made by "
        "tests/oracle/make_checkpoints.py\n")
    (folder / "index.txt").write_text(header + "\n".join(maker.lines) + "\n")


if __name__ == "__main__":
    main()
