#!/usr/bin/env python3
"""Compare Keras files as effnet runs them with Keras itself.

    check_keras.py make FOLDER [MODEL ...]
    check_keras.py compare FOLDER EFFNET

`make` builds models of Keras 3 (or, as "tf_keras:EfficientNetB0", of Keras 2)
with random weights and batch statistics, and writes for each a .h5 file, an
input and Keras' logits and embedding, in float64.  `compare` runs the command
on each file and prints the largest difference relative to the largest value.
Both steps are apart, since Keras needs gigabytes.
"""
import pathlib
import subprocess
import sys

import numpy as np

MODELS = [
    "EfficientNetB0",
    "EfficientNetB3",
    "EfficientNetV2B0",
    "EfficientNetV2S",
    "tf_keras:EfficientNetB0",
    "tf_keras:EfficientNetV2B0",
]


def randomise(model, rng):
    """Values that keep activations near 1, with real batch statistics."""
    for layer in model.layers:
        values = []
        for value in layer.get_weights():
            shape = value.shape
            values.append(rng.standard_normal(shape) if shape else value)
        kind = type(layer).__name__
        if kind == "BatchNormalization":
            gamma, beta, mean, variance = values
            # branches add little, or float32 itself would lose digits
            scale = 0.3 if layer.name.endswith("project_bn") else 1
            layer.set_weights(
                [(1 + gamma / 5) * scale, beta / 5 * scale, mean / 5,
                 0.5 + abs(variance)]
            )
        elif kind in ("Conv2D", "DepthwiseConv2D", "Dense"):
            kernel = values[0]
            taps = kernel.shape[:2] if kind == "DepthwiseConv2D" else (
                kernel.shape[:-1])
            values[0] = kernel * 1.4 / np.sqrt(np.prod(taps))
            layer.set_weights(values)


def make(folder, name):
    package, _, kind = name.rpartition(":")
    if package == "tf_keras":
        import tf_keras as keras
    else:
        import keras
    keras.backend.set_floatx("float64")
    rng = np.random.default_rng(len(name))
    model = getattr(keras.applications, kind)(
        weights=None, classifier_activation=None,
        **({"include_preprocessing": False} if "V2" in kind else {}),
    )
    randomise(model, rng)
    # float32 values, so that the file holds what is run
    for layer in model.layers:
        layer.set_weights(
            [w.astype("float32").astype(w.dtype) for w in layer.get_weights()]
        )
    side = model.input_shape[1]
    image = rng.standard_normal((1, side, side, 3)).astype("float32")
    # V1 begins with scaling and normalisation: what comes behind them
    start = next(l for l in model.layers if l.name.startswith("stem_conv"))
    pool = next(l for l in model.layers if l.name == "avg_pool")
    inner = keras.Model(start.input, [model.output, pool.output])
    logits, embedding = inner.predict(image.astype("float64"), verbose=0)
    stem = folder / name.replace(":", "-")
    np.save(f"{stem}.input.npy", image.transpose(0, 3, 1, 2).copy())
    np.save(f"{stem}.logits.npy", logits)
    np.save(f"{stem}.embedding.npy", embedding)
    keras.backend.set_floatx("float32")
    single = getattr(keras.applications, kind)(
        weights=None, classifier_activation=None,
        **({"include_preprocessing": False} if "V2" in kind else {}),
    )
    single.set_weights(model.get_weights())
    if package == "tf_keras":
        single.save_weights(f"{stem}.h5")
    else:  # the legacy form of a whole model
        single.save(f"{stem}.h5")
    print(name, "written", flush=True)


def compare(folder, effnet):
    for path in sorted(folder.glob("*.h5")):
        stem = str(path)[:-3]
        for what in ("logits", "embedding"):
            expected = np.load(f"{stem}.{what}.npy")
            out = folder / "out.npy"
            subprocess.run(
                [effnet, "run", "-m", path, f"{stem}.input.npy", "-o", out,
                 "--output", what], check=True)
            found = np.load(out).reshape(expected.shape)
            error = np.abs(found - expected).max() / np.abs(expected).max()
            print(f"{path.name} {what}: {error:.2e}", flush=True)


def main():
    step, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if step == "make":
        folder.mkdir(parents=True, exist_ok=True)
        for name in sys.argv[3:] or MODELS:
            make(folder, name)
    else:
        compare(folder, sys.argv[3])


main()
