#!/usr/bin/env python3
"""command_maps.py: effnet run: maps, and each layer's output in a folder."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import (  # noqa: E402
    CHECKPOINTS, MODEL, check, difference, expect, floats, main, npy, read_npy,
    run)

SHAPE = (2, 3, 45, 38)
# Of B0 at that size: the output, its layer, channels, height and width.
MAPS = [("reduction_2", "blocks.0.0.project", 16, 23, 19),
        ("reduction_4", "blocks.1.1.project", 24, 12, 10),
        ("reduction_8", "blocks.2.1.project", 40, 6, 5),
        ("reduction_16", "blocks.4.2.project", 112, 3, 3),
        ("reduction_32", "blocks.6.0.project", 320, 2, 2),
        ("map", "head", 1280, 2, 2)]


def values(count):
    state = 1
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        yield (state >> 40) / 2 ** 23 - 1


def write_input(folder, shape=SHAPE):
    count = shape[0] * shape[1] * shape[2] * shape[3]
    path = folder / "in.npy"
    path.write_bytes(npy(shape, list(values(count))))
    return path


def test_maps(folder):
    source, output = write_input(folder), folder / "out.npy"
    layers = folder / "layers"
    done = run("run", "-m", MODEL, source, "--dump", layers)
    check("run --dump alone", done.returncode == 0 and not done.stdout,
          done.stderr)
    for what, layer, *size in MAPS:
        done = run("run", "-m", MODEL, source, "-o", output, "--output", what)
        if not check(f"run --output {what}", done.returncode == 0,
                     done.stderr):
            continue
        shape, data = read_npy(output)
        check(f"run --output {what}: N x channels x height x width",
              shape == (2, *size), shape)
        dumped, same = read_npy(layers / f"{layer}.npy")
        off = difference(floats(same), floats(data))
        check(f"run --output {what} is what {layer} gives",
              dumped == shape and off <= 1e-5, dumped, off)
    run("run", "-m", MODEL, source, "-o", output, "--output", "map",
        "--threads", "3")
    many = output.read_bytes()
    run("run", "-m", MODEL, source, "-o", output, "--output", "map")
    check("run --output map: threads change no bit",
          output.read_bytes() == many)
    run("run", "-m", MODEL, source, "-o", output, "--output", "embedding")
    mean = floats(read_npy(output)[1])
    flat = floats(read_npy(layers / "head.npy")[1])
    found = [sum(flat[i:i + 4]) / 4 for i in range(0, len(flat), 4)]
    check("the embedding is the mean of the map",
          difference(found, mean) <= 1e-5)


def test_dump(folder):
    source, output = write_input(folder), folder / "out.npy"
    layers = folder / "deep"
    words = ("run", "-m", MODEL, source, "--dump", layers)
    done = run(*words, "-o", output)
    check("run --dump with -o", done.returncode == 0, done.stderr)
    info = json.loads(run("info", "--layers", "--format", "json",
                          MODEL).stdout)
    names = [layer["name"] for layer in info["layers"]]
    check("run --dump: every layer of info --layers and nothing else",
          sorted(path.name for path in layers.iterdir()) ==
          sorted(f"{name}.npy" for name in names))
    shapes = {name: read_npy(layers / f"{name}.npy")[0] for name in names}
    check("run --dump: channels are those of info --layers", all(
        shapes[layer["name"]][:2] == (2, layer["output"][0])
        for layer in info["layers"]))
    check("run --dump: maps, and from the pool on vectors", all(
        len(shapes[name]) == (2 if name in ("pool", "classifier") else 4)
        for name in names))
    logits = floats(read_npy(output)[1])
    off = difference(floats(read_npy(layers / "classifier.npy")[1]), logits)
    check("run --dump: the last layer's are the logits", off == 0, off)
    plain = folder / "plain.npy"
    run("run", "-m", MODEL, source, "-o", plain)
    off = difference(logits, floats(read_npy(plain)[1]))
    check("run --dump: the logits differ in last bits at most", off <= 1e-5,
          off)
    before = (layers / "head.npy").read_bytes()
    (layers / "head.npy").write_bytes(b"old")
    check("run --dump into an existing folder", run(*words).returncode == 0 and
          (layers / "head.npy").read_bytes() == before)


def test_failures(folder):
    source, output = write_input(folder), folder / "out.npy"
    file = folder / "file"
    file.write_text("mine")
    expect("run --dump onto a file",
           run("run", "-m", MODEL, source, "--dump", file), 3, "file",
           "Not a directory")
    check("run --dump onto a file leaves it", file.read_text() == "mine")
    expect("run --dump below nothing",
           run("run", "-m", MODEL, source, "--dump", folder / "no/such"), 3,
           "no/such", "No such file")
    (folder / "blocked/stem.npy").mkdir(parents=True)
    expect("run --dump where a folder has a layer's name",
           run("run", "-m", MODEL, source, "--dump", folder / "blocked"), 3,
           "stem.npy", "folder")
    bad = folder / "bad.npy"
    bad.write_bytes(npy((1, 5, 32, 32)))
    expect("run --dump of a wrong input",
           run("run", "-m", MODEL, bad, "--dump", folder / "none"), 3, "5")
    check("a failed run leaves no folder", not (folder / "none").exists())
    headless = CHECKPOINTS / "timm-headless.pth"
    done = run("run", "-m", headless, source, "-o", output, "--output",
               "logits")
    expect("run --output logits of a model without a classifier", done, 3,
           "no classifier")
    check("and leaves no output", not output.exists())


if __name__ == "__main__":
    sys.exit(main((test_maps, test_dump, test_failures), ()))
