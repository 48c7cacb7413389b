#!/usr/bin/env python3
"""Makes the small picture files of tests/data/image and what Pillow makes of
them: expected.txt (verdict, size and hash of the RGB bytes of each file) and
truncated.txt (the verdict on every beginning of some of them).  Most go to
the corpus of the fuzz target as well.

The PNG files come from the writer below, which can also write what no
sensible encoder would; the JPEG files from Pillow's encoder, some of them
edited afterwards.  Made with Pillow 13.0.0.
"""
import hashlib
import io
import os
import struct
import sys
import warnings
import zlib

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "data", "image")
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
         (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name, data, crc=None):
    if crc is None:
        crc = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)


def ihdr(width, height, depth, colour, interlace=0, compression=0, filters=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth,
                                      colour, compression, filters, interlace))


def paeth(a, b, c):
    pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def filtered(rows, step):
    """The rows, each with another of the five filters."""
    out = bytearray()
    previous = None
    for y, row in enumerate(rows):
        kind = y % 5
        above = previous or bytes(len(row))
        out.append(kind)
        for i, x in enumerate(row):
            a = row[i - step] if i >= step else 0
            c = above[i - step] if i >= step else 0
            b = above[i]
            p = [0, a, b, (a + b) // 2, paeth(a, b, c)][kind]
            out.append((x - p) & 255)
        previous = row
    return bytes(out)


def packed(samples, depth):
    """Rows of samples as bytes."""
    rows = []
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            rows.append(flat.astype(">u2").tobytes())
        elif depth == 8:
            rows.append(flat.astype(np.uint8).tobytes())
        else:
            bits = "".join(format(int(v), "0%db" % depth) for v in flat)
            bits += "0" * (-len(bits) % 8)
            rows.append(bytes(int(bits[i:i + 8], 2)
                              for i in range(0, len(bits), 8)))
    return rows


def raw_stream(samples, depth, interlace):
    step = max(1, samples.shape[2] * depth // 8)
    if not interlace:
        return filtered(packed(samples, depth), step)
    out = b""
    for x, y, dx, dy in ADAM7:
        part = samples[y::dy, x::dx]
        if part.size:
            out += filtered(packed(part, depth), step)
    return out


def samples_for(width, height, depth, colour, seed, top=None):
    random = np.random.default_rng(seed)
    return random.integers(0, top or 1 << depth,
                           (height, width, CHANNELS[colour]))


def idats(data, size=None):
    size = size or max(1, len(data))
    return b"".join(chunk(b"IDAT", data[i:i + size])
                    for i in range(0, len(data), size))


def palette_for(entries, seed=7):
    return np.random.default_rng(seed).integers(
        0, 256, entries * 3).astype(np.uint8).tobytes()


def png(width, height, depth, colour, seed=1, interlace=0, before=b"",
        after=b"", palette=None, top=None, split=None, iend=True):
    samples = samples_for(width, height, depth, colour, seed, top)
    data = zlib.compress(raw_stream(samples, depth, interlace), 9)
    if colour == 3 and palette is None:
        palette = palette_for(1 << depth)
    plte = chunk(b"PLTE", palette) if palette is not None else b""
    return (SIGNATURE + ihdr(width, height, depth, colour, interlace) + plte +
            before + idats(data, split) + after +
            (chunk(b"IEND", b"") if iend else b""))


def png_stream(stream, width=7, height=5, depth=8, colour=2, split=None,
               tail=b"", before=b""):
    """A PNG around a zlib stream made elsewhere."""
    return (SIGNATURE + ihdr(width, height, depth, colour) + before +
            idats(stream, split) + tail + chunk(b"IEND", b""))


def good_png_files():
    files = {}
    for colour, depths in ((0, (1, 2, 4, 8, 16)), (2, (8, 16)),
                           (3, (1, 2, 4, 8)), (4, (8, 16)), (6, (8, 16))):
        for depth in depths:
            for interlace in (0, 1):
                name = "c%d-%02d%s.png" % (colour, depth, "-i" * interlace)
                files[name] = png(13, 11, depth, colour, interlace=interlace)
    for width, height in ((1, 1), (1, 9), (9, 1), (2, 3), (3, 2), (5, 5)):
        for interlace in (0, 1):
            name = "size-%dx%d%s.png" % (width, height, "-i" * interlace)
            files[name] = png(width, height, 8, 2, interlace=interlace)
            name = "bits-%dx%d%s.png" % (width, height, "-i" * interlace)
            files[name] = png(width, height, 2, 0, interlace=interlace)
    files["gray16-low.png"] = png(13, 11, 16, 0, top=256)
    files["gray16-edge.png"] = png(13, 11, 16, 0, top=320)
    files["gray16-trns.png"] = png(8, 8, 16, 0, top=4,
                                   before=chunk(b"tRNS", b"\0\1"))
    files["gray8-trns.png"] = png(8, 8, 8, 0, top=4,
                                  before=chunk(b"tRNS", b"\0\1"))
    files["rgb8-trns.png"] = png(8, 8, 8, 2, top=2,
                                 before=chunk(b"tRNS", b"\0\1\0\1\0\1"))
    files["palette-trns.png"] = png(8, 8, 8, 3, top=4,
                                    before=chunk(b"tRNS", b"\0\x80\xff"))
    files["rgb8-plte.png"] = png(8, 8, 8, 2, palette=palette_for(5))
    files["palette-short.png"] = png(13, 11, 8, 3, palette=palette_for(100))
    files["palette-short-4.png"] = png(13, 11, 4, 3, palette=palette_for(3))
    files["palette-long-2.png"] = png(13, 11, 2, 3, palette=palette_for(9))
    files["palette-256.png"] = png(13, 11, 8, 3, palette=palette_for(256))
    files["split-idat.png"] = png(13, 11, 8, 2, split=17)
    files["colour-chunks.png"] = png(
        8, 8, 8, 2, before=chunk(b"gAMA", struct.pack(">I", 100000)) +
        chunk(b"cHRM", struct.pack(">8I", *range(8))) +
        chunk(b"sRGB", b"\0") + chunk(b"sBIT", b"\5\6\5") +
        chunk(b"bKGD", b"\0\1\0\2\0\3") + chunk(b"pHYs", bytes(9)) +
        chunk(b"tEXt", b"Title\0none") + chunk(b"prIv", b"anything"))
    files["odd-chunks.png"] = png(
        8, 8, 8, 2, before=chunk(b"tIME", b"short") + chunk(b"bKGD", b"") +
        chunk(b"sBIT", b"") + chunk(b"hIST", b"\1") + chunk(b"tEXt", b"") +
        chunk(b"zTXt", b"name") + chunk(b"UNKN", b"critical, unknown") + chunk(b"gAMA", bytes(4)) +
        chunk(b"gAMA", bytes(4)) + chunk(b"ab_9", b""),
        after=chunk(b"gAMA", bytes(4)) + chunk(b"PLTE", b"\1"))
    files["no-iend.png"] = png(8, 8, 8, 2, iend=False)
    files["after-iend.png"] = png(8, 8, 8, 2) + b"trailing bytes"
    files["tail-crc.png"] = png(8, 8, 8, 2,
                                after=chunk(b"tEXt", b"a\0b", crc=1))
    return files


def edited_png_files():
    """Good and bad ones around the rules of the stream."""
    samples = samples_for(7, 5, 8, 2, 1)
    raw = raw_stream(samples, 8, 0)
    stream = zlib.compress(raw, 9)
    row = 1 + 21
    indices = zlib.compress(raw_stream(samples_for(7, 5, 8, 3, 1), 8, 0), 9)
    wrong = stream[:-1] + bytes([stream[-1] ^ 1])
    files = {
        "idat-crc.png": SIGNATURE + ihdr(7, 5, 8, 2) +
        chunk(b"IDAT", stream, crc=0) + chunk(b"IEND", b"", crc=0),
        "short-stream.png": png_stream(zlib.compress(raw[:3 * row], 9)),
        "short-stream-surplus.png": png_stream(
            zlib.compress(raw[:3 * row], 9) + b"surplus"),
        "short-stream-palette.png": png_stream(
            zlib.compress(bytes(8 * 2), 9), colour=3,
            before=chunk(b"PLTE", palette_for(4))),
        "short-stream-inside.png": png_stream(
            zlib.compress(raw[:3 * row + 9], 9)),
        "short-stream-interlaced.png": SIGNATURE + ihdr(7, 5, 8, 2, 1) +
        idats(zlib.compress(raw_stream(samples, 8, 1)[:4 + 4 + 7 + 14], 9)),
        "short-stream-none.png": png_stream(zlib.compress(b"", 9)),
        "surplus-rows.png": png_stream(zlib.compress(raw + raw, 9)),
        "surplus-bytes.png": png_stream(stream + b"surplus"),
        "surplus-chunk.png": png_stream(stream, tail=chunk(b"IDAT", b"more")),
        "surplus-rows-adler.png": png_stream(
            zlib.compress(raw + raw, 9)[:-1] + b"\0"),
        "bad-adler.png": png_stream(wrong),
        "bad-adler-split.png": png_stream(wrong, split=len(stream) - 4),
        "bad-adler-short.png": png_stream(
            zlib.compress(raw[:3 * row], 9)[:-1] + b"\0"),
        "no-adler.png": png_stream(stream[:-4]),
        "bad-zlib.png": png_stream(
            stream[:20] + b"\xff\xff\xff\xff" + stream[24:]),
        "bad-zlib-header.png": png_stream(b"\x79" + stream[1:]),
        "bad-filter.png": png_stream(
            zlib.compress(raw[:row] + b"\7" + raw[row + 1:], 9)),
        "small-window.png": png_stream(b"\x18\x19" + stream[2:]),
        "cut-stream.png": png_stream(stream[:-20]),
        "empty-idats.png": SIGNATURE + ihdr(7, 5, 8, 2) +
        chunk(b"IDAT", b"") + chunk(b"IDAT", stream) + chunk(b"IDAT", b"") +
        chunk(b"IEND", b""),
        "idat-again.png": png_stream(
            stream, split=30, tail=chunk(b"tEXt", b"a\0b") +
            chunk(b"IDAT", stream)),
        "idat-interrupted.png": SIGNATURE + ihdr(7, 5, 8, 2) +
        chunk(b"IDAT", stream[:30]) + chunk(b"tEXt", b"a\0b") +
        chunk(b"IDAT", stream[30:]) + chunk(b"IEND", b""),
        "huge-idat.png": SIGNATURE + ihdr(7, 5, 8, 2) +
        struct.pack(">I", 0xfffffff0) + b"IDAT" + stream,
        "tail-cut.png": png_stream(stream)[:-12] +
        struct.pack(">I", 100) + b"tEXt" + b"short",
        "tail-name.png": png_stream(stream)[:-12] + b"\0\0\0\1????",
        "ihdr-crc.png": SIGNATURE + chunk(b"IHDR", ihdr(7, 5, 8, 2)[8:21],
                                          crc=5) + idats(stream),
        "plte-crc.png": SIGNATURE + ihdr(7, 5, 8, 3) +
        chunk(b"PLTE", palette_for(4), crc=5) + idats(stream),
        "text-crc.png": png_stream(stream,
                                   before=chunk(b"tEXt", b"a\0b", crc=5)),
        "ihdr-short.png": SIGNATURE + chunk(b"IHDR", bytes(12)),
        "ihdr-long.png": SIGNATURE + chunk(
            b"IHDR", ihdr(7, 5, 8, 2)[8:21] + b"more") + idats(stream),
        "no-ihdr.png": SIGNATURE + idats(stream) + chunk(b"IEND", b""),
        "no-idat.png": SIGNATURE + ihdr(7, 5, 8, 2) + chunk(b"IEND", b""),
        "late-ihdr.png": SIGNATURE + chunk(b"tEXt", b"a\0b") +
        ihdr(7, 5, 8, 2) + idats(stream),
        "bad-name.png": SIGNATURE + ihdr(7, 5, 8, 2) +
        chunk(b"a*bc", b"") + idats(stream),
        "no-plte.png": png_stream(indices, colour=3),
        "plte-empty.png": png_stream(indices, colour=3,
                                     before=chunk(b"PLTE", b"")),
        "plte-odd.png": png_stream(
            indices, colour=3, before=chunk(b"PLTE", palette_for(200)[:400])),
        "plte-tiny.png": png_stream(indices, colour=3,
                                    before=chunk(b"PLTE", b"\1\2")),
        "plte-late-ihdr.png": SIGNATURE + chunk(b"PLTE", palette_for(256)) +
        ihdr(7, 5, 8, 3) + idats(indices),
        "plte-257.png": png_stream(indices, colour=3,
                                   before=chunk(b"PLTE", palette_for(257))),
        "plte-twice.png": png_stream(
            indices, colour=3, before=chunk(b"PLTE", palette_for(256)) +
            chunk(b"PLTE", palette_for(256, 8))),
        "depth-3.png": SIGNATURE + ihdr(7, 5, 3, 0) + idats(stream),
        "colour-1.png": SIGNATURE + ihdr(7, 5, 8, 1) + idats(stream),
        "palette-16.png": SIGNATURE + ihdr(7, 5, 16, 3) + idats(stream),
        "interlace-2.png": SIGNATURE + ihdr(7, 5, 8, 2, 2) + idats(
            zlib.compress(raw_stream(samples, 8, 1), 9)),
        "compression-1.png": SIGNATURE + ihdr(7, 5, 8, 2, 0, 1) +
        idats(stream),
        "filter-1.png": SIGNATURE + ihdr(7, 5, 8, 2, 0, 0, 1) + idats(stream),
        "width-0.png": SIGNATURE + ihdr(0, 5, 8, 2) + idats(stream),
        "height-0.png": SIGNATURE + ihdr(7, 0, 8, 2) + idats(stream),
        "huge.png": SIGNATURE + ihdr(60000, 60000, 8, 2) + idats(stream),
        "wide.png": SIGNATURE + ihdr(1000001, 1, 8, 2) + idats(stream),
        "huge-both.png": SIGNATURE + ihdr(0xffffffff, 0xffffffff, 16, 6) +
        idats(stream),
        "trns-short.png": png_stream(stream, before=chunk(b"tRNS", b"\0")),
        "gama-short.png": png_stream(stream, before=chunk(b"gAMA", b"\0")),
        "chrm-short.png": png_stream(stream, before=chunk(b"cHRM", b"\0")),
        "srgb-short.png": png_stream(stream, before=chunk(b"sRGB", b"")),
        "phys-short.png": png_stream(stream, before=chunk(b"pHYs", b"\0")),
        "phys-short-tail.png": png_stream(stream,
                                          tail=chunk(b"pHYs", b"\0")),
        "iccp-method.png": png_stream(stream,
                                      before=chunk(b"iCCP", b"a\0\1data")),
        "iccp-junk.png": png_stream(stream,
                                    before=chunk(b"iCCP", b"a\0\0data")),
        "iccp-short.png": png_stream(stream, before=chunk(b"iCCP", b"a\0")),
        "ztxt-method.png": png_stream(stream,
                                      before=chunk(b"zTXt", b"a\0\1data")),
    }
    return files


def picture(width, height, mode, seed=3):
    """Smooth colours with some noise, as JPEG likes them."""
    random = np.random.default_rng(seed)
    bands = len(Image.new(mode, (1, 1)).getbands())
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 90 * np.sin(x / (5 + 3 * b) + b) * np.cos(y / (4 + b)) +
              random.integers(-20, 21, (height, width)) for b in range(bands)]
    data = np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)
    return Image.fromarray(data[..., 0] if bands == 1 else data, mode)


def jpeg(width, height, mode, **options):
    out = io.BytesIO()
    picture(width, height, mode).save(out, "JPEG", quality=80, **options)
    return out.getvalue()


def segments(data):
    """[(marker, start, end)] up to SOS."""
    found, at = [], 2
    while True:
        marker = data[at + 1]
        end = at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
        found.append((marker, at, end))
        if marker == 0xda:
            return found
        at = end


def without(data, *markers):
    out, last = data[:2], 2
    for marker, start, end in segments(data):
        if marker not in markers:
            out += data[start:end]
        last = end
    return out + data[last:]


def with_byte(data, marker, offset, value):
    """One byte of the first such segment's body set."""
    at = next(s for m, s, _ in segments(data) if m == marker) + 4 + offset
    return data[:at] + bytes([value]) + data[at + 1:]


def with_word(data, marker, offset, value):
    return with_byte(with_byte(data, marker, offset, value >> 8), marker,
                     offset + 1, value & 255)


def with_ids(data, ids):
    for i, value in enumerate(ids):
        data = with_byte(data, sof(data), 6 + 3 * i, value)
        data = with_byte(data, 0xda, 1 + 2 * i, value)
    return data


def two_components(data):
    """The third one taken out of both headers."""
    frame = next(x for x in segments(data) if x[0] == 0xc0)
    scan = next(x for x in segments(data) if x[0] == 0xda)
    return (data[:frame[1]] + b"\xff\xc0\0\x0e" +
            data[frame[1] + 4:frame[1] + 9] + b"\2" +
            data[frame[1] + 10:frame[1] + 16] + data[frame[2]:scan[1]] +
            b"\xff\xda\0\x0a\2" + data[scan[1] + 5:scan[1] + 9] +
            data[scan[2] - 3:])


def sof(data):
    return next(m for m, _, _ in segments(data) if m in (0xc0, 0xc2))


def adobe(transform):
    body = b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform)
    return b"\xff\xee" + struct.pack(">H", len(body) + 2) + body


def insert(data, segment):
    return data[:2] + segment + data[2:]


def jpeg_files():
    exif = Image.Exif()
    exif[0x0112] = 6
    base = jpeg(37, 29, "RGB", subsampling=0)
    bare = without(base, 0xe0)
    cmyk = jpeg(37, 29, "CMYK")
    progressive = jpeg(37, 29, "RGB", progressive=True)
    files = {
        "gray.jpg": jpeg(37, 29, "L"),
        "444.jpg": base,
        "422.jpg": jpeg(37, 29, "RGB", subsampling=1),
        "420.jpg": jpeg(37, 29, "RGB", subsampling=2),
        "progressive.jpg": progressive,
        "progressive-gray.jpg": jpeg(37, 29, "L", progressive=True),
        "progressive-444.jpg": jpeg(37, 29, "RGB", progressive=True,
                                    subsampling=0),
        "restart.jpg": jpeg(61, 45, "RGB", restart_marker_blocks=2),
        "restart-rows.jpg": jpeg(61, 45, "RGB", restart_marker_rows=1),
        "optimised.jpg": jpeg(37, 29, "RGB", optimize=True),
        "rgb-adobe.jpg": jpeg(37, 29, "RGB", keep_rgb=True, subsampling=0),
        "orientation.jpg": jpeg(37, 29, "RGB", exif=exif),
        "cmyk.jpg": cmyk,
        "cmyk-progressive.jpg": jpeg(37, 29, "CMYK", progressive=True),
        "cmyk-bare.jpg": without(cmyk, 0xee),
        "ycck.jpg": with_byte(cmyk, 0xee, 11, 2),
        "ycck-other.jpg": with_byte(cmyk, 0xee, 11, 1),
        "bare.jpg": bare,
        "bare-ids.jpg": with_ids(bare, (10, 11, 12)),
        "bare-rgb.jpg": with_ids(bare, b"RGB"),
        "bare-adobe-0.jpg": insert(bare, adobe(0)),
        "bare-adobe-1.jpg": insert(bare, adobe(1)),
        "bare-adobe-2.jpg": insert(bare, adobe(2)),
        "jfif-adobe-0.jpg": insert(base, adobe(0)),
        "jfif-rgb-ids.jpg": with_ids(base, b"RGB"),
        "trailing.jpg": base + b"after the end" * 3,
        "no-eoi.jpg": base[:-2],
        "no-eoi-progressive.jpg": progressive[:-2],
        "cut.jpg": base[:len(base) * 2 // 3],
        "cut-progressive.jpg": progressive[:len(progressive) * 2 // 3],
        "flipped-bits.jpg": base[:-300] + bytes(40) + base[-260:],
        "precision-12.jpg": with_byte(base, 0xc0, 0, 12),
        "lossless.jpg": base.replace(b"\xff\xc0", b"\xff\xc3", 1),
        "hierarchical.jpg": base.replace(b"\xff\xc0", b"\xff\xc5", 1),
        "height-0.jpg": with_word(base, 0xc0, 1, 0),
        "width-0.jpg": with_word(base, 0xc0, 3, 0),
        "huge.jpg": with_byte(with_byte(base, 0xc0, 1, 255), 0xc0, 3, 255),
        "wide.jpg": with_word(with_word(base, 0xc0, 1, 1), 0xc0, 3, 65535),
        "comment-cut.jpg": insert(base, b"\xff\xfe\xff\xffabc")[:60],
        "two-components.jpg": two_components(base),
        "components-length.jpg": with_byte(base, 0xc0, 5, 2),
        "no-tables.jpg": without(base, 0xdb),
        "no-codes.jpg": without(base, 0xc4),
        "no-frame.jpg": without(base, 0xc0),
        "tables-only.jpg": base[:2] + base[slice(*next(
            (s, e) for m, s, e in segments(base) if m == 0xdb))] +
        b"\xff\xd9",
        "soi-only.jpg": b"\xff\xd8\xff",
        "padded-markers.jpg": insert(base, b"\xff\xff\xff"),
    }
    for width, height in ((1, 1), (1, 9), (9, 1), (2, 3), (16, 16), (17, 1)):
        name = "size-%dx%d.jpg" % (width, height)
        files[name] = jpeg(width, height, "RGB")
        name = "size-%dx%d-422.jpg" % (width, height)
        files[name] = jpeg(width, height, "RGB", subsampling=1)
    return files


def verdict(data):
    try:
        image = Image.open(io.BytesIO(data)).convert("RGB")
    except Exception:
        return None
    return image.width, image.height, hashlib.sha256(
        image.tobytes()).hexdigest()


def line(name, found):
    return name + (" bad\n" if found is None else " ok %d %d %s\n" % found)


def ranges(name, data):
    """Runs of equal verdicts over the lengths 0 … of the beginnings."""
    found = [verdict(data[:n]) is not None for n in range(len(data) + 1)]
    text, start = "", 0
    for n in range(1, len(found) + 1):
        if n == len(found) or found[n] != found[start]:
            text += "%s %d %d %s\n" % (name, start, n - 1,
                                       "ok" if found[start] else "bad")
            start = n
    return text


def main():
    warnings.simplefilter("ignore")
    files = {**good_png_files(), **edited_png_files(), **jpeg_files()}
    os.makedirs(OUT, exist_ok=True)
    for name, data in files.items():
        with open(os.path.join(OUT, name), "wb") as out:
            out.write(data)
    with open(os.path.join(OUT, "expected.txt"), "w") as out:
        for name in sorted(files):
            out.write(line(name, verdict(files[name])))
    with open(os.path.join(OUT, "truncated.txt"), "w") as out:
        for name in ("split-idat.png", "c3-04-i.png", "colour-chunks.png",
                     "420.jpg", "progressive-gray.jpg"):
            out.write(ranges(name, files[name]))
    corpus = os.path.join(HERE, "..", "fuzz", "corpus", "image")
    os.makedirs(corpus, exist_ok=True)
    for name, data in files.items():
        if not name.startswith(("size-", "bits-")):
            with open(os.path.join(corpus, name), "wb") as out:
                out.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
