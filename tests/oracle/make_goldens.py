#!/usr/bin/env python3
"""Make tests/data/goldens: outputs of seeded models by their own frameworks.

    python3 make_goldens.py [OUTPUT-FOLDER]

The reference is the framework's model in float64; beside each golden stands
how far its own float32 run is off (largest difference relative to the largest
expected value), which must not exceed 5e-6.  Needs torch, torchvision, timm,
efficientnet-pytorch and efficientnet-lite-pytorch; the values in the folder
were made with torch 2.15, torchvision 0.29, timm 1.0.31, 0.7.1 and 0.1.0.
"""

import pathlib
import sys

import torch

import goldens
import models
import seeded

# Whose names of tensors are written down, for making files of them.
NAMED = ("efficientnet_b0", "tf_efficientnet_b0", "efficientnet-b0",
         "efficientnet-lite0", "tf_efficientnet_lite0")

# architecture, height, width, batch, channels, classes
CASES = [
    ("efficientnet_b0", 128, 128, 1, 3, 1000),
    ("efficientnet_b0", 97, 75, 2, 3, 16),
    ("efficientnet_b0", 64, 64, 1, 1, 10),
    ("efficientnet_b0", 48, 80, 1, 4, 2),
    ("efficientnet_b0", 1, 1, 1, 3, 16),
    ("efficientnet_b1", 64, 96, 1, 3, 16),
    ("efficientnet_b2", 65, 64, 1, 3, 16),
    ("efficientnet_b3", 64, 64, 1, 3, 16),
    ("efficientnet_b4", 72, 56, 1, 3, 16),
    ("efficientnet_b5", 64, 64, 1, 3, 16),
    ("efficientnet_b6", 61, 64, 1, 3, 16),
    ("efficientnet_b7", 64, 64, 1, 3, 16),
    ("tf_efficientnet_b0", 128, 128, 1, 3, 16),
    ("tf_efficientnet_b0", 97, 75, 1, 3, 16),
    ("tf_efficientnet_b0", 33, 47, 1, 3, 16),
    ("tf_efficientnet_b1", 64, 64, 1, 3, 16),
    ("tf_efficientnet_b2", 60, 70, 1, 3, 16),
    ("tf_efficientnet_b3", 75, 64, 1, 3, 16),
    ("tf_efficientnet_b4", 64, 64, 1, 3, 16),
    ("tf_efficientnet_b5", 64, 64, 1, 3, 16),
    ("tf_efficientnet_b6", 64, 48, 1, 3, 16),
    ("tf_efficientnet_b7", 48, 64, 1, 3, 16),
    ("tf_efficientnet_b8", 64, 64, 1, 3, 16),
    ("efficientnet_b8", 64, 64, 1, 3, 16),
    ("efficientnet-b0", 224, 224, 1, 3, 16),
    ("efficientnet-b0", 97, 75, 1, 3, 16),
    ("efficientnet-b1", 96, 64, 1, 3, 16),
    ("efficientnet-b2", 64, 64, 1, 3, 16),
    ("efficientnet-b2", 87, 64, 1, 3, 16),
    ("efficientnet-b3", 64, 75, 1, 3, 16),
    ("efficientnet-b4", 64, 64, 1, 3, 16),
    ("efficientnet-b5", 63, 64, 1, 3, 16),
    ("efficientnet-b6", 64, 64, 1, 3, 16),
    ("efficientnet-b7", 64, 61, 1, 3, 16),
    ("efficientnet-b8", 64, 64, 1, 3, 16),
    ("efficientnet-lite0", 128, 128, 1, 3, 1000),
    ("efficientnet-lite0", 97, 75, 2, 3, 16),
    ("efficientnet-lite1", 64, 96, 1, 3, 16),
    ("efficientnet-lite2", 65, 64, 1, 3, 16),
    ("efficientnet-lite3", 64, 64, 1, 3, 16),
    ("efficientnet-lite4", 75, 64, 1, 3, 16),
    ("tf_efficientnet_lite0", 97, 75, 1, 3, 16),
    ("tf_efficientnet_lite1", 64, 64, 1, 3, 16),
    ("tf_efficientnet_lite2", 64, 60, 1, 3, 16),
    ("tf_efficientnet_lite3", 64, 64, 1, 3, 16),
    ("tf_efficientnet_lite4", 96, 96, 1, 3, 16),
    ("efficientnet_lite0", 96, 64, 1, 3, 16),
    ("efficientnet_lite1", 64, 64, 1, 3, 16),
    ("efficientnet_lite2", 75, 64, 1, 3, 16),
    ("efficientnet_lite3", 64, 64, 1, 3, 16),
    ("efficientnet_lite4", 64, 64, 1, 3, 16),
    ("efficientnet_v2_s", 96, 75, 1, 3, 16),
    ("efficientnet_v2_m", 64, 48, 1, 3, 16),
    ("efficientnet_v2_l", 33, 48, 1, 3, 16),
    ("efficientnetv2_s", 61, 64, 1, 3, 16),
    ("efficientnetv2_m", 48, 33, 1, 3, 16),
    ("efficientnetv2_l", 48, 32, 1, 3, 16),
    ("efficientnetv2_xl", 33, 32, 1, 3, 16),
    ("efficientnetv2_rw_t", 64, 75, 1, 3, 16),
    ("efficientnetv2_rw_s", 64, 48, 1, 3, 16),
    ("efficientnetv2_rw_m", 48, 48, 1, 3, 16),
    ("test_efficientnet", 96, 96, 2, 3, 16),
    ("test_efficientnet", 33, 47, 1, 1, 16),
    ("efficientnet_es", 64, 75, 1, 3, 16),
    ("efficientnet_em", 64, 64, 1, 3, 16),
    ("efficientnet_el", 61, 48, 1, 3, 16),
    ("tf_efficientnet_es", 96, 96, 1, 3, 16),
    ("tf_efficientnet_em", 61, 64, 1, 3, 16),
    ("tf_efficientnet_el", 64, 75, 1, 3, 16),
    ("tf_efficientnetv2_b0", 96, 96, 1, 3, 16),
    ("tf_efficientnetv2_b0", 75, 61, 2, 3, 16),
    ("tf_efficientnetv2_b1", 64, 64, 1, 3, 16),
    ("tf_efficientnetv2_b2", 75, 64, 1, 3, 16),
    ("tf_efficientnetv2_b3", 64, 61, 1, 3, 16),
    ("tf_efficientnetv2_s", 64, 64, 1, 3, 16),
    ("tf_efficientnetv2_m", 61, 48, 1, 3, 16),
    ("tf_efficientnetv2_l", 33, 48, 1, 3, 16),
    ("tf_efficientnetv2_xl", 33, 33, 1, 3, 16),
    ("gc_efficientnetv2_rw_t", 96, 75, 1, 3, 16),
    ("efficientnet_b1_pruned", 64, 61, 2, 3, 16),
    ("efficientnet_b2_pruned", 75, 64, 1, 3, 16),
    ("efficientnet_b3_pruned", 64, 48, 1, 1, 16),
    ("efficientnet_es_pruned", 64, 61, 1, 3, 16),
    ("efficientnet_el_pruned", 48, 64, 1, 3, 16),
]


def write_names(folder):
    """Which canonical layer each of a framework's modules is."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMED:
        model, family = models.create(name)
        lines = [f"{theirs} {ours[0]}" for theirs, ours in
                 seeded.NAMES[family](model).items()
                 if f"{theirs}.weight" in model.state_dict()]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")


def main():
    folder = goldens.folder("goldens")
    write_names(folder / "names")
    values = goldens.Values()
    for case, seed, (arrays, errors) in goldens.each(
            CASES, 1000, lambda model, family, case, x:
            goldens.outputs(model, family, x)):
        at = values.add(*arrays)
        values.line(*case, seed, at, *(f"{e:.1e}" for e in errors))
    values.write(folder, "architecture height width batch channels classes seed "
                 "start error32_logits error32_embedding",
                 "in values.npy from `start`: logits, then embeddings; made by "
                 "tests/oracle/make_goldens.py")


if __name__ == "__main__":
    main()
