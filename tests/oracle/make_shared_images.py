#!/usr/bin/env python3
"""What Pillow and torchvision make of the pictures of the shared data folder.

usage: make_shared_images.py FOLDER     the folder that holds data/

Writes tests/data/image/shared.txt: path, verdict, size and hash of the RGB
bytes; and shared_tensors.txt: path and hash of the float bytes after
torchvision's B0 preprocessing (256, 224, bicubic, ImageNet) and after Lite0's
(centre crop of 7/8 of the shorter side, 224, bicubic, (x - 127) / 128).
Made with Pillow 13.0.0 and torchvision 0.29.
"""
import hashlib
import os
import sys
import warnings

from PIL import Image
from torchvision import transforms

from make_images import OUT, line, verdict
from make_pixels import NORMS, crop_first

FOLDERS = ("png", "jpeg", "photos", "reference_images", "cc0")


def paths(root):
    found = []
    for folder in FOLDERS:
        for where, _, names in os.walk(os.path.join(root, "data", folder)):
            found += [os.path.relpath(os.path.join(where, name), root)
                      for name in names]
    return sorted(found)


def sha(tensor):
    return hashlib.sha256(tensor.numpy().tobytes()).hexdigest()


def main(root):
    warnings.simplefilter("ignore")
    b0 = transforms.Compose([
        transforms.Resize(256, transforms.InterpolationMode.BICUBIC),
        transforms.CenterCrop(224), transforms.ToTensor(),
        transforms.Normalize(*NORMS["imagenet"])])
    with open(os.path.join(OUT, "shared.txt"), "w") as pixels, \
            open(os.path.join(OUT, "shared_tensors.txt"), "w") as tensors:
        for path in paths(root):
            with open(os.path.join(root, path), "rb") as file:
                pixels.write(line(path, verdict(file.read())))
            if not path.startswith("data/photos/"):
                continue
            image = Image.open(os.path.join(root, path)).convert("RGB")
            tensors.write("%s %s %s\n" % (
                path, sha(b0(image)),
                sha(crop_first(image, 224, 224, Image.BICUBIC, "lite"))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
