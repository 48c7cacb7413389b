#!/usr/bin/env python3
"""What Pillow and torchvision make of generated pictures: resample.txt and
preprocess.txt in tests/data/image.

A picture of seed s has the bytes splitmix64(s + i) >> 56 for i = 0, 1, ...;
with kind 1 each byte is 0 or 255 by its highest bit, which drives the filters
beyond both ends of the range.
Made with Pillow 13.0.0 and torchvision 0.29.
"""
import hashlib
import os
import random
import sys

import numpy as np
from PIL import Image
from torchvision import transforms

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "data", "image")
# By the numbers of EFFNET_FILTER_*.
FILTERS = (Image.NEAREST, Image.BILINEAR, Image.BICUBIC)
MODES = (transforms.InterpolationMode.NEAREST,
         transforms.InterpolationMode.BILINEAR,
         transforms.InterpolationMode.BICUBIC)
NORMS = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "lite": ((127 / 255,) * 3, (128 / 255,) * 3),
    "odd": ((0.1, 0.0, -0.3), (1.7, -0.25, 0.001)),
}


def picture(width, height, seed, kind=0):
    with np.errstate(over="ignore"):
        z = np.arange(width * height * 3, dtype=np.uint64) + np.uint64(seed)
        z = (z + np.uint64(1)) * np.uint64(0x9e3779b97f4a7c15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xbf58476d1ce4e5b9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94d049bb133111eb)
        z = z ^ z >> np.uint64(31)
    data = (z >> np.uint64(56)).astype(np.uint8)
    if kind == 1:
        data = (data >> 7) * np.uint8(255)
    return Image.fromarray(data.reshape(height, width, 3))


def sha(data):
    return hashlib.sha256(data).hexdigest()


def resample_cases(dice):
    sizes = [(1, 1, 1, 1), (1, 1, 9, 5), (9, 5, 1, 1), (1, 40, 1, 7),
             (40, 1, 7, 1), (1, 40, 5, 40), (40, 1, 40, 3), (2, 2, 3, 3),
             (3, 3, 2, 2), (50, 50, 50, 50), (50, 50, 50, 20),
             (50, 50, 20, 50), (50, 50, 50, 99), (50, 50, 99, 50),
             (3000, 2, 7, 5), (2, 3000, 5, 7), (2, 3, 700, 900),
             (333, 500, 256, 384), (500, 333, 384, 256), (64, 64, 63, 65),
             # either side of the rule for the order of the passes
             (60, 90, 50, 70), (60, 90, 50, 69), (60, 90, 50, 71),
             (60, 60, 60, 59), (59, 60, 60, 60), (61, 60, 60, 59),
             (50, 60, 60, 59), (200, 100, 300, 99), (100, 200, 99, 100)]
    for most in (6, 30, 120):
        for _ in range(20):
            sizes.append(tuple(dice.randint(1, most) for _ in range(4)))
    return sizes


def write_resample(out):
    dice = random.Random(20260101)
    for n, (w, h, to_w, to_h) in enumerate(resample_cases(dice)):
        for number, pillow in enumerate(FILTERS):
            kind = dice.randint(0, 1)
            result = picture(w, h, n, kind).resize((to_w, to_h), pillow)
            out.write("%d %d %d %d %d %d %d %s\n" % (
                w, h, n, kind, number, to_w, to_h, sha(result.tobytes())))


def tensor_of(image, norm):
    return transforms.Compose([transforms.ToTensor(),
                               transforms.Normalize(*NORMS[norm])])(image)


def centre(image, resize, crop, number, norm):
    if resize[0] != 0:
        size = resize[0] if resize[1] == 0 else resize
        image = transforms.Resize(size, MODES[number])(image)
    if crop[0] != 0:
        image = transforms.CenterCrop(crop)(image)
    return tensor_of(image, norm)


def crop_first(image, height, width, pillow, norm):
    """The centre square of qubvel/efficientnet, then Pillow's resize."""
    side = max(1, min(image.size) * height // (height + 32))
    left = (image.width - side + 1) // 2
    top = (image.height - side + 1) // 2
    image = image.crop((left, top, left + side, top + side))
    return tensor_of(image.resize((width, height), pillow), norm)


def preprocess_cases(dice):
    """(width, height, mode, resize, crop)"""
    cases = [(60, 40, 1, (32, 0), (28, 28)), (40, 60, 1, (32, 0), (28, 28)),
             (50, 50, 1, (32, 0), (28, 28)), (32, 47, 1, (32, 0), (28, 28)),
             (47, 32, 1, (32, 0), (28, 28)), (64, 63, 1, (32, 0), (32, 32)),
             (101, 67, 1, (33, 0), (30, 30)), (67, 101, 1, (31, 0), (24, 24)),
             (20, 30, 1, (0, 0), (28, 28)), (30, 20, 1, (0, 0), (28, 28)),
             (20, 20, 1, (0, 0), (27, 28)), (1, 1, 1, (0, 0), (5, 4)),
             (1, 1, 1, (8, 0), (7, 7)), (1, 37, 1, (4, 0), (9, 9)),
             (37, 1, 1, (4, 0), (9, 9)), (1, 600, 1, (1, 0), (3, 3)),
             (30, 20, 1, (0, 0), (0, 0)), (30, 20, 1, (17, 0), (0, 0)),
             (30, 20, 1, (16, 25), (0, 0)), (30, 20, 1, (16, 25), (11, 20)),
             (30, 20, 1, (16, 25), (18, 20)), (30, 20, 1, (16, 25), (11, 28)),
             (500, 375, 1, (256, 0), (224, 224)),
             (375, 500, 1, (256, 0), (224, 224)),
             (90, 70, 2, (0, 0), (32, 32)), (70, 90, 2, (0, 0), (32, 32)),
             (71, 91, 2, (9, 0), (32, 32)), (50, 50, 2, (0, 0), (24, 40)),
             (1, 1, 2, (0, 0), (6, 6)), (1, 9, 2, (0, 0), (6, 6)),
             (5, 4, 2, (0, 0), (224, 224)), (300, 400, 2, (0, 0), (224, 224))]
    cases += [(31 + d, 32 + d, 1, (0, 0), (28, 28)) for d in range(9)]
    for _ in range(60):
        resize = dice.choice(((0, 0), (dice.randint(1, 60), 0),
                              (dice.randint(1, 60), dice.randint(1, 60))))
        crop = dice.choice(((0, 0), (dice.randint(1, 60),
                                     dice.randint(1, 60))))
        cases.append((dice.randint(1, 90), dice.randint(1, 90), 1, resize,
                      crop))
    return cases


def write_preprocess(out):
    dice = random.Random(20260102)
    for n, (w, h, mode, resize, crop) in enumerate(preprocess_cases(dice)):
        number = dice.randint(0, 2) if n > 40 else 2 - n % 2
        norm = dice.choice(sorted(NORMS))
        image = picture(w, h, n)
        if mode == 1:
            tensor = centre(image, resize, crop, number, norm)
        else:
            tensor = crop_first(image, *crop, FILTERS[number], norm)
        out.write("%d %d %d %d %d %d %d %d %d %s %d %d %s\n" % (
            w, h, n, mode, *resize, *crop, number, norm, tensor.shape[1],
            tensor.shape[2], sha(tensor.numpy().tobytes())))


def main():
    with open(os.path.join(OUT, "resample.txt"), "w") as out:
        write_resample(out)
    with open(os.path.join(OUT, "preprocess.txt"), "w") as out:
        write_preprocess(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
