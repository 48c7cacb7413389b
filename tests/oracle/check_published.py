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

Needs torch and torchvision.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torchvision

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


def main():
    effnet, shared = sys.argv[1], pathlib.Path(sys.argv[2])
    cache = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else
                         pathlib.Path.home() / ".cache/effnet")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        expectations(effnet, shared / "torchvision_expect",
                     pathlib.Path(scratch))
    pictures(effnet, shared / "reference_images",
             [*sorted(cache.glob("efficientnet-lite*.pth")),
              shared / "weights/tf_efficientnetv2_b0.safetensors"])


main()
