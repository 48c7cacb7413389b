#!/usr/bin/env python3
"""Make tests/data/load and tests/fuzz/corpus/checkpoint, by torch.

    make_load.py

tests/data/load: checkpoints as people have them, small because every float
tensor is an overlapping view of one storage: element [a, b, ...] of a tensor
whose name (without wrapper prefixes) has n characters is value n + a + b + ...
of that.  Needs torch, torchvision, timm, efficientnet-pytorch,
efficientnet-lite-pytorch and safetensors.
"""
import argparse
import collections
import pathlib
import zipfile

import safetensors.torch
import timm
import torch
import torchvision
from efficientnet_lite_pytorch import EfficientNet as Lite
from efficientnet_pytorch import EfficientNet

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/data/load"
CORPUS = ROOT / "tests/fuzz/corpus/checkpoint"
COUNT = 4096


def values(dtype):
    """Exact in every type: 8 significant bits."""
    return ((torch.arange(COUNT) % 251 - 125) / 16).to(dtype)


def views(model, dtype):
    """The state_dict of `model` as views of one storage."""
    base = values(dtype)
    state = collections.OrderedDict()
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            state[name] = tensor
            continue
        state[name] = torch.as_strided(
            base, tensor.shape, [1] * tensor.dim(), len(name)
        )
    return state


def prefixed(state, prefix):
    return collections.OrderedDict((prefix + k, v) for k, v in state.items())


def on_cuda(storage):
    """What a checkpoint says that was saved from a GPU."""
    return "cuda:0"


def deflate(path):
    """The same archive with every member deflated, as re-zipping does."""
    with zipfile.ZipFile(path) as old:
        members = [(name, old.read(name)) for name in old.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members:
            new.writestr(name, data)


def make_torchvision():
    b0 = torchvision.models.efficientnet_b0()
    torch.save(views(b0, torch.float32), OUT / "torchvision_b0.pth")


def make_timm():
    lite0 = timm.create_model("tf_efficientnet_lite0", num_classes=10)
    state = prefixed(views(lite0, torch.float16), "module.")
    torch.save(
        {
            "epoch": 3,
            "arch": "tf_efficientnet_lite0",
            "state_dict": {next(iter(state)): torch.zeros(1)},
            "state_dict_ema": state,
            "optimizer": {
                "state": {0: {"step": 1, "exp_avg": torch.ones(3)}},
                "param_groups": [{"lr": 0.1, "params": [0]}],
            },
            "args": argparse.Namespace(lr=0.1, names=["a", "b"]),
            "metric": 0.75,
        },
        OUT / "timm_lite0_training.pth",
    )
    b0 = timm.create_model("efficientnet_b0", num_classes=0, in_chans=4)
    torch.save(
        prefixed(views(b0, torch.bfloat16), "_orig_mod.module.backbone."),
        OUT / "timm_b0_headless.pth",
        pickle_protocol=4,
    )
    deflate(OUT / "timm_b0_headless.pth")


def make_cuda():
    tag = torch.serialization.location_tag
    torch.serialization.location_tag = on_cuda
    b0 = EfficientNet.from_name("efficientnet-b0", num_classes=7)
    torch.save(
        {"net": views(b0, torch.float64), "acc": 91.5, "epoch": 12},
        OUT / "lm_b0_legacy.pth",
        _use_new_zipfile_serialization=False,
    )
    lite0 = Lite.from_name("efficientnet-lite0", in_channels=1)
    torch.save(views(lite0, torch.float32), OUT / "lp_lite0_cuda.pth")
    torch.serialization.location_tag = tag


def pickle_of(path):
    """The pickle in an archive."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"{path.name}/data.pkl")


def make_seeds():
    """Files of a few hundred bytes in each layout."""
    state = collections.OrderedDict(
        [
            ("conv_stem.weight", torch.arange(8.0).reshape(2, 1, 2, 2)),
            ("bn1.bias", torch.tensor([0.5, -2.0])),
            ("bn1.num_batches_tracked", torch.tensor(3)),
        ]
    )
    torch.save(state, CORPUS / "zip2", pickle_protocol=2)
    torch.save(state, CORPUS / "zip4", pickle_protocol=4)
    torch.save(state, CORPUS / "legacy", _use_new_zipfile_serialization=False)
    wrapped = {"model": prefixed(state, "module."), "epoch": 1}
    torch.save(wrapped, CORPUS / "deflated")
    deflate(CORPUS / "deflated")
    torch.save(
        {
            "w": torch.arange(6.0).reshape(2, 3).t(),
            "p": torch.nn.Parameter(torch.zeros(2)),
            "e": torch.ones(3).expand(4, 3),
            "h": torch.ones(2).half(),
            "b": torch.ones(2).bfloat16(),
        },
        CORPUS / "types",
    )
    for name in ("zip2", "types"):
        (CORPUS / f"pickle-{name}").write_bytes(pickle_of(CORPUS / name))
    safetensors.torch.save_file(
        dict(state), CORPUS / "safetensors", {"format": "pt"}
    )


OUT.mkdir(parents=True, exist_ok=True)
CORPUS.mkdir(parents=True, exist_ok=True)
make_torchvision()
make_timm()
make_cuda()
make_seeds()
for seed in CORPUS.iterdir():
    seed.chmod(0o644)
