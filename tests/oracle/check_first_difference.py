#!/usr/bin/env python3
"""Run the scripts of docs/first-difference.md as they stand there.

    python3 check_first_difference.py EFFNET

Compares effnet's layers with torchvision's and timm's: first of the same
weights, where none may differ, then of models with one layer changed, which
must be named.  EFFNET is the command.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import torch

import models
import seeded

PAGE = pathlib.Path(__file__).parent.parent.parent / "docs/first-difference.md"

# architecture, height, width, what to change, the layer that must be named
CASES = [
    ("efficientnet_b0", 224, 224, "features.3.1.block.1.0.weight",
     "blocks.2.1.depthwise"),
    ("efficientnet_b0", 97, 75, "features.8.1.running_var", "head"),
    ("efficientnet_b4", 61, 64, "features.1.0.block.1.fc2.bias",
     "blocks.0.0.se"),
    ("tf_efficientnet_b0", 97, 75, "blocks.4.2.bn3.bias",
     "blocks.4.2.project"),
    ("tf_efficientnetv2_b0", 75, 61, "conv_stem.weight", "stem"),
    ("test_efficientnet", 64, 64, "blocks.0.0.conv.weight",
     "blocks.0.0.conv"),
    ("efficientnet_es", 64, 75, "classifier.bias", "classifier"),
    ("efficientnet_lite0", 64, 64, "bn2.weight", "head"),
]


def scripts():
    """The functions of the page, by whose modules they are for."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    assert len(blocks) == 2
    found, space = {}, {"__name__": "page"}
    for family, block in zip(("torchvision", "timm"), blocks):
        space = dict(space)  # the second is to stand in the first
        exec(compile(block, str(PAGE), "exec"), space)
        found[family] = space
    return found


def first(space, model, folder):
    return space["compare"](model, space["names"](model), folder / "in.npy",
                            folder / "layers")


def check(case, command, pages, folder):
    name, height, width, changed, expected = case
    model, family = models.create(name)
    seeded.fill(model, family, 77)
    torch.save(model.state_dict(), folder / "model.pth")
    np.save(folder / "in.npy", seeded.input_values(77, (1, 3, height, width)))
    subprocess.run([command, "run", "-m", folder / "model.pth", "--arch", name,
                    folder / "in.npy", "--dump", folder / "layers"],
                   check=True)
    same = first(pages[family], model, folder)
    model.state_dict()[changed].view(-1)[:3] += 1
    other = first(pages[family], model, folder)
    print(f"{name} {height} x {width}: {same}; with another {changed}: {other}",
          flush=True)
    return same is None and other == expected


def main():
    torch.set_num_threads(1)
    pages = scripts()
    good = True
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            good &= check(case, sys.argv[1], pages, pathlib.Path(folder))
    sys.exit(not good)


if __name__ == "__main__":
    main()
