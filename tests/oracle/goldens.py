"""What the scripts that make goldens share: a framework's seeded model in float64,
its own float32 beside it, and one file of all values with an index."""

import pathlib
import sys

import numpy as np
import torch

import models
import seeded

LIMIT = 5e-6  # of float32, relative to the largest expected value


def folder(name):
    """That of the command line, or tests/data/`name`."""
    path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                        pathlib.Path(__file__).parent.parent / "data" / name)
    path.mkdir(parents=True, exist_ok=True)
    return path


def outputs(model, family, x):
    """Logits and embedding."""
    with torch.no_grad():
        return model(x), models.embedding(model, family, x)


def relative(found, expected):
    return float((found.double() - expected).abs().max() /
                 expected.abs().max())


def golden(case, seed, outputs):
    """What `outputs` gives of the model in float64, and float32's errors."""
    name, height, width, batch, channels, classes = case
    model, family = models.create(name, classes, channels)
    seeded.fill(model, family, seed)
    x = torch.from_numpy(
        seeded.input_values(seed, (batch, channels, height, width)))
    with torch.no_grad():
        single = outputs(model, family, case, x)
        double = outputs(model.double(), family, case, x.double())
    errors = [relative(s, d) for s, d in zip(single, double)]
    assert max(errors) <= LIMIT, (case, errors)
    return [d.numpy().astype(np.float32) for d in double], errors


def each(cases, first_seed, outputs):
    torch.set_num_threads(1)
    for seed, case in enumerate(cases, first_seed):
        yield case, seed, golden(case, seed, outputs)


class Values:
    """values.npy, and the lines of index.txt."""

    def __init__(self):
        self.arrays, self.lines, self.size = [], [], 0

    def add(self, *arrays):
        """Where they begin."""
        at = self.size
        self.arrays += [array.ravel() for array in arrays]
        self.size += sum(array.size for array in arrays)
        return at

    def line(self, *words):
        self.lines.append(" ".join(map(str, words)))
        print(self.lines[-1], flush=True)

    def write(self, path, *comments):
        np.save(path / "values.npy", np.concatenate(self.arrays))
        (path / "index.txt").write_text("".join(
            f"{line}\n" for line in [*(f"# {c}" for c in comments),
                                     *self.lines]))
