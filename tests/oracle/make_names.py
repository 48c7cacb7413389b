"""Writes tests/data/names/*.txt: the parameters of each project's own models,
a line each: name, then shape.  Needs torchvision, timm, efficientnet-pytorch
and efficientnet-lite-pytorch.

    python3 tests/oracle/make_names.py tests/data/names
"""
import sys
from pathlib import Path

import timm
import torchvision
from efficientnet_lite_pytorch import EfficientNet as Lite
from efficientnet_pytorch import EfficientNet

MODELS = {
    "torchvision_b0": torchvision.models.efficientnet_b0,
    "torchvision_b4": torchvision.models.efficientnet_b4,
    "timm_b0": lambda: timm.create_model("efficientnet_b0"),
    "timm_b4": lambda: timm.create_model("tf_efficientnet_b4"),
    "timm_lite2": lambda: timm.create_model("tf_efficientnet_lite2"),
    "lm_b0": lambda: EfficientNet.from_name("efficientnet-b0"),
    "lm_b4": lambda: EfficientNet.from_name("efficientnet-b4"),
    "lp_lite0": lambda: Lite.from_name("efficientnet-lite0"),
    "lp_lite2": lambda: Lite.from_name("efficientnet-lite2"),
}


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in MODELS.items():
        lines = [
            " ".join([key, *map(str, value.shape)])
            for key, value in make().state_dict().items()
            if not key.endswith("num_batches_tracked")
        ]
        (folder / f"{name}.txt").write_text("\n".join(sorted(lines)) + "\n")


main(Path(sys.argv[1]))
