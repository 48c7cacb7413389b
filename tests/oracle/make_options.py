#!/usr/bin/env python3
"""Files with EXIF orientation and with transparency, in tests/data/image, and
what Pillow makes of these and of make_images.py's PNG files: options.txt.

A line: file, orientation (0, 1), background (a number, -1: none), then "bad",
or "ok", width, height and hash.  Orientation is ImageOps.exif_transpose where
that does not fail, for damaged EXIF is to be ignored; a background is
Image.alpha_composite under convert("RGBA").  Of EXIF that is damaged the files
are named exif-bad-*.

blend.txt: a background and the hash of the 256 x 256 picture of R = x, G =
255 - x, B = x ^ 85 and alpha = y over it.
Made with Pillow 13.0.0.
"""
import glob
import hashlib
import io
import os
import shutil
import struct
import sys
import warnings
import zlib

import numpy as np
from PIL import Image, ImageOps

from make_images import OUT, jpeg, picture

BACKGROUND = 0x3040f0


def tiff(entries, order="<", at=8, count=None):
    """entries: (tag, type, count, value as four bytes)"""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I",
                                                                   at)
    body = struct.pack(order + "H", len(entries) if count is None else count)
    for tag, kind, n, value in entries:
        body += struct.pack(order + "HHI", tag, kind, n) + value
    return head + bytes(at - 8) + body + bytes(4)


def orientation(n, order="<", **more):
    return tiff([(0x010f, 2, 4, b"abc\0"),
                 (0x0112, 3, 1, struct.pack(order + "HH", n, 0))], order,
                **more)


def long_orientation(n):
    return tiff([(0x0112, 4, 1, struct.pack("<I", n))])


def with_app1(data, *bodies):
    out = data[:2]
    for body in bodies:
        out += b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return out + data[2:]


def chunk(name, body):
    return (struct.pack(">I", len(body)) + name + body +
            struct.pack(">I", zlib.crc32(name + body)))


def png(width, height, depth, colour, rows, before=b"", after=b"", lace=0):
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth,
                                       colour, 0, 0, lace)) + before +
            chunk(b"IDAT", data) + after + chunk(b"IEND", b""))


def rgb_png(before=b"", after=b""):
    rows = [bytes((37 * (i + 15 * y)) & 255 for i in range(15))
            for y in range(3)]
    return png(5, 3, 8, 2, rows, before, after)


def oriented():
    base, files = jpeg(21, 13, "RGB", subsampling=0), {}
    exif = b"Exif\0\0"
    for n in range(1, 9):
        order = "<>"[n % 2]
        files["exif-%d.jpg" % n] = with_app1(base, exif + orientation(n, order))
        files["exif-%d.png" % n] = rgb_png(
            *((chunk(b"eXIf", orientation(n, order)), b"")[::1 - n % 2 * 2]))
    sixth = orientation(6)
    files.update({
        "exif-long.jpg": with_app1(base, exif + long_orientation(8)),
        "exif-twice.jpg": with_app1(base, exif + exif + sixth),
        "exif-far.jpg": with_app1(base, exif + orientation(5, at=300)),
        "exif-xmp-first.jpg": with_app1(base, b"http://ns", exif + sixth),
        "exif-padded.jpg": base[:2] + b"\xff\xff" + with_app1(
            base, exif + sixth)[2:],
        "exif-9.jpg": with_app1(base, exif + orientation(9)),
        "exif-0.jpg": with_app1(base, exif + orientation(0)),
        "exif-prefix.png": rgb_png(chunk(b"eXIf", exif + sixth)),
        "exif-first-counts.jpg": with_app1(base, exif + tiff([
            (0x0112, 3, 1, b"\6\0\0\0"), (0x0112, 3, 1, b"\3\0\0\0")])),
        "exif-two-values.jpg": with_app1(base, exif + tiff([
            (0x0112, 3, 2, b"\6\0\6\0")])),
        "exif-three-values.jpg": with_app1(base, exif + tiff([
            (0x0112, 3, 3, b"\x1a\0\0\0")]) + b"\6\0\6\0\6\0"),
        "exif-text.jpg": with_app1(base, exif + tiff([
            (0x0112, 2, 1, b"\6\0\0\0")])),
        "exif-bad-empty.jpg": with_app1(base, exif),
        "exif-bad-order.jpg": with_app1(base, exif + b"XX" + sixth[2:]),
        "exif-bad-offset.jpg": with_app1(base, exif + sixth[:4] +
                                         b"\xff\xff\xff\xff" + sixth[8:]),
        "exif-bad-count.jpg": with_app1(base, exif +
                                        orientation(6, count=65535)),
        "exif-bad-cut.jpg": with_app1(base, exif + sixth[:30]),
        "exif-bad-cut.png": rgb_png(chunk(b"eXIf", sixth[:7])),
        "exif-bad-length.jpg": base[:2] + b"\xff\xe1\0\1" + base[2:],
    })
    return files


def transparent():
    gray = [bytes((i * 29 + y * 7) & 255 for i in range(8)) for y in range(6)]
    wide = [bytes((i * 29 + y * 7) & 255 for i in range(32)) for y in range(6)]
    long = [bytes((i * 13 + y * 7) & 255 for i in range(64)) for y in range(6)]
    palette = chunk(b"PLTE", bytes((i * 41) & 255 for i in range(48)))
    entries = [bytes(i & 15 for i in range(y, y + 8)) for y in range(6)]

    def key(*values):
        return chunk(b"tRNS", struct.pack(">%dH" % len(values), *values))
    opaque = b"\xff" * 5 + b"\0" + b"\xff" * 4
    return {
        "key-gray1.png": png(8, 6, 1, 0, gray, key(1)),
        "key-gray1-0.png": png(8, 6, 1, 0, gray, key(0)),
        "key-gray2.png": png(8, 6, 2, 0, gray, key(2)),
        "key-gray2-scaled.png": png(8, 6, 2, 0, gray, key(170)),
        "key-gray4.png": png(8, 6, 4, 0, gray, key(3)),
        "key-gray8.png": png(8, 6, 8, 0, gray, key(29)),
        "key-gray8-high.png": png(8, 6, 8, 0, gray, key(0x111d)),
        "key-gray16.png": png(4, 6, 16, 0, gray, key(0x001d)),
        "key-gray16-high.png": png(4, 6, 16, 0, gray, key(0x57ff)),
        "key-rgb8.png": png(4, 6, 8, 2, wide, key(29, 58, 87)),
        "key-rgb8-first.png": png(4, 6, 8, 2, wide, key(0, 29, 58)),
        "key-rgb16.png": png(4, 6, 16, 2, wide, key(0x1d, 0, 0)),
        "key-rgb16-high.png": png(4, 6, 16, 2, wide, key(0x0000, 0x003a,
                                                          0x0074)),
        "key-behind.png": png(8, 6, 8, 0, gray, b"", key(29)),
        "alpha-palette.png": png(8, 6, 8, 3, entries, palette + chunk(
            b"tRNS", bytes(range(0, 240, 30)))),
        "alpha-palette-one.png": png(8, 6, 8, 3, entries,
                                     palette + chunk(b"tRNS", opaque)),
        "alpha-palette-4.png": png(8, 6, 4, 3, entries, palette + chunk(
            b"tRNS", bytes(range(7, 250, 20)))),
        "alpha-gray8.png": png(8, 6, 8, 4, wide),
        "alpha-gray16.png": png(8, 6, 16, 4, wide),
        "alpha-rgb8.png": png(8, 6, 8, 6, wide),
        "alpha-rgb16.png": png(8, 6, 16, 6, long),
        "alpha-rgb8-key.png": png(8, 6, 8, 6, wide, key(1, 2, 3)),
    }


def result(data, turned, background):
    image = Image.open(io.BytesIO(data))
    image.load()
    if turned:
        try:
            image = ImageOps.exif_transpose(image)
        except Exception:
            pass
    if background >= 0:
        colour = tuple(background >> shift & 255 for shift in (16, 8, 0, ))
        under = Image.new("RGBA", image.size, colour)
        image = Image.alpha_composite(under, image.convert("RGBA"))
    return image.convert("RGB")


def line(name, data, turned, background):
    text = "%s %d %d " % (name, turned, background)
    try:
        image = result(data, turned, background)
    except Exception:
        return text + "bad\n"
    return text + "ok %d %d %s\n" % (*image.size, hashlib.sha256(
        image.tobytes()).hexdigest())


def main():
    warnings.simplefilter("ignore")
    files = {**oriented(), **transparent()}
    corpus = os.path.join(os.path.dirname(OUT), "..", "fuzz", "corpus", "image")
    for name, data in files.items():
        with open(os.path.join(OUT, name), "wb") as out:
            out.write(data)
        shutil.copy(os.path.join(OUT, name), corpus)
    with open(os.path.join(OUT, "options.txt"), "w") as out:
        for path in sorted(glob.glob(os.path.join(OUT, "*.png")) +
                           glob.glob(os.path.join(OUT, "exif*.jpg"))):
            name, data = os.path.basename(path), open(path, "rb").read()
            if name in files and not name.startswith(("key", "alpha")):
                out.write(line(name, data, 1, -1))
                out.write(line(name, data, 0, -1))
            else:
                out.write(line(name, data, 0, BACKGROUND))
        for name in ("alpha-rgb8.png", "alpha-gray8.png"):
            out.write(line(name, files[name], 1, 0))
            out.write(line(name, files[name], 0, 0xffffff))
    y, x = np.mgrid[0:256, 0:256].astype(np.uint8)
    image = Image.fromarray(np.dstack((x, 255 - x, x ^ 85, y)))
    data = io.BytesIO()
    image.save(data, "PNG")
    with open(os.path.join(OUT, "blend.txt"), "w") as out:
        for colour in (0, 0xffffff, BACKGROUND, 0x804001, 0x017ffe):
            found = result(data.getvalue(), 0, colour).tobytes()
            out.write("%d %s\n" % (colour, hashlib.sha256(found).hexdigest()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
