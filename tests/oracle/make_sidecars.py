#!/usr/bin/env python3
"""Makes tests/data/sidecars: what timm and transformers put beside a
checkpoint, written by their own code, and what they make of it themselves.

steps.txt: folder, architecture, classes, input channels, whether the test size
is wanted (-1: not said), then what timm builds: padding, epsilon, activation,
mode, resize, crop, filter, mean, std, and the last label ("-": none).
processors.txt: folder, a picture of make_pixels.py, and the SHA-256 of what
transformers makes of it.
networks.txt: folder, width, depth, resolution, height, width, seed, where in
values.npy the logits of transformers' model in float64 are, and how far its
float32 is from them.
"""

import hashlib
import json
import pathlib
import sys

import numpy as np
import timm
import torch
from timm.data import create_transform, resolve_data_config
from timm.models import _hub
from torchvision import transforms
from transformers import EfficientNetConfig, EfficientNetForImageClassification
from transformers.models.efficientnet.image_processing_pil_efficientnet import (
    EfficientNetImageProcessorPil)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import seeded  # noqa: E402
from make_pixels import picture  # noqa: E402

OUT = (pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else
       pathlib.Path(__file__).parent.parent / "data/sidecars")
FILTERS = {"nearest": 0, "bilinear": 1, "bicubic": 2}
ACTIVATIONS = {"SiLU": 0, "ReLU6": 1, "ReLU": 2}


# ---------------------------------------------------------------------------
# timm

def flat(config):
    """As timm wrote it until 2022: one object, and "labels"."""
    found = dict(config["pretrained_cfg"])
    found.update(architecture=config["architecture"],
                 num_features=config["num_features"],
                 labels=config["label_names"])
    return found


def bare(config):
    """Nothing of the pictures: timm's defaults."""
    return {"architecture": config["architecture"],
            "num_classes": config["num_classes"], "pretrained_cfg": {}}


CASES = [
    # folder, model, arguments, save_config_for_hf's, change, test sizes
    ("timm-ap", "tf_efficientnet_b0.ap_in1k", {"num_classes": 5},
     {"model_config": {"label_names": list("abcde"),
                       "label_descriptions": {"e": "the \u00e9pagneul"}}},
     None, (-1,)),
    ("timm-test-size", "efficientnet_b1.ra4_e3600_r240_in1k",
     {"num_classes": 3}, {}, None, (-1, 0, 1)),
    ("timm-squash", "tf_efficientnetv2_b3.in21k_ft_in1k", {"num_classes": 2},
     {}, None, (-1, 0)),
    ("timm-arguments", "test_efficientnet.r160_in1k",
     {"num_classes": 4, "in_chans": 1, "act_layer": "relu", "bn_eps": 0.01,
      "pad_type": "same"}, {}, None, (-1,)),
    ("timm-border", "efficientnet_b0.ra_in1k", {"num_classes": 3},
     {"data_config": {"crop_mode": "border", "interpolation": "bilinear",
                      "input_size": (3, 190, 190), "crop_pct": 0.93,
                      "mean": (0.4, 0.41, 0.42), "std": (0.2, 0.25, 0.3)}},
     None, (-1,)),
    ("timm-flat", "tf_efficientnet_lite0.in1k", {"num_classes": 2},
     {"model_config": {"label_names": ["no", "yes"]}}, flat, (-1,)),
    ("timm-bare", "tf_efficientnet_b0.aa_in1k", {"num_classes": 2}, {}, bare,
     (-1,)),
]


def steps_of(transform):
    """mode, resize, crop, filter, mean, std of timm's evaluation."""
    resize, crop, _, normalize = transform.transforms
    if isinstance(resize, transforms.Resize):
        one = isinstance(resize.size, int)
        mode = 1 if one else 3
        size = (resize.size, 0) if one else tuple(resize.size)
        number = FILTERS[resize.interpolation.value]
    else:
        assert resize.longest == 1.0
        mode, size = 4, tuple(resize.size)
        number = FILTERS[resize.interpolation.value]
    crop = crop.size
    crop = (crop, crop) if isinstance(crop, int) else tuple(crop)
    norm = [t.tolist() * (3 if len(t) == 1 else 1)
            for t in (normalize.mean, normalize.std)]
    return [mode, *size, *crop, number, *norm[0], *norm[1]]


def write_timm(out):
    for folder, name, arguments, more, change, sizes in CASES:
        model = timm.create_model(name, pretrained=False, **arguments)
        path = OUT / folder / "config.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        _hub.save_config_for_hf(model, str(path), **more)
        if change is not None:
            path.write_text(json.dumps(change(json.loads(path.read_text())),
                                       indent=2))
        config = json.loads(path.read_text())
        read, architecture, built = _hub._parse_model_cfg(config, {})
        again = timm.create_model(
            architecture, pretrained=False, pretrained_cfg=read,
            **{**built, "num_classes": read["num_classes"]})
        label = "-"
        if read.get("label_names"):
            label = read["label_names"][-1]
            label = (read.get("label_descriptions") or {}).get(label, label)
        same = type(again.conv_stem).__name__ == "Conv2dSame"
        for size in sizes:
            v2 = "v2" in name or "rw" in name or "test" in name
            wanted = size == 1 or (size == -1 and v2)
            data = resolve_data_config({}, pretrained_cfg=read,
                                       use_test_size=wanted)
            chosen = steps_of(create_transform(**data, is_training=False))
            out.write(" ".join(map(str, [
                folder, architecture, read["num_classes"],
                again.conv_stem.weight.shape[1], size, int(same),
                again.bn1.eps, ACTIVATIONS[type(again.bn1.act).__name__],
                *chosen, label.replace(" ", "_")])) + "\n")


# ---------------------------------------------------------------------------
# transformers

def write_processors(out):
    half = [0.5, 0.5, 0.5]
    cases = {
        "hf-default": {"size": {"height": 24, "width": 24}},
        "hf-old": {"size": {"height": 21, "width": 30}, "resample": 0,
                   "image_mean": [0.485, 0.456, 0.406],
                   "image_std": [0.47853944, 0.4732864, 0.47434163]},
        "hf-crop": {"size": {"shortest_edge": 26}, "do_center_crop": True,
                    "crop_size": {"height": 20, "width": 23},
                    "include_top": False, "resample": 2},
        "hf-offset": {"do_resize": False, "rescale_factor": 1 / 127.5,
                      "rescale_offset": True, "do_normalize": False,
                      "include_top": False},
        "hf-raw": {"size": {"shortest_edge": 19}, "do_rescale": False,
                   "image_mean": half, "image_std": 0.25},
    }
    for n, (folder, more) in enumerate(cases.items()):
        processor = EfficientNetImageProcessorPil(**more)
        processor.save_pretrained(OUT / folder)
        processor = EfficientNetImageProcessorPil.from_pretrained(OUT / folder)
        width, height = 37 + n, 45 - n
        found = processor(picture(width, height, n), return_tensors="np")
        found = np.ascontiguousarray(
            found["pixel_values"][0].astype(np.float32))
        out.write(f"{folder} {width} {height} {n} {found.shape[1]} "
                  f"{found.shape[2]} "
                  f"{hashlib.sha256(found.tobytes()).hexdigest()}\n")


def canonical(model):
    """Module name -> (canonical prefix, is its block residual)."""
    names = {"efficientnet.embeddings.convolution": ("stem.conv", False),
             "efficientnet.embeddings.batchnorm": ("stem.bn", False),
             "efficientnet.encoder.top_conv": ("head.conv", False),
             "efficientnet.encoder.top_bn": ("head.bn", False),
             "classifier": ("classifier", False)}
    parts = [("expansion.expand_conv", "expand.conv"),
             ("expansion.expand_bn", "expand.bn"),
             ("depthwise_conv.depthwise_conv", "depthwise.conv"),
             ("depthwise_conv.depthwise_norm", "depthwise.bn"),
             ("squeeze_excite.reduce", "se.reduce"),
             ("squeeze_excite.expand", "se.expand"),
             ("projection.project_conv", "project.conv"),
             ("projection.project_bn", "project.bn")]
    flat_index = 0
    for s, repeats in enumerate(model.config.num_block_repeats):
        for b in range(int(np.ceil(model.config.depth_coefficient * repeats))):
            place = f"efficientnet.encoder.blocks.{flat_index}"
            for theirs, ours in parts:
                names[f"{place}.{theirs}"] = (f"blocks.{s}.{b}.{ours}", b > 0)
            flat_index += 1
    return names


def fill(model, seed):
    state = model.state_dict()
    for theirs, (ours, residual) in canonical(model).items():
        for part in ("weight", "bias", "running_mean", "running_var"):
            key = f"{theirs}.{part}"
            if key in state:
                state[key] = torch.from_numpy(seeded.values(
                    seed, f"{ours}.{part}", tuple(state[key].shape),
                    residual))
    model.load_state_dict(state)


def round_filters(channels, width):
    n = max(8, int(channels * width + 4) // 8 * 8)
    return n + 8 if n < 0.9 * channels * width else n


NETWORKS = [
    # folder, width, depth, image_size, depthwise_padding, more, height, width
    ("hf-none", 0.25, 0.3, 64, [], {}, 61, 47),
    ("hf-last", 0.25, 0.3, 64, [5], {"batch_norm_eps": 1e-2}, 64, 64),
    ("hf-some", 0.3, 0.3, 75, [1, 3, 4], {"hidden_act": "relu"}, 75, 50),
    ("hf-all", 0.25, 0.3, [62, 60], [1, 2, 3, 5], {"num_channels": 1}, 90, 33),
    ("hf-depth", 0.25, 1.1, 240, [16], {}, 53, 51),
]


# The depthwise_padding of the published google/efficientnet-bN, as transformers'
# conversion from Keras wrote it.
PUBLISHED = {0: (1.0, 1.0, 224, 1280, []), 1: (1.0, 1.1, 240, 1280, [16]),
             2: (1.1, 1.2, 260, 1408, [5, 8, 16])}

DEFAULTS = [(0, 224, 224), (0, 75, 97), (1, 61, 90), (2, 260, 130),
            (2, 65, 48)]  # N, height, width


def write_defaults(out):
    """Logits of published networks, where no config.json lies beside a file."""
    for n, (number, height, width) in enumerate(DEFAULTS):
        wide, deep, size, hidden, padding = PUBLISHED[number]
        model = EfficientNetForImageClassification(EfficientNetConfig(
            width_coefficient=wide, depth_coefficient=deep, image_size=size,
            hidden_dim=hidden, depthwise_padding=padding, num_labels=5)).eval()
        fill(model, 750 + n)
        x = torch.from_numpy(seeded.input_values(
            750 + n, (1, 3, height, width)))
        with torch.no_grad():
            single = model(x).logits
            double = model.double()(x.double()).logits[0]
        error = float((single.double() - double).abs().max() /
                      double.abs().max())
        assert error <= 5e-6, (number, error)
        out.write(f"google/efficientnet-b{number} {height} {width} {750 + n} "
                  + " ".join(f"{float(v):.9g}" for v in double) + "\n")


def write_networks(out):
    arrays, at = [], 0
    for n, (folder, width, depth, size, padding, more, h, w) in enumerate(
            NETWORKS):
        names = {0: "one", 1: "two", 2: "z\u00fcrich", 3: "four", 4: "last"}
        config = EfficientNetConfig(
            width_coefficient=width, depth_coefficient=depth, image_size=size,
            hidden_dim=round_filters(1280, width), depthwise_padding=padding,
            id2label=names, label2id={v: k for k, v in names.items()}, **more)
        model = EfficientNetForImageClassification(config).eval()
        fill(model, 700 + n)
        config.save_pretrained(OUT / folder)
        x = torch.from_numpy(seeded.input_values(
            700 + n, (1, config.num_channels, h, w)))
        with torch.no_grad():
            single = model(x).logits
            double = model.double()(x.double()).logits
        error = float((single.double() - double).abs().max() /
                      double.abs().max())
        assert error <= 5e-6, (folder, error)
        out.write(f"{folder} {width} {depth} {config.num_channels} {h} {w} "
                  f"{700 + n} {at} {error:.1e}\n")
        arrays.append(double.numpy().astype(np.float32).ravel())
        at += arrays[-1].size
    np.save(OUT / "values.npy", np.concatenate(arrays))


def main():
    torch.set_num_threads(1)
    OUT.mkdir(parents=True, exist_ok=True)
    for name, write in (("steps.txt", write_timm),
                        ("processors.txt", write_processors),
                        ("defaults.txt", write_defaults),
                        ("networks.txt", write_networks)):
        with open(OUT / name, "w", encoding="utf-8") as out:
            out.write("# made by tests/oracle/make_sidecars.py\n")
            write(out)


if __name__ == "__main__":
    main()
