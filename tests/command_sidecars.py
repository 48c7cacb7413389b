#!/usr/bin/env python3
"""command_sidecars.py: what effnet makes of files beside a checkpoint, and the
options of loading.
"""
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import (  # noqa: E402
    CHECKPOINTS, MODEL, SMALL, check, expect, lines, main, png, run)

TIMM = CHECKPOINTS / "timm-tf-protocol4.pth"
TF = {"architecture": "tf_efficientnet_b0", "num_classes": 10,
      "pretrained_cfg": {"input_size": [3, 96, 96], "crop_pct": 1.0,
                         "test_input_size": [3, 128, 128]}}


def info(*arguments):
    return lines(run("info", "--format", "json", *arguments))[0]


def place(folder, config):
    here = folder / "hub"
    here.mkdir(exist_ok=True)
    shutil.copy(TIMM, here / "model.bin")
    (here / "config.json").write_text(json.dumps(config))
    (here / "dog.png").write_bytes(png())
    return here / "model.bin"


def test_sidecars(folder):
    names = [f"class {i}" for i in range(info(TIMM)["classes"])]
    config = dict(TF, num_classes=len(names), label_names=names)
    model = place(folder, config)
    found = info(model)
    check("config.json decides", found["name"] == "tf_efficientnet_b0" and
          found["padding"] == "same" and
          found["preprocessing"]["crop"] == [96, 96] and
          found["sources"]["padding"] == "config.json" and
          found["warnings"] == [], found)
    found = info(model, "--test-size")
    check("--test-size", found["preprocessing"]["crop"] == [128, 128], found)
    found = info(model, "--train-size")
    check("--train-size", found["preprocessing"]["crop"] == [96, 96], found)
    found = info(model, "--no-sidecars")
    check("--no-sidecars", found["name"] == "efficientnet_b0" and
          found["sources"]["padding"] == "default of timm", found)
    done = run("classify", "-m", model, "--format", "json", *SMALL,
               folder / "hub" / "dog.png")
    check("its labels", done.stderr == b"" and all(
        top["label"] == f"class {top['class']}"
        for top in lines(done)[0]["top"]), done.stderr, done.stdout)


def test_warnings(folder):
    model = place(folder, dict(TF, num_classes=77))
    for words in (("classify", "-m", model, *SMALL,
                   folder / "hub" / "dog.png"),
                  ("convert", model, "-o", folder / "out.safetensors"),
                  ("preprocess", "-m", model, folder / "hub" / "dog.png",
                   "-o", folder / "out.npy")):
        expect(f"{words[0]}: warns", run(*words), 0,
               f"effnet {words[0]}: warning: config.json is ignored: it is of "
               "77 classes", "warning: names and shapes are those of")
    done = run("info", model)
    check("info shows them itself", done.stderr == b"" and
          b"config.json is ignored" in done.stdout, done.stdout, done.stderr)


def test_background(folder):
    classes = info(TIMM)["classes"]
    found = info(TIMM, "--background-class", "drop", "--no-sidecars")
    check("--background-class drop", found["classes"] == classes - 1, found)
    found = info(TIMM, "--background-class", "keep")
    check("--background-class keep", found["classes"] == classes, found)
    expect("--background-class with another word",
           run("info", TIMM, "--background-class", "maybe"), 2,
           "--background-class takes auto, keep or drop, not 'maybe'")


def test_json_labels(folder):
    classes = info(MODEL)["classes"]
    labels = folder / "labels.json"
    labels.write_text(json.dumps({str(i): f"l{i}" for i in range(classes)}))
    (folder / "dog.png").write_bytes(png())
    done = run("classify", "-m", MODEL, "--labels", labels, "--format", "csv",
               *SMALL, folder / "dog.png")
    check("labels as JSON", done.returncode == 0 and
          done.stdout.splitlines()[1].split(b",")[3].startswith(b"l"),
          done.stdout, done.stderr)
    labels.write_text("{\"0\": \"a\"}")
    expect("labels as JSON, too few",
           run("classify", "-m", MODEL, "--labels", labels,
               folder / "dog.png"), 3, "labels.json: 1 labels; expected")


if __name__ == "__main__":
    sys.exit(main((test_background,),
                  (test_sidecars, test_warnings, test_json_labels)))
