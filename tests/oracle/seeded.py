"""The seeded generator of docs/seeded.md, in numpy: the twin of
lib/arch/seeded.c, for filling the models of other frameworks.

The mapping from a framework's names to the canonical ones is made here from
the framework's own modules; nothing is read from the library.
"""

import math

import numpy as np

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15

# Gains of convolution weights by the layer's role.
GAINS = {
    "stem": 1.0,
    "conv": 1.0,
    "expand": 0.9,
    "depthwise": 1.4,
    "project": 1.4,
    "head": 0.9,
}
ATTEND_GAIN = 2.0
SE_REDUCE_GAIN = 2.0
SE_EXPAND_GAIN = 2.0
CLASSIFIER_GAIN = 8.0
RESIDUAL = 0.3


def mix_int(x):
    x &= MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def fnv1a(name):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def uniform(seed, name, count):
    """`count` doubles in (-1, 1)."""
    key = mix_int(mix_int(seed + GOLDEN) ^ fnv1a(name))
    with np.errstate(over="ignore"):
        x = np.arange(1, count + 1, dtype=np.uint64)
        x = x * np.uint64(GOLDEN) + np.uint64(key)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    top = (x >> np.uint64(40)).astype(np.float64)
    return (2 * top + 1) / 16777216.0 - 1.0


def by_fan_in(gain, shape):
    return 0.0, gain * math.sqrt(3.0 / (int(np.prod(shape)) // shape[0]))


def distribution(name, shape, residual):
    """Centre and spread of a parameter's values."""
    layer, _, part = name.rpartition(".")
    last = layer.split(".")[-2:-1] in (["project"], ["conv"])
    scale = RESIDUAL if residual and last else 1.0
    if layer.endswith("context.attend"):
        return by_fan_in(ATTEND_GAIN, shape) if part == "weight" else (
            0.0, 0.5)
    if layer.endswith("context.norm"):
        return (1.0, 0.5) if part == "weight" else (0.0, 0.5)
    if layer.endswith((".se.reduce", ".context.reduce")):
        return by_fan_in(SE_REDUCE_GAIN, shape) if part == "weight" else (
            0.0, 0.5)
    if layer.endswith((".se.expand", ".context.expand")):
        return by_fan_in(SE_EXPAND_GAIN, shape) if part == "weight" else (
            1.5, 0.5)
    if layer == "classifier":
        return by_fan_in(CLASSIFIER_GAIN, shape) if part == "weight" else (
            0.0, 0.5)
    if layer.endswith(".conv"):
        return by_fan_in(GAINS[layer.split(".")[-2]], shape)
    return {
        "weight": (scale, 0.5 * scale),
        "bias": (0.0, 0.5 * scale),
        "running_mean": (0.0, 0.5),
        "running_var": (1.0, 0.5),
    }[part]


def values(seed, name, shape, residual=False):
    centre, spread = distribution(name, shape, residual)
    u = uniform(seed, name, int(np.prod(shape)))
    return (centre + spread * u).astype(np.float32).reshape(shape)


def input_values(seed, shape):
    """An input batch: uniform in (-2, 2)."""
    u = uniform(seed, "input", int(np.prod(shape)))
    return (2.0 * u).astype(np.float32).reshape(shape)


# ---------------------------------------------------------------------------
# Names of the frameworks

TV_PARTS = [("expand.conv", "expand.bn"), ("depthwise.conv", "depthwise.bn"),
            "se", ("project.conv", "project.bn")]
# By class and number of modules.
TV_BLOCKS = {
    ("MBConv", 4): TV_PARTS,
    ("MBConv", 3): TV_PARTS[1:],
    ("FusedMBConv", 2): [TV_PARTS[0], TV_PARTS[3]],
    ("FusedMBConv", 1): [("conv.conv", "conv.bn")],
}


def torchvision_names(model):
    """Module name -> (canonical prefix, is its block residual)."""
    last = len(model.features) - 1
    names = {"features.0.0": ("stem.conv", False),
             "features.0.1": ("stem.bn", False),
             f"features.{last}.0": ("head.conv", False),
             f"features.{last}.1": ("head.bn", False),
             "classifier.1": ("classifier", False)}
    for s in range(last - 1):
        for b, block in enumerate(model.features[s + 1]):
            place = f"features.{s + 1}.{b}.block"
            canonical = f"blocks.{s}.{b}"
            parts = TV_BLOCKS[type(block).__name__, len(block.block)]
            for j, part in enumerate(parts):
                if part == "se":
                    names[f"{place}.{j}.fc1"] = (f"{canonical}.se.reduce",
                                                 False)
                    names[f"{place}.{j}.fc2"] = (f"{canonical}.se.expand",
                                                 False)
                else:
                    for k in range(2):
                        names[f"{place}.{j}.{k}"] = (
                            f"{canonical}.{part[k]}", block.use_res_connect)
    return names


def timm_names(model):
    names = {"conv_stem": ("stem.conv", False), "bn1": ("stem.bn", False),
             "conv_head": ("head.conv", False), "bn2": ("head.bn", False),
             "classifier": ("classifier", False)}
    separable = {"conv_dw": "depthwise.conv", "bn1": "depthwise.bn",
                 "conv_pw": "project.conv", "bn2": "project.bn"}
    inverted = {"conv_pw": "expand.conv", "bn1": "expand.bn",
                "conv_dw": "depthwise.conv", "bn2": "depthwise.bn",
                "conv_pwl": "project.conv", "bn3": "project.bn"}
    excite = {"se.conv_reduce": "se.reduce", "se.conv_expand": "se.expand",
              "se.conv_attn": "context.attend",
              "se.mlp_scale.fc1": "context.reduce",
              "se.mlp_scale.norm": "context.norm",
              "se.mlp_scale.fc2": "context.expand"}
    fused = {"conv_exp": "expand.conv", "bn1": "expand.bn",
             "conv_pwl": "project.conv", "bn2": "project.bn"}
    tables = {"DepthwiseSeparableConv": {**separable, **excite},
              "InvertedResidual": {**inverted, **excite},
              "EdgeResidual": fused,
              "ConvBnAct": {"conv": "conv.conv", "bn1": "conv.bn"}}
    for s, stage in enumerate(model.blocks):
        for b, block in enumerate(stage):
            table = tables[type(block).__name__]
            for ours, theirs in table.items():
                names[f"blocks.{s}.{b}.{ours}"] = (f"blocks.{s}.{b}.{theirs}",
                                                   block.has_skip)
    return names


def lm_names(model):
    names = {"_conv_stem": ("stem.conv", False), "_bn0": ("stem.bn", False),
             "_conv_head": ("head.conv", False), "_bn1": ("head.bn", False),
             "_fc": ("classifier", False)}
    table = {"_expand_conv": "expand.conv", "_bn0": "expand.bn",
             "_depthwise_conv": "depthwise.conv", "_bn1": "depthwise.bn",
             "_se_reduce": "se.reduce", "_se_expand": "se.expand",
             "_project_conv": "project.conv", "_bn2": "project.bn"}
    stage, place, width = -1, 0, None
    for i, block in enumerate(model._blocks):
        args = block._block_args
        place += 1
        if args.output_filters != width:
            stage, place, width = stage + 1, 0, args.output_filters
        residual = (args.id_skip and args.stride == 1 and
                    args.input_filters == args.output_filters)
        for theirs, ours in table.items():
            names[f"_blocks.{i}.{theirs}"] = (
                f"blocks.{stage}.{place}.{ours}", residual)
    return names


NAMES = {"torchvision": torchvision_names, "timm": timm_names,
         "lm": lm_names, "lp": lm_names}


def seeded_state(model, family, seed):
    """The model's state dict with seeded values, as float32 arrays."""
    names = NAMES[family](model)
    state = {}
    for key, tensor in model.state_dict().items():
        module, _, part = key.rpartition(".")
        if part == "num_batches_tracked":
            continue
        prefix, residual = names[module]
        state[key] = values(seed, f"{prefix}.{part}", tuple(tensor.shape),
                            residual)
    return state


def fill(model, family, seed):
    """Give `model` seeded weights, whatever its element type."""
    import torch

    state = {k: torch.from_numpy(v)
             for k, v in seeded_state(model, family, seed).items()}
    missing, extra = model.load_state_dict(state, strict=False)
    missing = [k for k in missing if not k.endswith("num_batches_tracked")]
    assert not missing and not extra, (missing, extra)
    return model.eval()
