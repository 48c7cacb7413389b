#!/usr/bin/env python3
"""What timm and transformers make of generated pictures (see make_pixels.py):
modes.txt and huggingface.txt in tests/data/image.

modes.txt has a line as preprocess.txt: width, height, seed, mode, resize,
crop, filter, norm, height and width of the result, hash.  The modes are timm's
squash (3) and border (4).
huggingface.txt: width, height, seed, mode, resize, crop, filter, do_rescale,
rescale_factor, rescale_offset, do_normalize, include_top, and the result's
height, width and hash; mean and standard deviation are the first of google's
efficientnet-b0.
gray.txt: as modes.txt without the mode, of the picture by convert("L").
Made with timm 1.0.31, torchvision 0.29, transformers 5.23 and Pillow 13.0.0.
"""
import os
import random
import sys

import numpy as np
from timm.data.transforms import CenterCropOrPad, ResizeKeepRatio
from torchvision import transforms
from transformers.models.efficientnet.image_processing_pil_efficientnet import (
    EfficientNetImageProcessorPil)

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


def write_huggingface(out, dice):
    mean = [0.485, 0.456, 0.406]
    std = [0.47853944, 0.4732864, 0.47434163]
    for n in range(48):
        w, h, a, b, c, d = (dice.randint(1, 60) for _ in range(6))
        mode, number = dice.choice((1, 3)), dice.randint(0, 2)
        crop = dice.choice(((0, 0), (c, d)))
        factor = dice.choice((1 / 255, 1 / 127.5, 0.1))
        flags = [n < 30 or dice.randint(0, 1) for _ in range(2)]
        offset, top = dice.randint(0, 1), dice.randint(0, 1)
        size = {"height": a, "width": b} if mode == 3 else {
            "shortest_edge": a}
        processor = EfficientNetImageProcessorPil(
            size=size, resample=number and number + 1, do_rescale=flags[0],
            do_center_crop=crop[0] != 0,
            crop_size={"height": c, "width": d}, rescale_factor=factor,
            rescale_offset=bool(offset), do_normalize=flags[1],
            include_top=bool(top), image_mean=mean, image_std=std)
        found = processor(picture(w, h, n), return_tensors="np")
        found = found["pixel_values"][0].astype(np.float32)
        out.write("%d %d %d %d %d %d %d %d %d %d %.17g %d %d %d %d %d %s\n" % (
            w, h, n, mode, a, b if mode == 3 else 0, *crop, number, flags[0],
            factor, offset, flags[1], top, found.shape[1], found.shape[2],
            sha(np.ascontiguousarray(found).tobytes())))


def write_gray(out, dice):
    for n in range(24):
        w, h, a, b, c, d = (dice.randint(1, 60) for _ in range(6))
        number, norm = dice.randint(0, 2), dice.choice(sorted(NORMS))
        mean, std = NORMS[norm]
        image = transforms.Compose([
            transforms.Resize((a, b), MODES[number]),
            transforms.CenterCrop((c, d)), transforms.ToTensor(),
            transforms.Normalize(mean[:1], std[:1])])(
                picture(w, h, n).convert("L"))
        out.write("%d %d %d %d %d %d %d %d %s %s\n" % (
            w, h, n, a, b, c, d, number, norm, sha(image.numpy().tobytes())))


def main():
    with open(os.path.join(OUT, "huggingface.txt"), "w") as out:
        write_huggingface(out, random.Random(20260104))
    with open(os.path.join(OUT, "gray.txt"), "w") as out:
        write_gray(out, random.Random(20260105))
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
