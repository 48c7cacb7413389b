#!/usr/bin/env python3
"""command_info.py: effnet info and effnet scale."""
import math
import pathlib
import shutil
import sys
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import (  # noqa: E402
    CHECKPOINTS, MODEL, PARAMETERS, SOURCE, check, expect, lines, main, run)


def check_info(what, found, layers):
    kinds = {"name": str, "family": str, "container": str, "parameters": int,
             "macs": int, "resolution": list, "classes": int, "padding": str,
             "epsilon": float, "multi_label": bool, "preprocessing": dict, "sources": dict,
             "warnings": list}
    steps = {"mode": str, "resize": list, "crop": list, "filter": str,
             "mean": list, "std": list}
    check(f"{what}: keys and types", list(found) ==
          list(kinds) + (["layers"] if layers else []) and
          all(type(found[key]) is kind for key, kind in kinds.items()) and
          list(found["preprocessing"]) == list(steps) and
          all(type(found["preprocessing"][key]) is kind
              for key, kind in steps.items()), found)


def test_info(folder):
    for i, parameters in enumerate(PARAMETERS):
        found = lines(run("info", "--format", "json", f"b{i}"))[0]
        check(f"info b{i}: parameters", found["parameters"] == parameters,
              found)
    check_info("info b7", found, False)
    check("info b7: values", found["name"] == "efficientnet_b7" and
          found["family"] == "torchvision" and found["container"] == "none"
          and found["resolution"] == [600, 600] and found["classes"] == 1000
          and found["padding"] == "symmetric" and found["epsilon"] == 1e-3 and
          found["preprocessing"] == {
              "mode": "centre", "resize": [600, 0], "crop": [600, 600],
              "filter": "bicubic", "mean": [0.485, 0.456, 0.406],
              "std": [0.229, 0.224, 0.225]}, found)
    found = lines(run("info", "--format=json", "--layers", MODEL))[0]
    check_info("info MODEL --layers", found, True)
    check("info MODEL: values", found["name"] == "efficientnet_b0" and
          found["container"] == "torch-zip" and found["epsilon"] == 1e-5 and
          found["parameters"] == PARAMETERS[0], found)
    layers = found["layers"]
    check("layers: keys and types", all(
        [type(layer[key]) for key in ("name", "op", "output", "parameters",
                                      "macs")] == [str, str, list, int, int]
        and list(layer) == ["name", "op", "output", "parameters", "macs"] and
        len(layer["output"]) == 3 for layer in layers), layers)
    check("layers: the parameters and MACs add up",
          sum(layer["parameters"] for layer in layers) == PARAMETERS[0] and
          sum(layer["macs"] for layer in layers) == found["macs"])
    check("layers: first and last", layers[0]["name"] == "stem" and
          layers[0]["output"] == [32, 112, 112] and
          layers[-1]["name"] == "classifier" and
          layers[-1]["parameters"] == 1281000, layers[0], layers[-1])
    found = lines(run("info", "--format", "json", "lite0"))[0]
    check("info lite0: crop first", found["preprocessing"]["mode"] ==
          "crop-first" and found["preprocessing"]["resize"] == [0, 0] and
          found["preprocessing"]["crop"] == [224, 224] and
          found["padding"] == "same-static", found)
    for arguments in (("b0",), (MODEL, "--layers")):
        done = run("info", *arguments)
        text = done.stdout.decode("ascii")
        check(f"info {arguments[-1]} as text", done.returncode == 0 and
              "efficientnet_b0" in text and "5,288,548" in text and
              max(map(len, text.splitlines())) <= 80, text, done.stderr)
    shutil.copy(MODEL, folder / "b7")
    found = lines(run("info", "--format", "json", "b7", cwd=folder))[0]
    check("a file wins over a name", found["container"] == "torch-zip" and
          found["name"] == "efficientnet_b0", found)
    expect("an unknown name", run("info", "efficientnet_bo"), 3,
           "efficientnet_bo", "did you mean efficientnet_b0?")
    expect("a name far from any", run("info", "b9"), 3, "b9",
           "effnet info --help")
    expect("a damaged file", run("info", SOURCE / "COPYING"
                                 if (SOURCE / "COPYING").exists()
                                 else __file__), 3, ":")


def row_of(text, name):
    """What `info` shows beside a name."""
    return next(line.split(maxsplit=1)[1] for line in text.splitlines()
                if line.startswith(f"  {name} "))


def test_architecture(folder):
    """A file does not tell timm's own models from those ported from
    TensorFlow; --arch does.  Values: timm's configurations of the two.
    """
    file = CHECKPOINTS / "timm-tf-protocol4.pth"
    cases = [((), "efficientnet_b0", "symmetric", 1e-5),
             (("--arch", "tf_efficientnet_b0"), "tf_efficientnet_b0", "same",
              1e-3),
             (("--arch=efficientnet_b0",), "efficientnet_b0", "symmetric",
              1e-5)]
    for words, name, padding, epsilon in cases:
        found = lines(run("info", "--format", "json", *words, file))[0]
        what = " ".join(words) or "no --arch"
        check(f"info with {what}: padding and epsilon",
              (found["name"], found["family"], found["padding"],
               found["epsilon"]) == (name, "timm", padding, epsilon), found)
        text = run("info", *words, file).stdout.decode()
        source = "option" if words else "default of timm"
        check(f"info with {what}: where values came from",
              set(found["sources"].values()) == {source} and
              list(found["sources"]) == ["padding", "epsilon", "mean_std",
                                         "resize", "crop", "filter", "mode",
                                         "multi_label"]
              and f"  padding       {source}\n" in text, found)
        check(f"info with {what}: what is guessed is said to be",
              ["a guess" in w for w in found["warnings"]] ==
              ([] if words else [True]) and
              ("warning: names and shapes" in text) == (not words) and
              max(map(len, text.splitlines())) <= 80, text)
    check("info NAME guesses nothing",
          b"guess" not in run("info", "tf_efficientnet_b0").stdout)
    expect("an --arch that the file is not", run(
        "info", "--arch", "tf_efficientnet_b1", file), 3, file.name,
        "missing")
    expect("--arch without a file", run(
        "info", "--arch", "tf_efficientnet_b0", "b0"), 3, "b0",
        "name a checkpoint file")


def scaled(*words):
    done = run("scale", "--format", "json", *words)
    return lines(done) if done.returncode == 0 else done


def test_scale(folder):
    rows = scaled()
    check("scale: B0 to B7", [(row["name"], row["phi"], row["parameters"])
                              for row in rows] ==
          list(zip([f"b{i}" for i in range(8)], (0, .5, 1, 2, 3, 4, 5, 6),
                   PARAMETERS)), rows)
    macs = [lines(run("info", "--format", "json", f"b{i}"))[0]["macs"]
            for i in (0, 7)]
    check("scale: the ratio is to B0's MACs, beside 2^phi", math.isclose(
        rows[7]["mac_ratio"], macs[1] / macs[0], rel_tol=1e-8) and
        rows[7]["expected_ratio"] == 64 and rows[0]["mac_ratio"] == 1, rows)
    rows = scaled("--phi", "0", "--phi=1", "--phi", "6", "--phi", "-0.5")
    check("scale --phi: the powers", [row["phi"] for row in rows] ==
          [0, 1, 6, -.5] and all(
              math.isclose(row["depth"], 1.2 ** row["phi"], rel_tol=1e-8) and
              math.isclose(row["width"], 1.1 ** row["phi"], rel_tol=1e-8) and
              row["resolution"] == [int(224 * 1.15 ** row["phi"] / 8 + .5) * 8]
              * 2 for row in rows), rows)
    check("scale --phi 0 is B0", rows[0]["parameters"] == PARAMETERS[0] and
          rows[0]["mac_ratio"] == 1 and rows[0]["resolution"] == [224, 224])
    rows = scaled("--alpha", "1.4", "--beta", "1", "--gamma", "1")
    check("scale with coefficients alone: the phi of B0 to B7",
          [row["phi"] for row in rows] == [0, .5, 1, 2, 3, 4, 5, 6] and
          all(row["width"] == 1 and row["resolution"] == [224, 224]
              for row in rows), rows)
    rows = scaled("--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15")
    check("scale with the published coefficients: scaled all the same",
          [row["name"] for row in rows] == ["custom"] * 8 and
          rows[2]["resolution"] == [256, 256] and
          rows[2]["macs"] == 859853760 and
          rows == scaled("--gamma", "1.15"), rows)
    done = run("scale", "--phi", "20", "--phi", "-3", "--phi", "0.123456",
               "--beta", "1.2")
    rows = [row.split() for row in done.stdout.decode().splitlines()[1:]]
    best = scaled("--phi", "20", "--phi", "-3", "--phi", "0.123456",
                  "--beta", "1.2")
    check("scale as text: large columns stay apart",
          [(row[0], row[3], row[4], row[5]) for row in rows] ==
          [(f"{row['phi']:g}", str(row["resolution"][0]),
            f"{row['parameters']:,}", f"{row['macs']:,}") for row in best] and
          all(len(row) == 8 for row in rows), done.stdout, best)
    done = run("scale")
    check("scale as text", done.returncode == 0 and
          len(done.stdout.splitlines()) == 9 and
          b"66,347,960" in done.stdout and
          max(map(len, done.stdout.decode("ascii").splitlines())) <= 80,
          done.stdout)
    done = run("scale", "--phi", "1", "--phi", "1e9", "--format", "json")
    expect("scale: one phi too far", done, 1, "phi 1e+09")
    check("the others are shown", len(lines(done)) == 1, done.stdout)
    expect("scale: all too far", run("scale", "--phi", "1e9"), 3, "phi 1e+09")


def test_search(folder):
    grid = [Fraction(i, 20) for i in range(20, 29)]
    best = sorted((abs(a * b * b * c * c - 2), a, b, c)
                  for a in grid for b in grid for c in grid)
    best = [point[1:] for point in best if point[0] <= Fraction(1, 10)]
    rows = scaled("--search")
    check("search: the grid's points, nearest to 2 first",
          [(row["alpha"], row["beta"], row["gamma"]) for row in rows] ==
          [tuple(map(float, point)) for point in best], len(rows), len(best))
    check("search: the products", all(
        math.isclose(row["product"], float(a * b * b * c * c), rel_tol=1e-8)
        for row, (a, b, c) in zip(rows, best)))
    for row in rows[0], rows[-1]:
        one = scaled("--phi", "1", *(f"--{key}={row[key]}" for key in
                                     ("alpha", "beta", "gamma")))[0]
        check(f"search: the real network of {row['alpha']} {row['beta']} "
              f"{row['gamma']}", all(row[key] == one[key] for key in
                                     ("macs", "mac_ratio", "parameters",
                                      "resolution")), row, one)
    done = run("scale", "--search")
    check("search as text", done.returncode == 0 and
          len(done.stdout.splitlines()) == len(best) + 1 and
          max(map(len, done.stdout.splitlines())) <= 80, done.stdout)


if __name__ == "__main__":
    sys.exit(main((test_info, test_architecture, test_scale, test_search), ()))
