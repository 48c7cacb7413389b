#!/usr/bin/env python3
"""Make tests/data/maps: feature maps of seeded models by their own frameworks.

    python3 make_maps.py [OUTPUT-FOLDER]

The reference is the framework's model in float64: timm's features_only for
the maps at each reduction and its forward_features for the final one;
torchvision's stages; EfficientNet-PyTorch's extract_endpoints.  The class maps
are the sums over the channels of the final map times each class's weights, as
another map with a channel per class.  Beside each golden stands how far the
framework's own float32 run is off, relative to the largest expected value,
which must not exceed 5e-6.  Made with the versions that make_goldens.py names.
"""

import torch

import goldens

FINAL, REDUCTIONS = 4, (2, 4, 8, 16, 32)
CLASS_MAPS = 0  # no output's number

# architecture, height, width, batch, channels, classes
CASES = [
    ("efficientnet_b0", 33, 47, 1, 3, 7),
    ("efficientnet_v2_s", 24, 33, 1, 3, 7),
    ("tf_efficientnet_b0", 31, 26, 1, 3, 7),
    ("efficientnet_lite0", 32, 25, 1, 3, 7),
    ("tf_efficientnet_lite1", 25, 32, 1, 3, 7),
    ("efficientnet_es", 26, 31, 1, 1, 7),
    ("tf_efficientnetv2_b0", 33, 31, 2, 3, 7),
    ("gc_efficientnetv2_rw_t", 32, 17, 1, 3, 7),
    ("efficientnet_b1_pruned", 27, 32, 1, 3, 7),
    ("test_efficientnet", 33, 47, 2, 3, 7),
    ("efficientnet-b0", 48, 56, 1, 3, 7),
]


def torchvision_maps(model, x):
    """The last map of each size: behind it the next stage strides."""
    maps = []
    for stage in model.features[:-1]:
        y = stage(x)
        if y.shape[-1] == x.shape[-1]:
            maps.pop()
        maps.append(y)
        x = y
    return [*maps, model.features[-1](x)]


def timm_maps(model, name, case, x):
    import timm

    features = timm.create_model(name, features_only=True, in_chans=case[4])
    assert features.feature_info.reduction() == list(REDUCTIONS)
    state = model.state_dict()
    features.load_state_dict({k: state[k] for k in features.state_dict()})
    features = features.eval().to(x.dtype)
    return [*features(x), model.forward_features(x)]


def lm_maps(model, x):
    found = model.extract_endpoints(x)
    return [found[f"reduction_{i}"] for i in range(1, 7)]


def maps_of(model, family, case, x):
    if family == "torchvision":
        maps = torchvision_maps(model, x)
    elif family == "timm":
        maps = timm_maps(model, case[0], case, x)
    else:
        maps = lm_maps(model, x)
    linear = {"torchvision": lambda: model.classifier[1],
              "timm": lambda: model.classifier,
              "lm": lambda: model._fc}[family]()
    maps.append(torch.einsum("kc,nchw->nkhw", linear.weight, maps[-1]))
    return maps


def main():
    folder = goldens.folder("maps")
    values = goldens.Values()
    codes = [*(100 + r for r in REDUCTIONS), FINAL, CLASS_MAPS]
    for case, seed, (maps, errors) in goldens.each(CASES, 3000, maps_of):
        assert len(maps) == len(codes), case
        for code, array, error in zip(codes, maps, errors):
            at = values.add(array)
            values.line(*case, seed, code, *array.shape[1:], at, f"{error:.1e}")
    values.write(folder, "architecture height width batch channels classes seed "
                 "output map-channels map-height map-width start error32",
                 "output: EFFNET_OUTPUT_*, 0 the class maps; in values.npy from "
                 "`start`;", "made by tests/oracle/make_maps.py")


if __name__ == "__main__":
    main()
