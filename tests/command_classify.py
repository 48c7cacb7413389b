#!/usr/bin/env python3
"""command_classify.py: effnet classify on good pictures.

Expected numbers: tests/data/command, by tests/oracle/make_tutorial.py.
"""
import csv
import hashlib
import io
import json
import math
import os
import pathlib
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import (  # noqa: E402
    CHECKPOINTS, COMMAND, DATA, EXAMPLES, MODEL, SANITIZED, SMALL, TUTORIAL,
    check, difference, expect, floats, lines, main, png, read_npy, run, skip,
    start, tasks)


def expected_tutorial():
    return json.loads((DATA / "tutorial.json").read_text())


def test_tutorial(folder):
    table = expected_tutorial()
    pictures = [EXAMPLES / name for name in ("coffee.png", "chelsea.png")]
    if not all(map(os.path.exists, pictures)):
        return skip("the tutorial", "examples/ has no pictures")
    words = ("classify", "-m", MODEL, *TUTORIAL, *pictures)
    done = run(*words, "--format", "json", variables={"LC_ALL": "C.UTF-8"})
    found = lines(done)
    check("JSON has one object a picture", [line["image"] for line in found]
          == list(map(str, pictures)), done.stdout, done.stderr)
    for line in found:
        name = os.path.basename(line["image"])
        best = table[name]["top"]
        check(f"{name}: torchvision's classes, labels and digits", [
            (entry["class"], entry["label"], f"{entry['probability']:.3f}")
            for entry in line["top"]] == [
            (entry["class"], entry["label"], f"{entry['probability']:.3f}")
            for entry in best], line, best)
        check(f"{name}: torchvision's logits", difference(
            [entry["logit"] for entry in line["top"]],
            [entry["logit"] for entry in best]) <= 2e-5, line, best)
    text = run(*words).stdout.decode().split("\n\n")
    for name, part in zip(table and ("coffee.png", "chelsea.png"), text):
        rows = [row.split("  ") for row in part.splitlines()[1:6]]
        rows = [[cell.strip() for cell in row if cell] for row in rows]
        check(f"{name}: the printed digits are torchvision's",
              [row[:2] for row in rows] ==
              [[entry["label"], f"{entry['probability']:.3f}"]
               for entry in table[name]["top"]], part)
    done = run(*words, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    check("CSV says the same as JSON", done.stdout.startswith(
        b"image,rank,class,label,probability,logit\n") and
        [(row["image"], int(row["rank"]), int(row["class"]), row["label"],
          float(row["probability"]), float(row["logit"])) for row in rows] ==
        [(line["image"], rank, entry["class"], entry["label"],
          entry["probability"], entry["logit"]) for line in found
         for rank, entry in enumerate(line["top"], 1)], done.stdout)
    check("two threads give the same digits", run(
        *words, "--format", "csv", "--threads", "2").stdout == done.stdout)
    test_stages(folder, table, {os.path.basename(line["image"]): line["top"]
                                for line in found})


def test_stages(folder, table, classified):
    """What preprocess and run write, against torch's arrays and classify."""
    for name in ("coffee.png", "chelsea.png"):
        inputs, output = folder / "in.npy", folder / "out.npy"
        done = run("preprocess", "-m", MODEL, EXAMPLES / name, "-o", inputs,
                   *TUTORIAL)
        shape, data = read_npy(inputs)
        check(f"preprocess {name}: torchvision's bits",
              done.returncode == 0 and shape == (1, 3, 224, 224) and
              hashlib.sha256(data).hexdigest() == table[name]["input_sha256"],
              shape, done.stderr)
        by_name = folder / "b0.npy"
        run("preprocess", "-m", "b0", EXAMPLES / name, "-o", by_name,
            *TUTORIAL)
        check(f"preprocess -m NAME {name}: the same bits",
              by_name.read_bytes() == inputs.read_bytes())
        for what in ("logits", "embedding"):
            done = run("run", "-m", MODEL, inputs, "-o", output, "--output",
                       what)
            stem = name.split(".")[0]
            best_shape, best = read_npy(DATA / f"{stem}_{what}.npy")
            shape, data = read_npy(output)
            off = difference(floats(data), floats(best))
            check(f"run --output {what} {name}: torch's numbers",
                  shape == best_shape and off <= 2e-5, shape, off)
        run("run", "-m", MODEL, inputs, "-o", output)
        logits = floats(read_npy(output)[1])
        check(f"classify {name}: its logits read back as the same floats", all(
            struct.pack("<f", entry["logit"]) ==
            struct.pack("<f", logits[entry["class"]])
            for entry in classified[name]), classified[name])
        run("run", "-m", MODEL, inputs, "-o", output, "--output",
            "probabilities")
        powers = [math.exp(value - max(logits)) for value in logits]
        check(f"run --output probabilities {name}: the softmax of the logits",
              difference(floats(read_npy(output)[1]),
                         [power / sum(powers) for power in powers]) < 1e-5)


def test_bars(folder):
    picture = folder / "a.png"
    picture.write_bytes(png())
    words = ("classify", "-m", MODEL, *SMALL, "-k", "9999", picture)
    done = run(*words)
    rows = done.stdout.decode("ascii").splitlines()
    check("a huge -k is every class, within 80 columns", len(rows) == 1002 and
          max(map(len, rows)) <= 80, len(rows), done.stderr)
    check("no blanks at the ends of lines", not any(
        row.endswith(" ") for row in rows), rows[:9])
    check("the time taken is said", "decoded in " in rows[-1] and
          " ms" in rows[-1], rows[-1])
    done = run("classify", "-m", MODEL, *SMALL, picture,
               variables={"LC_ALL": "de_DE.UTF-8"})
    text = done.stdout.decode("utf-8")
    check("bars of blocks where the terminal has UTF-8, and no bars of #",
          ("\u2588" in text or "\u258f" in text) and "#" not in text, text)
    check("decimal points whatever the locale", "0." in text and
          "0," not in text, text)
    done = run(*words[:-3], "-k", "2", "-k", "1", "--format", "csv",
               "--format", "json", picture)
    check("of an option given twice the last counts",
          len(lines(done)[0]["top"]) == 1, done.stdout)


def test_labels(folder):
    picture = folder / "a.png"
    picture.write_bytes(png())
    labels = folder / "labels"
    rows = [b"a, \"b\"", b"tab\there \x1b[31m",
            b"del \x7f and \xc2\x9b",
            "\u00e9t\u00e9 \u732b".encode(), b"x" * 200]
    labels.write_bytes(b"\n".join(rows[i % 5] for i in range(1000)) + b"\n")
    words = ("classify", "-m", MODEL, "--labels", labels, *SMALL, "-k",
             "1000", picture)
    clean = [row.decode("utf-8", "replace") for row in rows]
    done = run(*words, "--format", "json")
    check("odd labels in JSON", all(
        entry["label"] == clean[entry["class"] % 5]
        for entry in lines(done)[0]["top"]), done.stdout, done.stderr)
    done = run(*words, "--format", "csv")
    check("odd labels in CSV", all(
        row["label"] == clean[int(row["class"]) % 5] for row in
        csv.DictReader(io.StringIO(done.stdout.decode(), newline=""))),
        done.stdout)
    text = run(*words).stdout.decode("utf-8")
    check("odd labels in text stay on their lines", "\x1b" not in text and
          "tab\\there \\x1B[31m" in text and "del \\x7F and" in text and
          "\n  " + "x" * 27 + "...  " in text and
          len(text.splitlines()) == 1002 and
          max(map(len, text.splitlines())) <= 80, text)
    labels.write_bytes(b"cat\nbad \xff byte\n" * 500)
    expect("labels that are no UTF-8", run(*words), 3,
           "labels: line 2 is no UTF-8 (byte 0xff): save the file as UTF-8")


def test_threads(folder):
    """Workers are counted when a first picture is done and the second has not
    come yet.
    """
    picture = folder / "a.png"
    picture.write_bytes(png())
    counts = []
    for words in ((), ("--threads", "4")):
        process = start("classify", "-m", MODEL, *SMALL, *words, "--format",
                        "json", picture, "-", stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE)
        process.stdout.readline()
        counts.append(tasks(process))
        rest = process.communicate(picture.read_bytes())[0]
        check(f"classify {' '.join(words)} of two pictures",
              process.returncode == 0 and rest.count(b"\n") == 1, rest)
    if None in counts:
        return skip("classify --threads: its threads", "no /proc")
    check("classify --threads 4 works with three threads more",
          counts[1] == counts[0] + 3, counts)


def test_architecture(folder):
    """--arch reaches classify and preprocess: Lite crops first, B0 does not;
    their own numbers are those of the architecture by its name.
    """
    picture, first, second = (folder / name for name in
                              ("a.png", "1.npy", "2.npy"))
    picture.write_bytes(png(400, 300))
    lite = CHECKPOINTS / "timm-lite-ema.pth"
    for name in ("tf_efficientnet_lite0", "efficientnet_lite0"):
        run("preprocess", "-m", lite, "--arch", name, picture, "-o", first)
        run("preprocess", "-m", name, picture, "-o", second)
        check(f"preprocess --arch {name}: as that name's",
              first.read_bytes() == second.read_bytes())
    file = CHECKPOINTS / "timm-tf-protocol4.pth"
    arch = ("--arch", "tf_efficientnet_b0")
    run("preprocess", "-m", file, *arch, *SMALL, picture, "-o", first)
    run("run", "-m", file, *arch, first, "-o", second)
    logits = floats(read_npy(second)[1])
    words = ("classify", "-m", file, *SMALL, "--format", "json", picture)
    found = [lines(run(*words, *more))[0]["top"] for more in (arch, ())]
    check("classify --arch: the logits of preprocess and run", all(
        struct.pack("<f", entry["logit"]) ==
        struct.pack("<f", logits[entry["class"]]) for entry in found[0]),
        found[0], logits)
    check("classify without --arch: others", found[0] != found[1], found)


def test_multi_label(folder):
    """Of several pictures, one of them bad, and as convert writes it down."""
    pictures = [folder / f"{name}.png" for name in "abc"]
    for i, picture in enumerate(pictures):
        picture.write_bytes(png(60, 50, 40 * i + 1))
    pictures[1].write_bytes(b"no picture")
    def classify(model, *more):
        return run("classify", "-m", model, *SMALL, *more, *pictures)
    plain, found = (lines(classify(MODEL, *more, "--format", "json"))
                    for more in ((), ("--multi-label",)))
    for one, two in zip(plain[::2], found[::2]):
        check("--multi-label: the same classes and logits",
              [(e["class"], e["logit"]) for e in one["top"]] ==
              [(e["class"], e["logit"]) for e in two["top"]], one, two)
        check("--multi-label: sigmoids of the logits", difference(
            [e["probability"] for e in two["top"]],
            [1 / (1 + math.exp(-e["logit"])) for e in two["top"]]) < 1e-6, two)
        check("without it not", difference(
            [e["probability"] for e in one["top"]],
            [e["probability"] for e in two["top"]]) > 1e-2, one, two)
    check("--multi-label: a bad picture fails alone", len(found) == 3 and
          found[1] == plain[1] and
          found[1]["error"]["status"] == "format", found[1:2])
    done = classify(MODEL, "--multi-label", "--format", "csv")
    check("--multi-label in CSV, exit code 1", done.returncode == 1 and
          [(float(row["probability"]), float(row["logit"])) for row in
           csv.DictReader(io.StringIO(done.stdout.decode()))] ==
          [(e["probability"], e["logit"]) for line in found[::2]
           for e in line["top"]], done.stdout, done.stderr)
    saved = folder / "saved.safetensors"
    for more, best in ((("--multi-label",), found), ((), plain)):
        run("convert", MODEL, "-o", saved, *more)
        check(f"convert {' '.join(more)}: the file says it",
              lines(classify(saved, "--format", "json")) == best)


def peak(count, folder):
    """The command's peak memory in kB over `count` pictures."""
    process = subprocess.Popen(
        [COMMAND, "classify", "-m", MODEL, *SMALL, "--format", "csv",
         "-k", "1", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows = len(process.stdout.read().splitlines()) - 1
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    check(f"{count} pictures in a folder", rows == count, rows)
    return usage.ru_maxrss


def test_many(folder):
    few, many = folder / "few", folder / "many"
    for place, count in ((few, 10), (many, 1000)):
        place.mkdir()
        for i in range(count):
            (place / f"{i:04}.png").write_bytes(png(64, 48, i % 250 + 1))
    if SANITIZED:
        return skip("memory over many pictures", "sanitizers keep freed "
                    "memory")
    first, last = peak(10, few), peak(1000, many)
    check("memory does not grow with the pictures", last < first + 2048,
          first, last)


def test_demo_model(folder):
    cache = (os.environ.get("XDG_CACHE_HOME") or
             os.path.join(os.environ.get("HOME", "/"), ".cache"))
    path = os.path.join(cache, "effnet/efficientnet-lite0-57934424.pth")
    path = os.environ.get("EFFNET_MODEL") or path
    if not os.path.exists(path) or not (EXAMPLES / "coffee.png").exists():
        return skip("the demo's model", "it or its pictures are not there")
    expected = {
        "coffee.png": [("espresso", .951), ("cup", .015), ("consomme", .008),
                       ("chocolate sauce", .004), ("coffee mug", .003)],
        "chelsea.png": [("tiger cat", .408), ("Egyptian cat", .340),
                        ("tabby", .167), ("lynx", .015)]}
    done = run("classify", "--format", "json", *(EXAMPLES / name
                                                 for name in expected),
               variables={"EFFNET_MODEL": path})
    for line in lines(done):
        best = expected[os.path.basename(line["image"])]
        found = [(entry["label"], round(entry["probability"], 3))
                 for entry in line["top"]]
        check(f"the demo's model: {os.path.basename(line['image'])}",
              found[:len(best)] == best, found)


if __name__ == "__main__":
    sys.exit(main((), (test_tutorial, test_bars, test_labels, test_threads,
                       test_architecture, test_multi_label, test_many,
                       test_demo_model)))
