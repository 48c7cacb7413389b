#!/usr/bin/env python3
"""What Pillow's mode "F" and NumPy make of 16-bit and float pictures: real.txt
in tests/data/image.

A line: width, height, seed, pixel format (9 to 12), resize and crop (height,
width), filter, channels of the result, hash.  Values are the 16-bit numbers
v of two bytes each of make_pixels.py's generator, the high one first; of float
formats v * 0.37 - 5000 in float, scaled by 0.001 with the offset 0.25.
Mean 0.4, 0.1, 0.2, standard deviation 0.3, 0.7, 0.9.
Made with Pillow 13.0.0, torchvision 0.29 and NumPy.
"""
import os
import random
import sys

import numpy as np
import torch
from PIL import Image
from torchvision import transforms

from make_pixels import FILTERS, OUT, picture, sha

MEAN, STD = (0.4, 0.1, 0.2), (0.3, 0.7, 0.9)


def values(width, height, seed, kind):
    data = np.asarray(picture(2 * width, height, seed)).reshape(-1, 2)
    found = data[:, 0].astype(np.float32) * 256 + data[:, 1]
    if kind >= 11:
        found = found * np.float32(0.37) - np.float32(5000)
    if kind in (9, 11):
        plane = found[:width * height].reshape(height, width)
        return [plane] * 3
    found = found.reshape(height, width, 3)
    return [found[..., i] for i in range(3)]


def gray(planes):
    r, g, b = (plane.astype(np.float64) for plane in planes)
    return ((19595.0 * r + 38470.0 * g + 7471.0 * b) / 65536.0).astype(
        np.float32)


def result(planes, kind, resize, crop, number, channels):
    if channels == 1:
        planes = [planes[0] if kind in (9, 11) else gray(planes)]
    scale, offset = (1 / 65535, 0.0) if kind < 11 else (0.001, 0.25)
    out = []
    for i, plane in enumerate(planes):
        image = Image.fromarray(np.ascontiguousarray(plane), "F")
        image = image.resize((resize[1], resize[0]), FILTERS[number])
        plane = transforms.CenterCrop(crop)(
            torch.from_numpy(np.array(image))[None])[0].numpy()
        unit = (plane.astype(np.float64) * scale + offset).astype(np.float32)
        out.append((unit - np.float32(MEAN[i])) / np.float32(STD[i]))
    return np.stack(out)


def main():
    dice = random.Random(20260106)
    with open(os.path.join(OUT, "real.txt"), "w") as out:
        for n in range(64):
            kind, number = 9 + n % 4, n // 4 % 3
            w, h, a, b, c, d = (dice.randint(1, 50) for _ in range(6))
            if n >= 56:
                a = h
            elif n >= 52:
                a, b = h, w
            elif n >= 48:
                b = w
            channels = dice.choice((1, 3, 3))
            found = result(values(w, h, n, kind), kind, (a, b), (c, d), number,
                           channels)
            out.write("%d %d %d %d %d %d %d %d %d %d %s\n" % (
                w, h, n, kind, a, b, c, d, number, channels,
                sha(found.tobytes())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
