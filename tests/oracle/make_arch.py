#!/usr/bin/env python3
"""Make tests/data/arch: what the frameworks themselves say of their models.

    python3 make_arch.py [OUTPUT-FOLDER]

shapes.txt    sizes of every convolution's output, by hooks, in order of
              execution; parameters and multiply-adds
weights.txt   torchvision's published sizes, parameters and GFLOPS
presets.txt   the evaluation transforms of torchvision and timm by default (of V2
              at the test size, else at the training size)
tags.txt      the same of all weights that they publish, by tag, at the
              training and at the test size, with their classes
rounding.txt  torchvision's rounding of widths and repeats
seeded.txt    a digest of every seeded parameter of two models
"""

import pathlib
import sys

import numpy as np
import timm
import torch
import torchvision
from torchvision.models._utils import _make_divisible
from torchvision.models.efficientnet import MBConvConfig

import models
import seeded

TORCHVISION = [f"efficientnet_b{i}" for i in range(8)]
NAMES = (TORCHVISION + ["efficientnet_b8"] +
         [f"efficientnet-b{i}" for i in range(9)] +
         [f"efficientnet-lite{i}" for i in range(5)] +
         [f"{p}efficientnet_lite{i}" for p in ("", "tf_") for i in range(5)] +
         [f"tf_efficientnet_b{i}" for i in range(9)])
V2 = ["efficientnet_v2_s", "efficientnet_v2_m", "efficientnet_v2_l"]
EDGE = ["es", "em", "el"]
TIMM = ([f"efficientnetv2_{s}" for s in ("s", "m", "l", "xl", "rw_t", "rw_s",
                                         "rw_m")] +
        [f"tf_efficientnetv2_{s}" for s in ("b0", "b1", "b2", "b3", "s", "m",
                                            "l", "xl")] +
        [f"{p}efficientnet_{s}" for p in ("", "tf_")
         for s in ("es", "em", "el", "l2")] + ["test_efficientnet"])
REST = (["gc_efficientnetv2_rw_t"] +
        [f"efficientnet_{s}_pruned" for s in ("b1", "b2", "b3", "es", "el")])
WIDTHS = [k / 20 for k in range(1, 101)] + [0.01, 4.3, 1.03, 100.0]
CHANNELS = [16, 24, 32, 40, 80, 112, 192, 320, 1280]
DEPTHS = [k / 20 for k in range(1, 101)] + [0.01, 3.1, 2.6, 100.0]
REPEATS = [1, 2, 3, 4]


def trace(model, height, width):
    """Output sizes and multiply-adds of every convolution and the classifier.
    """
    sizes, macs = [], 0

    def hook(module, _, output):
        nonlocal macs
        sizes.append(tuple(output.shape[1:]) + (1,) * (4 - output.dim()))
        macs += output.numel() * module.weight[0].numel()

    handles = [m.register_forward_hook(hook) for m in model.modules()
               if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]
    with torch.no_grad():
        model(torch.empty(1, 3, height, width, device="meta"))
    for handle in handles:
        handle.remove()
    return sizes, macs


def run_lengths(sizes):
    runs = []
    for size in sizes:
        text = "x".join(map(str, size))
        if runs and runs[-1][0] == text:
            runs[-1][1] += 1
        else:
            runs.append([text, 1])
    return " ".join(t if n == 1 else f"{t}*{n}" for t, n in runs)


def nominal(name):
    if name.startswith("efficientnet-"):
        from efficientnet_lite_pytorch import EfficientNet
        return EfficientNet.get_image_size(name) if "lite" in name else (
            __import__("efficientnet_pytorch").EfficientNet.get_image_size(
                name))
    if name in V2:
        return [384, 480, 480][V2.index(name)]
    if name in TORCHVISION:
        return [224, 240, 260, 300, 380, 456, 528, 600][TORCHVISION.index(name)]
    config = timm.get_pretrained_cfg(name)
    if "v2" in name and config.test_input_size:
        return config.test_input_size[1]
    return config.input_size[1]


def shapes():
    yield ("# architecture height width parameters multiply-adds, then the "
           "outputs of convolutions")
    yield ("# (squeeze-and-excite: two) and classifier as channels x height x "
           "width")
    for name in NAMES + V2 + TIMM + REST:
        model = models.create(name)[0]
        parameters = sum(p.numel() for p in model.parameters())
        model = model.to("meta")
        size = nominal(name)
        sides = ((size, size), (97, 75), (64, 130))
        for height, width in sides[:3 if name in NAMES else 2]:
            sizes, macs = trace(model, height, width)
            yield f"{name} {height} {width} {parameters} {macs}"
            yield run_lengths(sizes)


def weights():
    yield "# architecture size parameters GFLOPS, of the first weights"
    for name in TORCHVISION + V2:
        w = next(iter(torchvision.models.get_model_weights(name)))
        yield (f"{name} {w.transforms().crop_size[0]} {w.meta['num_params']} "
               f"{w.meta['_ops']}")


def numbers(values):
    return " ".join(f"{float(v):.6g}" for v in values)


def presets():
    yield ("# family architecture resize-height resize-width crop filter, "
           "mean, std; width 0: the shorter side")
    for name in TORCHVISION + V2:
        t = next(iter(torchvision.models.get_model_weights(name))).transforms()
        yield (f"torchvision {name} {t.resize_size[0]} 0 {t.crop_size[0]} "
               f"{t.interpolation.value} {numbers(t.mean)} {numbers(t.std)}")
    for name in NAMES[8:9] + TORCHVISION + [
            n for n in NAMES if "lite" in n or n.startswith("tf_")] + TIMM + REST:
        if name.startswith("efficientnet-"):
            continue
        config = timm.data.resolve_data_config(
            pretrained_cfg=timm.get_pretrained_cfg(name).to_dict(),
            use_test_size="v2" in name)
        steps = timm.data.create_transform(**config).transforms
        resize, crop, normalise = steps[0], steps[1], steps[-1]
        size = resize.size
        size = (size, 0) if isinstance(size, int) else size
        yield (f"timm {name} {size[0]} {size[1]} {crop.size[0]} "
               f"{resize.interpolation.value} {numbers(normalise.mean)} "
               f"{numbers(normalise.std)}")


# Relatives that are no EfficientNet of the tables: other norms and blocks.
OTHERS = ("_gn", "_evos", "_ln", "blur", "_x_", "_h_", "_cc_")


def tags():
    yield ("# family name tag test-size resize-height resize-width crop filter "
           "mean std classes")
    for name in TORCHVISION + V2:
        for weights in torchvision.models.get_model_weights(name):
            t = weights.transforms()
            yield (f"torchvision {name} {weights.name.lower()} 0 "
                   f"{t.resize_size[0]} 0 {t.crop_size[0]} "
                   f"{t.interpolation.value} {numbers(t.mean)} "
                   f"{numbers(t.std)} {len(weights.meta['categories'])}")
    for name, tagged in timm.models.efficientnet.default_cfgs.items():
        if "efficientnet" not in name or any(o in name for o in OTHERS):
            continue
        for tag, config in tagged.cfgs.items():
            for test in 0, 1:
                steps = timm.data.create_transform(
                    **timm.data.resolve_data_config(
                        pretrained_cfg=config.to_dict(),
                        use_test_size=bool(test))).transforms
                resize, crop, normalise = steps[0], steps[1], steps[-1]
                size = resize.size
                size = (size, 0) if isinstance(size, int) else size
                yield (f"timm {name} {tag} {test} {size[0]} {size[1]} "
                       f"{crop.size[0]} {resize.interpolation.value} "
                       f"{numbers(normalise.mean)} {numbers(normalise.std)} "
                       f"{config.num_classes}")


def rounding():
    yield "# width factor, then " + " ".join(map(str, CHANNELS)) + " scaled"
    for w in WIDTHS:
        yield f"w {w!r} " + " ".join(
            str(_make_divisible(c * w, 8)) for c in CHANNELS)
    yield "# depth factor, then " + " ".join(map(str, REPEATS)) + " scaled"
    for d in DEPTHS:
        yield f"d {d!r} " + " ".join(
            str(MBConvConfig.adjust_depth(r, d)) for r in REPEATS)


def seeded_digests():
    yield ("# architecture seed, then parameter, elements, bits of the first "
           "and the last, sum of all bits")
    for name, seed in (("efficientnet_b0", 1),
                       ("efficientnet-lite0", 0xFEDCBA9876543210),
                       ("test_efficientnet", 3), ("efficientnet_es", 4),
                       ("gc_efficientnetv2_rw_t", 5),
                       ("efficientnet_b1_pruned", 6)):
        model, family = models.create(name, 10)
        yield f"{name} {seed}"
        names = seeded.NAMES[family](model)
        for key, values in seeded.seeded_state(model, family, seed).items():
            module, _, part = key.rpartition(".")
            bits = values.ravel().view(np.uint32)
            yield (f"{names[module][0]}.{part} {bits.size} {bits[0]:08x} "
                   f"{bits[-1]:08x} {int(bits.astype(np.uint64).sum()):x}")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                          pathlib.Path(__file__).parent.parent / "data/arch")
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (("weights", weights), ("presets", presets), ("tags", tags),
                        ("rounding", rounding), ("seeded", seeded_digests),
                        ("shapes", shapes)):
        (folder / f"{name}.txt").write_text("\n".join(lines()) + "\n")


if __name__ == "__main__":
    main()
