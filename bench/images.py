#!/usr/bin/env python3
"""images.py: effnet's pictures beside Pillow and torchvision, on one core.

    taskset -c 1 bench/images.py [--rounds N] --library libeffnet.so
                                 [--library OTHER.so] [PICTURE.jpg ...]

Decodes a JPEG, resizes its shorter side to 256 (bicubic), crops 224 and
normalises.  All take turns; the shortest of the thread's own times counts.
The results are compared bit for bit: each decoded picture is resized by both,
since another libjpeg-turbo may decode differently.  Without pictures, two are
made: 500 x 375 and 4000 x 3000.  Needs numpy, Pillow, torch and torchvision.
"""

import argparse
import ctypes
import io
import pathlib
import time

import numpy
import PIL.Image
import torch
import torchvision.transforms as steps

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PIXEL_RGB = 1


class Pillow:
    name = "Pillow + torchvision"

    def __init__(self):
        bicubic = steps.InterpolationMode.BICUBIC
        self.steps = steps.Compose([
            steps.Resize(256, bicubic), steps.CenterCrop(224),
            steps.ToTensor(), steps.Normalize(MEAN, STD)])

    def decode(self, data):
        return PIL.Image.open(io.BytesIO(data)).convert("RGB")

    def prepare(self, image):
        return self.steps(image)

    def free(self, image):
        pass


class Effnet:
    def __init__(self, library):
        self.name = library
        self.lib = ctypes.CDLL(library)
        self.lib.effnet_last_error.restype = ctypes.c_char_p
        self.lib.effnet_preprocess_create_for.argtypes = [ctypes.c_void_p] * 2
        self.lib.effnet_tensor_data.restype = ctypes.c_void_p
        config = self.make("effnet_config_create", b"efficientnet_b0")
        self.preprocess = self.make("effnet_preprocess_create_for", config)
        shape = (ctypes.c_int64 * 4)(1, 3, 224, 224)
        self.tensor = self.make("effnet_tensor_create", 1, 4, shape)
        values = ctypes.cast(self.lib.effnet_tensor_data(self.tensor),
                             ctypes.POINTER(ctypes.c_float))
        self.values = numpy.ctypeslib.as_array(values, (3, 224, 224))

    def call(self, name, *arguments):
        if getattr(self.lib, name)(*arguments) != 0:
            raise RuntimeError(self.lib.effnet_last_error().decode())

    def make(self, name, *arguments):
        made = ctypes.c_void_p()
        self.call(name, ctypes.byref(made), *arguments)
        return made

    def decode(self, data):
        return self.make("effnet_image_read_memory", data,
                         ctypes.c_size_t(len(data)), None)

    def wrap(self, pixels):
        height, width, _ = pixels.shape
        return self.make("effnet_image_wrap", PIXEL_RGB, width, height,
                         pixels.ctypes.data_as(ctypes.c_void_p),
                         ctypes.c_int64(3 * width), None, None)

    def prepare(self, image):
        self.call("effnet_preprocess_apply_into", self.preprocess, image,
                  self.tensor, ctypes.c_int64(0))
        return self.values

    def free(self, image):
        self.lib.effnet_image_free(image)


def made_picture(width, height):
    """Clouds of all sizes, which compress about as a photograph does."""
    random = numpy.random.default_rng(1)
    pixels = numpy.zeros((height, width, 3), numpy.float32)
    for size, depth in ((8, 60), (40, 30), (200, 20), (height // 2, 12)):
        small = random.integers(0, 256, (size, size * 4 // 3, 3), numpy.uint8)
        layer = PIL.Image.fromarray(small).resize((width, height), 3)
        pixels += (numpy.asarray(layer, numpy.float32) - 128) * depth / 64
    file = io.BytesIO()
    picture = numpy.clip(pixels + 128, 0, 255).astype(numpy.uint8)
    PIL.Image.fromarray(picture).save(file, "JPEG", quality=90)
    return file.getvalue()


def measure(peers, data, rounds):
    """The least times of decoding and preparing, milliseconds."""
    least = {peer.name: [1e9, 1e9] for peer in peers}
    for _ in range(rounds):
        for peer in peers:
            begin = time.thread_time()
            image = peer.decode(data)
            middle = time.thread_time()
            peer.prepare(image)
            end = time.thread_time()
            peer.free(image)
            pair = least[peer.name]
            pair[0] = min(pair[0], 1e3 * (middle - begin))
            pair[1] = min(pair[1], 1e3 * (end - middle))
    return least


def compare(pillow, peers, data):
    image = pillow.decode(data)
    pixels = numpy.ascontiguousarray(numpy.asarray(image))
    expected = pillow.prepare(image).numpy()
    for peer in peers:
        wrapped = peer.wrap(pixels)
        assert numpy.array_equal(peer.prepare(wrapped), expected), peer.name
        peer.free(wrapped)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", action="append", required=True)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("pictures", nargs="*")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pictures = {path: pathlib.Path(path).read_bytes()
                for path in arguments.pictures}
    if not pictures:
        for size in ((500, 375), (4000, 3000)):
            pictures["%d x %d" % size] = made_picture(*size)
    pillow = Pillow()
    ours = [Effnet(library) for library in arguments.library]
    for name, data in pictures.items():
        compare(pillow, ours, data)
        least = measure([pillow] + ours, data, arguments.rounds)
        print(f"{name}, {len(data)} bytes")
        for peer, (decode, prepare) in least.items():
            total, theirs = decode + prepare, sum(least[pillow.name])
            print(f"  {peer:40} decode {decode:7.2f}  resize, crop, normalise "
                  f"{prepare:6.2f}  all {total:7.2f} ms, "
                  f"{theirs / total:.2f} times as fast")


main()
