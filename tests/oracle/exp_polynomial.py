#!/usr/bin/env python3
"""The coefficients of lib/kernels/activation.inc.h: q of
exp(-s) = 1 - s + s^2 q(s) with the least largest relative error on
|s| <= 0.3475 (half of ln 2 and a little), by Lawson's reweighted least
squares, then rounded to float32.

Prints the coefficients, lowest power first, and the error with the rounded
ones.  Not run by the tests.
"""

import numpy as np

HALF_WIDTH = 0.3475
DEGREE = 3
POINTS = 4001
ROUNDS = 400


def fit():
    s = HALF_WIDTH * np.cos(np.linspace(0, np.pi, POINTS))
    s = s[np.abs(s) > 1e-6].astype(np.longdouble)
    target = (np.exp(-s) - 1 + s) / s**2
    relative = s**2 / np.exp(-s)
    powers = np.stack([s**i for i in range(DEGREE + 1)], axis=1)
    weights = np.ones_like(s)
    for _ in range(ROUNDS):
        rows = np.sqrt(weights) * relative
        coefficients = np.linalg.lstsq(
            (powers * rows[:, None]).astype(float),
            (target * rows).astype(float), rcond=None)[0]
        error = np.abs((powers @ coefficients - target) * relative)
        weights *= error / error.max() + 1e-3
        weights /= weights.sum()
    rounded = np.float32(coefficients)
    error = np.abs((powers @ rounded.astype(np.longdouble) - target) * relative)
    return rounded, float(error.max())


if __name__ == "__main__":
    values, largest = fit()
    for value in values:
        print(f"{float(value).hex()}")
    print(f"largest relative error {largest:.2e}")
