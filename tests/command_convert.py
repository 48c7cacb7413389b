#!/usr/bin/env python3
"""command_convert.py: effnet convert: a checkpoint by other names."""
import json
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import MODEL, check, expect, main, run  # noqa: E402


def header(path):
    data = path.read_bytes()
    size, = struct.unpack("<Q", data[:8])
    return json.loads(data[8:8 + size]), len(data) - 8 - size


def tensors(path):
    found, size = header(path)
    metadata = found.pop("__metadata__")
    ends = sorted(t["data_offsets"] for t in found.values())
    check("the tensors tile the file",
          ends[0][0] == 0 and ends[-1][1] == size and
          all(a[1] == b[0] for a, b in zip(ends, ends[1:])), ends[:3])
    return found, metadata


def test_names(folder):
    out = folder / "out.safetensors"
    expect("convert to timm", run("convert", MODEL, "-o", out, "--names",
                                  "timm", "--dtype", "bf16"), 0)
    found, metadata = tensors(out)
    check("timm's 360 names", len(found) == 360 and
          found["blocks.1.0.conv_pwl.weight"]["dtype"] == "BF16" and
          found["bn1.num_batches_tracked"] == {
              "dtype": "I64", "shape": [],
              "data_offsets": found["bn1.num_batches_tracked"]
              ["data_offsets"]}, len(found))
    described = json.loads(metadata["effnet"])
    check("the metadata", metadata["format"] == "pt" and
          described["architecture"] == "efficientnet_b0" and
          described["padding"] == "symmetric" and
          described["epsilon"] == 1e-5, metadata)
    shown = run("info", "--format", "json", out)
    check("it loads", shown.returncode == 0 and
          json.loads(shown.stdout)["container"] == "safetensors", shown)
    expect("the checkpoint's own names", run("convert", MODEL, "-o", out), 0)
    check("they are torchvision's",
          "features.8.1.running_var" in tensors(out)[0])


def test_failures(folder):
    out = folder / "out.safetensors"
    expect("what a target lacks", run("convert", MODEL, "-o", out, "--names",
                                      "hf"), 3, "transformers", "TensorFlow")
    expect("no such folder", run("convert", MODEL, "-o", folder / "a/b"), 3,
           "no such file or folder")
    expect("a folder", run("convert", MODEL, "-o", folder), 3, "directory")
    expect("no such file", run("convert", folder / "none", "-o", out), 3,
           "none")
    expect("no output named", run("convert", MODEL), 2, "-o")
    expect("no input", run("convert", "-o", out), 2, "checkpoint")
    expect("an unknown naming", run("convert", MODEL, "-o", out, "--names",
                                    "keras"), 2, "torchvision")
    check("nothing is left", not list(folder.iterdir()),
          list(folder.iterdir()))
    done = run("convert", "--help")
    check("help begins with an example", done.returncode == 0 and
          done.stdout.startswith(b"Example: effnet convert "), done.stdout)


if __name__ == "__main__":
    sys.exit(main((test_names, test_failures), ()))
