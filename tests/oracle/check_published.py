#!/usr/bin/env python3
"""Compare the effnet command with results that others published.

    check_published.py EFFNET SHARED [CACHE]

EFFNET is the program; SHARED the folder with torchvision_expect,
reference_images and weights; CACHE where efficientnet-lite2 was fetched to.

1  torchvision's own expectations: its test seeds torch with 0, makes a model of
   50 classes, and runs torch.rand.  The largest difference is relative to the
   largest expected value; v2_s upstream comes from another build, so of it only
   the best class counts.  torch's own result here stands beside ours.
2  pictures with a published best class.
3  activations of EfficientNet-PyTorch's B0 at 224: its author's of the first two
   blocks, and PyTorch's of each stage.  The file lacks the last block's
   projection, the head and the classifier, which come after them: zeros.

Needs torch, torchvision and safetensors; libeffnet.so beside the program.
"""
import ctypes
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torchvision
from safetensors.torch import load_file, save_file

from check_nominal import F32, Library

KEEP_LAYERS = 26
# Whose output each array is.
LAYERS = {
    "golden_block1_activations.npz": {
        "expand_conv_in": "blocks.0.0.project",
        "swish1_out": "blocks.1.0.depthwise",
        "mbconv_out": "blocks.1.0.project"},
    "torch_stage_outputs_for_inputs.npz": {
        "o0": "blocks.0.0.project", "o1": "blocks.1.0.project",
        "o2": "blocks.1.1.project", "o3": "blocks.2.1.project",
        "o4": "blocks.3.2.project", "o5": "blocks.4.2.project",
        "o6": "blocks.5.3.project"}}
LACKING = {"_blocks.15._project_conv.weight": (320, 1152, 1, 1),
           "_conv_head.weight": (1280, 320, 1, 1), "_fc.weight": (1000, 1280)}

PICTURES = [
    ("pytorch_hub", "dog", {258}),
    ("lukemelas_examples", "img", {388}),
    ("keras_applications", "elephant", {386, 101}),
    ("google_automl", "img1", {162}),
]


def relative(found, expected):
    return np.abs(found - expected).max() / np.abs(expected).max()


def expectations(effnet, folder, scratch):
    for name in ("efficientnet_b0", "efficientnet_b5", "efficientnet_v2_s"):
        torch.manual_seed(0)
        model = getattr(torchvision.models, name)(num_classes=50).eval()
        x = torch.rand(1, 3, 224, 224)
        with torch.no_grad():
            here = model(x).numpy()
        weights, image, output = (scratch / f for f in
                                  (f"{name}.pth", "x.npy", "y.npy"))
        torch.save(model.state_dict(), weights)
        np.save(image, x.numpy())
        subprocess.run([effnet, "run", "-m", weights, image, "-o", output],
                       check=True)
        found = np.load(output)
        expected = torch.load(folder / f"ModelTester.test_{name}_expect.pkl",
                              weights_only=True).detach().numpy()
        print(f"{name:18} largest {np.abs(expected).max():.3e}  "
              f"effnet {relative(found, expected):.1e}  "
              f"torch {relative(here, expected):.1e}  "
              f"effnet to torch {relative(found, here):.1e}  best class "
              f"{found.argmax()} expected {expected.argmax()}", flush=True)


def pictures(effnet, folder, models):
    for model in models:
        if not model.exists():
            continue
        for place, stem, classes in PICTURES:
            for path in sorted((folder / place).rglob(f"{stem}.*")):
                text = subprocess.run(
                    [effnet, "classify", "-m", model, "-k", "1", "--format", "csv", path],
                    capture_output=True, text=True).stdout.splitlines()[-1]
                text = ",".join(text.split(",")[-4:])
                print(f"{model.name:32} {place}/{path.name:14} expected "
                      f"{sorted(classes)}: {text}", flush=True)


def layers_of(library, path, x):
    """Each layer's output, by its canonical name."""
    lib = library.lib
    lib.effnet_session_layer_name.restype = ctypes.c_char_p
    lib.effnet_tensor_dimension.restype = ctypes.c_int64
    lib.effnet_tensor_const_data.restype = ctypes.POINTER(ctypes.c_float)
    options = library.made("options_create")
    library.call("options_set_int", options, KEEP_LAYERS, ctypes.c_int64(1))
    model = library.made("model_load_file", str(path).encode(), None)
    session = library.made("session_create", model, options)
    shape = (ctypes.c_int64 * 4)(*x.shape)
    tensor = library.made("tensor_wrap", F32, 4, shape,
                          x.ctypes.data_as(ctypes.c_void_p),
                          ctypes.c_size_t(x.nbytes), None, None)
    library.call("session_run", session, tensor)
    found = {}
    for i in range(lib.effnet_session_layer_count(session)):
        layer = ctypes.c_void_p()
        library.call("session_layer", session, i, ctypes.byref(layer))
        sizes = [lib.effnet_tensor_dimension(layer, d)
                 for d in range(lib.effnet_tensor_rank(layer))]
        found[lib.effnet_session_layer_name(session, i).decode()] = (
            np.ctypeslib.as_array(lib.effnet_tensor_const_data(layer),
                                  sizes).copy())
    lib.effnet_tensor_free(tensor)
    lib.effnet_session_free(session)
    lib.effnet_model_release(model)
    lib.effnet_options_free(options)
    return found


def activations(effnet, folder, scratch):
    state = load_file(folder / "efficientnet-b0_partial.safetensors")
    for name, shape in LACKING.items():
        assert name not in state
        state[name] = torch.zeros(shape)
    save_file(state, scratch / "efficientnet-b0.safetensors")
    x = np.load(folder / "golden_block1_activations.npz")["inputs"]
    found = layers_of(
        Library(str(pathlib.Path(effnet).parent / "libeffnet.so")),
        scratch / "efficientnet-b0.safetensors", np.ascontiguousarray(x))
    for file, layers in LAYERS.items():
        expected = np.load(folder / file)
        for key, layer in layers.items():
            print(f"{file}: {key:15} {layer:20} "
                  f"{relative(found[layer], expected[key]):.1e}", flush=True)


def main():
    effnet, shared = sys.argv[1], pathlib.Path(sys.argv[2])
    cache = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else
                         pathlib.Path.home() / ".cache/effnet")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        expectations(effnet, shared / "torchvision_expect",
                     pathlib.Path(scratch))
        activations(effnet, shared / "weights", pathlib.Path(scratch))
    pictures(effnet, shared / "reference_images",
             [*sorted(cache.glob("efficientnet-lite*.pth")),
              shared / "weights/tf_efficientnetv2_b0.safetensors"])


main()
