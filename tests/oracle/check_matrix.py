#!/usr/bin/env python3
"""Family x container x variant: effnet's logits against the frameworks' own.

    python3 check_matrix.py LIBEFFNET.SO [FAMILY...]

Run by hand, some minutes.  The files are written by the frameworks, with random
weights and batch-norm statistics.  Prints a Markdown table: for each variant and
container the largest difference of the logits from the framework's own in
double (Keras: single), relative to the largest expected one; a dash where the
combination does not occur, "no" where the library does not load it, with its
message below.  Half and bfloat16 files are compared with the framework's model
of the rounded weights.  Exits with 1 over 2e-5.
"""

import copy
import ctypes
import pathlib
import sys
import tempfile

import numpy as np
import torch
from safetensors.torch import save_file

import frameworks
from check_nominal import F32, LOGITS, TOLERANCE, Library

ARCHITECTURE = 3
CONTAINERS = ["safetensors", "zip", "legacy", "f16", "bf16", "f64", "bin", "h5"]
TORCH = CONTAINERS[:6]
ZIP = ["zip"]

# Family, variant, arguments, --arch or None, size, containers.
ROWS = (
    [("torchvision", f"efficientnet_b{i}", {}, None, 96 + 32 * (i % 2),
      TORCH if i in (0, 4) else ZIP) for i in range(8)] +
    [("torchvision", f"efficientnet_v2_{s}", {}, None, 128,
      TORCH if s == "s" else ZIP) for s in "sml"] +
    [("timm", name, {}, name, size, TORCH if full else ["safetensors"])
     for name, size, full in (
         ("efficientnet_b0", 128, True), ("efficientnet_b3", 97, False),
         ("tf_efficientnet_b0", 128, True), ("tf_efficientnet_b4", 97, False),
         ("tf_efficientnet_b8", 96, False),
         ("efficientnet_lite0", 128, True),
         ("tf_efficientnet_lite0", 128, False),
         ("tf_efficientnet_lite4", 97, False),
         ("efficientnet_es", 128, True), ("tf_efficientnet_em", 97, False),
         ("tf_efficientnet_el", 128, False),
         ("tf_efficientnetv2_b0", 128, True),
         ("tf_efficientnetv2_b3", 97, False), ("efficientnetv2_s", 128, False),
         ("tf_efficientnetv2_m", 96, False), ("efficientnetv2_rw_t", 128, True),
         ("efficientnetv2_rw_s", 97, False),
         ("efficientnetv2_rw_m", 96, False), ("test_efficientnet", 160, True))
     ] +
    [("lm", f"efficientnet-b{i}", {}, None, size,
      ["zip", "legacy", "f16"] if i == 0 else ZIP)
     for i, size in enumerate((224, 240, 260, 300, 380))] +
    [("lp", f"efficientnet-lite{i}", {}, None, size,
      ["zip", "legacy", "f16"] if i == 0 else ZIP)
     for i, size in enumerate((224, 240, 260, 280, 300))] +
    [("transformers", f"b{i}", {}, None, size,
      ["safetensors", "bin"] if i < 2 else ["safetensors"])
     for i, size in enumerate((224, 240, 260, 300))] +
    [("keras", name, {}, None, size, ["h5"])
     for name, size in (("EfficientNetB0", 224), ("EfficientNetB1", 240),
                        ("EfficientNetV2B0", 224))]
)


def load(library, path, architecture):
    options = library.made("options_create")
    if architecture:
        library.call("options_set_string", options, ARCHITECTURE,
                     architecture.encode())
    try:
        return library.made("model_load_file", str(path).encode(), options)
    finally:
        library.lib.effnet_options_free(options)


def run(library, path, architecture, x):
    model = load(library, path, architecture)
    session = library.made("session_create", model, None)
    shape = (ctypes.c_int64 * 4)(*x.shape)
    x = np.ascontiguousarray(x, np.float32)
    tensor = library.made("tensor_wrap", F32, 4, shape,
                          x.ctypes.data_as(ctypes.c_void_p),
                          ctypes.c_size_t(x.nbytes), None, None)
    library.call("session_run", session, tensor)
    found = library.output(session, LOGITS)
    library.lib.effnet_tensor_free(tensor)
    library.lib.effnet_session_free(session)
    library.lib.effnet_model_release(model)
    return found.double()


def write(model, container, folder):
    """The file, and the model whose weights it holds."""
    types = {"f16": torch.float16, "bf16": torch.bfloat16,
             "f64": torch.float64}
    if container in types:
        model = copy.deepcopy(model).to(types[container])
    state = model.state_dict()
    path = folder / f"weights-{container}.pth"
    if container == "safetensors":
        path = folder / "weights.safetensors"
        save_file(state, path, {"format": "pt"})
    elif container == "bin":
        path = folder / "pytorch_model.bin"
        torch.save(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=(
            container != "legacy"))
    return path, model


def torch_row(library, row, folder):
    """By container: the difference, or the library's message."""
    family, name, arguments, architecture, size, containers = row
    model = frameworks.randomise(
        frameworks.create(family, name, **arguments), len(name) + size)
    x = frameworks.picture(size)
    expected = {}
    for container in containers:
        path, written = write(model, container, folder)
        key = container if container in ("f16", "bf16") else ""
        if key not in expected:
            expected[key] = frameworks.logits(written, x)
        try:
            found = run(library, path, architecture, x.numpy())
            yield container, frameworks.relative(found, expected[key])
        except RuntimeError as error:
            yield container, str(error)
        path.unlink()


def keras_row(library, row, folder):
    """The network behind the layers that prepare pixels."""
    import h5py
    import keras
    from keras.src.legacy.saving import legacy_h5_format
    _, name, _, _, size, _ = row
    v2 = {"include_preprocessing": False} if "V2" in name else {}
    model = getattr(keras.applications, name)(
        weights=None, classifier_activation=None,
        input_shape=(size, size, 3), **v2)
    generator = np.random.default_rng(size)
    for layer in model.layers:
        values = layer.get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            ranges = ((0.4, 0.9), (-0.3, 0.3), (-0.3, 0.3), (0.5, 1.5))
            layer.set_weights([generator.uniform(*r, v.shape)
                               for r, v in zip(ranges, values)])
    x = frameworks.picture(size).numpy()
    if v2:
        network = model
    else:
        network = keras.Model(model.get_layer("stem_conv_pad").input,
                              model.output)
    expected = network.predict(x.transpose(0, 2, 3, 1), verbose=0)[0]
    path = folder / f"{name.lower()}.h5"
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    try:
        found = run(library, path, None, x)
        yield "h5", frameworks.relative(
            found, torch.from_numpy(expected).double())
    except RuntimeError as error:
        yield "h5", str(error)


def main():
    library, families = Library(sys.argv[1]), sys.argv[2:]
    messages, worst = [], 0.0
    print("| family | variant | size |", " | ".join(CONTAINERS), "|")
    print("|---" * (3 + len(CONTAINERS)) + "|")
    for row in ROWS:
        if families and row[0] not in families:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            make = keras_row if row[0] == "keras" else torch_row
            cells = dict(make(library, row, pathlib.Path(scratch)))
        shown = []
        for container in CONTAINERS:
            value = cells.get(container, "-")
            if isinstance(value, float):
                worst = max(worst, value)
                value = f"{value:.1e}"
            elif value != "-":
                messages.append(f"{row[1]}: {value}")
                value = "no"
            shown.append(value)
        print(f"| {row[0]} | {row[1]} | {row[4]} |", " | ".join(shown), "|",
              flush=True)
    print(f"\nlargest difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    for message in messages:
        print(message)
    sys.exit(worst > TOLERANCE)


if __name__ == "__main__":
    main()
