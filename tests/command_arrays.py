#!/usr/bin/env python3
"""command_arrays.py: effnet preprocess and run: arrays in and out."""
import os
import pathlib
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import (  # noqa: E402
    CHECKPOINTS, COMMAND, MODEL, check, difference, expect, floats, main, npy,
    png, read_npy, read_npy_bytes, run, skip, start, tasks)


def test_overrides(folder):
    picture, first, second = (folder / name for name in
                              ("a.png", "1.npy", "2.npy"))
    picture.write_bytes(png(400, 300))

    def same(what, model, one, two):
        shapes = []
        for words, path in ((one, first), (two, second)):
            done = run("preprocess", "-m", model, picture, "-o", path,
                       *words.split())
            if not check(f"preprocess -m {model} {words}",
                         done.returncode == 0, done.stderr):
                return ()
            shapes.append(read_npy(path)[0])
        equal = first.read_bytes() == second.read_bytes()
        check(what, equal, shapes)
        return shapes[0]

    shape = same("--crop alone: the shorter side is the crop + 32",
                 "lite0", "--crop 192", "--resize 224 --crop 192")
    check("--crop N is square", shape == (1, 3, 192, 192), shape)
    shape = same("--resize alone: the crop stays", "lite0", "--resize 300",
                 "--resize 300 --crop 224")
    check("the model's crop", shape == (1, 3, 224, 224), shape)
    shape = same("WxH is width x height", "b0", "--crop 200x100",
                 "--crop=200x100 --resize=256")
    check("the tensor is height x width", shape == (1, 3, 100, 200), shape)
    same("a model that resizes first keeps its resize", "b0", "--crop 64",
         "--resize 256 --crop 64")
    same("the default filter of b0 is bicubic", "b0", "", "--filter bicubic")
    same("both sides as given", "b0", "--resize 300x280 --crop 300x280",
         "--crop 300x280 --resize 300x280 --filter bicubic")
    same("--mode squash is both sides", "b0", "--mode squash",
         "--resize 256x256")
    same("--mode centre of a model that crops first", "lite0",
         "--mode centre", "--crop 224")
    same("--mode crop-first", "b0", "--mode crop-first --resize 9",
         "--mode crop-first")
    same("--mode border fits the longer side", "b0",
         "--mode border --resize 200 --crop 150x200 --mean 0,0,0",
         "--resize 200x150 --crop 150x200 --mean 0,0,0")
    expect("an unknown mode", run("preprocess", "-m", "b0", picture, "-o",
                                  first, "--mode", "stretch"), 2,
           "squash or border")
    run("preprocess", "-m", "b0", picture, "-o", first, "--mean", "0,0,0",
        "--std", "1,1,1")
    values = floats(read_npy(first)[1])
    check("--mean and --std: 0...1 as it is", 0 <= min(values) and
          max(values) <= 1 and max(values) > 0.5)


def test_npy_input(folder):
    source, output = folder / "in.npy", folder / "out.npy"
    shape = (1, 3, 32, 32)
    values = [((i * 37) % 101) / 50 - 1 for i in range(3 * 32 * 32)]
    words = ("run", "-m", MODEL, source, "-o", output)
    source.write_bytes(npy(shape, values))
    done = run(*words)
    if not check("run on an array", done.returncode == 0, done.stderr):
        return
    first = output.read_bytes()
    for version in (2, 3):
        source.write_bytes(npy(shape, values, version=version))
        output.unlink()
        check(f".npy version {version}", run(*words).returncode == 0 and
              output.read_bytes() == first)
    source.write_bytes(npy((2, 3, 32, 32), values * 2))
    done = run(*words)
    shape2, data = read_npy(output)
    check("a batch: each picture alike, whatever its place",
          shape2 == (2, 1000) and data == read_npy_bytes(first) * 2, shape2)
    output.unlink()
    huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }"
    cases = [
        ("float64", npy(shape, dtype="<f8"), "astype(numpy.float32)"),
        ("an embedded NUL", npy(shape, text=
                                "{'descr': '<f4\0', 'fortran_order': False, "
                                "'shape': (1, 3, 32, 32)}"), "plain numbers"),
        ("big-endian", npy(shape, dtype=">f4"), "'>f4'"),
        ("structured", npy((1,), text="{'descr': [('a', '<f4')], "
                           "'fortran_order': False, 'shape': (1,)}"),
         "plain numbers"),
        ("Fortran order", npy(shape, fortran=True), "ascontiguousarray"),
        ("truncated data", npy(shape)[:-4], "12288 bytes of data were"),
        ("surplus data", npy(shape) + b"\0", "12288 bytes of data were"),
        ("truncated header", npy(shape)[:40], "header"),
        ("empty", b"", "too few"),
        ("no magic", b"PK\x03\x04" * 10, "numpy.save"),
        ("version 9", b"\x93NUMPY\x09\x00" + bytes(60), "version 9.0"),
        ("huge header", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + bytes(60),
         "header of 2147483647 bytes"),
        ("no header", b"\x93NUMPY\x01\x00\x00\x00" + bytes(60),
         "header of 0 bytes"),
        ("an overflowing shape", npy((), [], text=huge % ", ".join(
            ["4294967296"] * 4)), "too large"),
        ("an overflowing side", npy((), [], text=huge % ("9" * 30 + ",")),
         "sizes"),
        ("a large shape without data",
         npy((), [], text=huge % "1000000000, 3, 224, 224"), "expected"),
        ("nine sides", npy((), text=huge % ("1," * 9)), "8 dimensions"),
        ("a negative side", npy((), text=huge % "-1, 3"), "sizes"),
        ("no shape", npy((), text="{'descr': '<f4', "
                         "'fortran_order': False}"), "missing"),
        ("an expression", npy((), text="__import__('os')"), "'{'"),
        ("an unknown key", npy((), text="{'x': 1}"), "key"),
        ("an open string", npy((), text="{'descr"), "key"),
        ("three dimensions", npy((3, 32, 32)), ""),
        ("five channels", npy((1, 5, 32, 32)), "5"),
        ("no pictures", npy((0, 3, 32, 32)), ""),
        ("an empty side", npy((1, 3, 0, 32)), ""),
    ]
    for what, data, message in cases:
        source.write_bytes(data)
        done = run(*words)
        expect(f"run on .npy: {what}", done, 3, "in.npy", message)
        if output.exists():
            check(f"run on .npy: {what} leaves no output", False)
            output.unlink()
    expect("run on a missing .npy", run("run", "-m", MODEL, "/no/x.npy", "-o",
                                        output), 3, "/no/x.npy", "No such")
    expect("run on a folder", run("run", "-m", MODEL, folder, "-o", output),
           3, "no regular file")
    os.mkfifo(folder / "pipe")
    expect("run on a pipe", run("run", "-m", MODEL, folder / "pipe", "-o",
                                output, timeout=300), 3, "no regular file")


def uniform(seed, count):
    """The input of docs/seeded.md: uniform in (-2, 2)."""
    mask, golden = (1 << 64) - 1, 0x9E3779B97F4A7C15

    def mix(x):
        x &= mask
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & mask
        x = (x ^ x >> 27) * 0x94D049BB133111EB & mask
        return x ^ x >> 31

    name = 0xCBF29CE484222325
    for byte in b"input":
        name = (name ^ byte) * 0x100000001B3 & mask
    key = mix(mix(seed + golden) ^ name)
    return [2 * ((2 * (mix(key + i * golden) >> 40) + 1) / 2 ** 24 - 1)
            for i in range(1, count + 1)]


def test_architecture(folder):
    """timm's numbers need --arch where the file does not tell which it is."""
    source, output = folder / "in.npy", folder / "out.npy"
    rows = [line.split() for line in
            (CHECKPOINTS / "index.txt").read_text().splitlines()]
    row = next(row for row in rows if row[0] == "timm-tf-protocol4.pth")
    classes, channels, height, width, seed, start_at = map(int, row[5:11])
    source.write_bytes(npy((1, channels, height, width), uniform(
        seed, channels * height * width)))
    best = floats(read_npy(CHECKPOINTS / "values.npy")[1])
    best = best[start_at:start_at + classes]
    words = ("run", "-m", CHECKPOINTS / row[0], source, "-o", output)
    done = run(*words, "--arch", row[2])
    off = difference(floats(read_npy(output)[1]), best)
    check(f"run --arch {row[2]}: timm's logits", off <= 2e-5, off,
          done.stderr)
    run(*words)
    off = difference(floats(read_npy(output)[1]), best)
    check("run without --arch: another network's", off > 1e-3, off)


def test_threads(folder):
    """Workers are counted while the output waits for its reader."""
    source, pipe = folder / "in.npy", folder / "out"
    shape = (40, 3, 32, 32)  # 160 kB of logits are more than a pipe holds
    source.write_bytes(npy(shape))
    os.mkfifo(pipe)
    counts = []
    for words in ((), ("--threads", "4")):
        process = start("run", "-m", MODEL, source, "-o", pipe, *words)
        with open(pipe, "rb") as reader:
            counts.append(tasks(process))
            size = len(reader.read())
        check(f"run {' '.join(words)} into a pipe", process.wait() == 0 and
              size > 40 * 1000 * 4, size)
    if None in counts:
        return skip("run --threads: its threads", "no /proc")
    check("run --threads 4 works with three threads more",
          counts[1] == counts[0] + 3, counts)


def test_npy_output(folder):
    picture, target = folder / "a.png", folder / "out.npy"
    picture.write_bytes(png())

    def write(path, **more):
        return run("preprocess", "-m", "b0", picture, "-o", path, **more)

    os.umask(0o027)
    check("the output's mode is the user's", write(target).returncode == 0 and
          stat.S_IMODE(target.stat().st_mode) == 0o640)
    best = target.read_bytes()
    target.write_bytes(b"old")
    target.chmod(0o600)
    link = folder / "link.npy"
    link.symlink_to("out.npy")
    check("through a link, the file is replaced and its mode kept",
          write(link).returncode == 0 and link.is_symlink() and
          target.read_bytes() == best and
          stat.S_IMODE(target.stat().st_mode) == 0o600)
    check("a bare name", write("bare.npy", cwd=folder).returncode == 0 and
          (folder / "bare.npy").read_bytes() == best)
    done = write("/dev/stdout")
    check("a pipe is written to", done.stdout == best, done.stderr)
    expect("a folder for an output", write(folder), 3, "this is a folder")
    expect("an output in no folder", write(folder / "no/x.npy"), 3,
           "no/x.npy", "No such file")
    expect("an output under a file", write(picture / "x.npy"), 3,
           "Not a directory")
    if os.path.exists("/dev/full"):
        expect("a full device", write("/dev/full"), 3, "No space left")
        check("the device is still one",
              stat.S_ISCHR(os.stat("/dev/full").st_mode))
    target.write_bytes(b"old")
    limit = ('ulimit -f 8; trap "" XFSZ; exec "$@"')
    done = subprocess.run(
        ["sh", "-c", limit, "sh", COMMAND, "preprocess", "-m", "b0", picture,
         "-o", target], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    expect("an output that does not fit", done, 3, "out.npy")
    check("what was there before stays", target.read_bytes() == b"old")
    check("nothing else is left behind", sorted(
        path.name for path in folder.iterdir()) ==
        ["a.png", "bare.npy", "link.npy", "out.npy"],
        sorted(folder.iterdir()))


if __name__ == "__main__":
    sys.exit(main((test_npy_input, test_architecture, test_threads),
                  (test_overrides, test_npy_output)))
