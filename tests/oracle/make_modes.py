#!/usr/bin/env python3
"""What timm and transformers make of generated pictures (see make_pixels.py):
modes.txt and huggingface.txt in tests/data/image.

modes.txt has a line as preprocess.txt: width, height, seed, mode, resize,
crop, filter, norm, height and width of the result, hash.  The modes are timm's
squash (3) and border (4).
Made with timm 1.0.31, torchvision 0.29 and Pillow 13.0.0.
"""
import os
import random
import sys

from timm.data.transforms import CenterCropOrPad, ResizeKeepRatio
from torchvision import transforms

from make_pixels import MODES, NORMS, OUT, picture, sha, tensor_of

NAMES = ("nearest", "bilinear", "bicubic")


def squash(image, resize, crop, number):
    if resize[0] != 0:
        image = transforms.Resize((resize[0], resize[1] or resize[0]),
                                  MODES[number])(image)
    if crop[0] != 0:
        image = transforms.CenterCrop(crop)(image)
    return image


def border(image, resize, crop, number, norm):
    """As transforms_imagenet_eval(crop_mode="border") builds it."""
    box = crop if resize[0] == 0 else (resize[0], resize[1] or resize[0])
    fill = [round(255 * v) for v in NORMS[norm][0]]
    image = ResizeKeepRatio(box, interpolation=NAMES[number],
                            longest=1.0)(image)
    return CenterCropOrPad(crop, fill=fill)(image)


def cases(dice):
    """(width, height, mode, resize, crop)"""
    found = []
    for mode in (3, 4):
        found += [(60, 40, mode, (32, 0), (28, 28)),
                  (40, 60, mode, (28, 0), (28, 28)),
                  (41, 60, mode, (28, 0), (32, 33)),
                  (60, 41, mode, (24, 30), (32, 17)),
                  (500, 375, mode, (256, 0), (224, 224)),
                  (375, 500, mode, (224, 0), (224, 224)),
                  (37, 53, mode, (0, 0), (30, 31)),
                  (1, 1, mode, (5, 0), (7, 6)),
                  (9, 80, mode, (40, 50), (45, 46))]
        for _ in range(25):
            side = [dice.randint(1, 60) for _ in range(4)]
            resize = dice.choice(((0, 0), (side[0], 0), (side[0], side[1])))
            found.append((dice.randint(20, 90), dice.randint(20, 90), mode,
                          resize, (side[2], side[3])))
    found += [(30, 20, 3, (17, 0), (0, 0)), (30, 20, 3, (16, 25), (0, 0))]
    return found


def main():
    dice = random.Random(20260103)
    with open(os.path.join(OUT, "modes.txt"), "w") as out:
        for n, (w, h, mode, resize, crop) in enumerate(cases(dice)):
            number, norm = dice.randint(0, 2), dice.choice(sorted(NORMS))
            image = picture(w, h, n)
            try:
                if mode == 3:
                    image = squash(image, resize, crop, number)
                else:
                    image = border(image, resize, crop, number, norm)
            except ValueError:  # an empty picture
                continue
            tensor = tensor_of(image, norm)
            out.write("%d %d %d %d %d %d %d %d %d %s %d %d %s\n" % (
                w, h, n, mode, *resize, *crop, number, norm, tensor.shape[1],
                tensor.shape[2], sha(tensor.numpy().tobytes())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
