#!/usr/bin/env python3
"""Draws docs/demo.png: what `./bootstrap demo` says of the two photographs.

    python3 docs/picture.py build/effnet     (needs matplotlib)
"""
import json
import pathlib
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

DOCS = pathlib.Path(__file__).resolve().parent
EXAMPLES = DOCS.parent / "examples"
PHOTOGRAPHS = [EXAMPLES / "coffee.png", EXAMPLES / "chelsea.png"]


def classify(command):
    """The command's answer for each photograph."""
    lines = subprocess.run(
        [command, "classify", "--format", "json", *map(str, PHOTOGRAPHS)],
        check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line)["top"] for line in lines]


def draw(axes, photograph, top):
    picture, bars = axes
    picture.imshow(plt.imread(photograph))
    picture.axis("off")
    labels = [row["label"] for row in top]
    values = [row["probability"] for row in top]
    bars.barh(labels, values, color="#3b7dd8", height=0.6)
    bars.invert_yaxis()
    bars.set_xlim(0, 1.15)
    bars.set_xticks([])
    bars.tick_params(length=0, labelsize=10)
    for side in bars.spines.values():
        side.set_visible(False)
    for row, value in enumerate(values):
        bars.text(value + 0.02, row, f"{value:.3f}", va="center", fontsize=10)


def main():
    figure, rows = plt.subplots(2, 2, figsize=(8, 4.6),
                                width_ratios=[1, 1.1])
    for axes, photograph, top in zip(rows, PHOTOGRAPHS,
                                     classify(sys.argv[1])):
        draw(axes, photograph, top)
    figure.tight_layout()
    figure.savefig(DOCS / "demo.png", dpi=100)


if __name__ == "__main__":
    main()
