#!/usr/bin/env python3
"""Make tests/data/names: the parameters of each project's own models, and of
networks that look like them, a line each: name, then shape.

    make_names.py

Needs torchvision, timm, efficientnet-pytorch, efficientnet-lite-pytorch and
transformers.
"""
import pathlib

import timm
import torchvision
import transformers
from efficientnet_lite_pytorch import EfficientNet as Lite
from efficientnet_pytorch import EfficientNet


def huggingface(kind, width, depth, head):
    config = transformers.EfficientNetConfig(
        width_coefficient=width,
        depth_coefficient=depth,
        hidden_dim=head,
        num_labels=1000,
    )
    return getattr(transformers, kind)(config)


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
    "torchvision_v2_s": torchvision.models.efficientnet_v2_s,
    "timm_es": lambda: timm.create_model("efficientnet_es"),
    "timm_v2_b0": lambda: timm.create_model("tf_efficientnetv2_b0"),
    "timm_v2_rw_s": lambda: timm.create_model("efficientnetv2_rw_s"),
    "hf_b0": lambda: huggingface(
        "EfficientNetForImageClassification", 1.0, 1.0, 1280
    ),
    "hf_b3_bare": lambda: huggingface("EfficientNetModel", 1.2, 1.4, 1536),
    "timm_b1_pruned": lambda: timm.create_model("efficientnet_b1_pruned"),
    "timm_gc_rw_t": lambda: timm.create_model("gc_efficientnetv2_rw_t"),
    "timm_features_b0": lambda: timm.create_model(
        "efficientnet_b0", features_only=True
    ),
    # not to be taken for one of the above
    "other_mixnet_s": lambda: timm.create_model("mixnet_s"),
    "other_mobilenetv3": lambda: timm.create_model("mobilenetv3_large_100"),
    "other_mobilenet_v2": torchvision.models.mobilenet_v2,
}

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/data/names"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, make in MODELS.items():
        lines = [
            " ".join([key, *map(str, value.shape)])
            for key, value in make().state_dict().items()
            if not key.endswith("num_batches_tracked")
        ]
        (OUT / f"{name}.txt").write_text("\n".join(sorted(lines)) + "\n")


main()
