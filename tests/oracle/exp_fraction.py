#!/usr/bin/env python3
"""The coefficients of lib/kernels/logistic.inc.h: q of r = 2 + s^2 q(s^2),
exp(-s) = (r - s) / (r + s), with the least largest relative error of exp(-s)
on |s| <= 0.3475 (half of ln 2 and a little), by Lawson's reweighted least
squares, then rounded to float32.

Prints the coefficients, lowest power first, and the error with the rounded
ones.  Not run by the tests.
"""

import numpy as np

HALF_WIDTH = 0.3475
DEGREE = 1
POINTS = 4001
ROUNDS = 400


def quotient_error(s, coefficients):
    r = 2 + s**2 * sum(c * s**(2 * i) for i, c in enumerate(coefficients))
    return np.abs((r - s) / (r + s) / np.exp(-s) - 1)


def fit():
    s = np.linspace(1e-3, HALF_WIDTH, POINTS).astype(np.longdouble)
    r = s / np.tanh(s / 2)
    effect = 2 * s / (r**2 - s**2)  # of an error of r on ln exp(-s)
    powers = np.stack([s**(2 * i + 2) for i in range(DEGREE + 1)], axis=1)
    weights = np.ones_like(s)
    for _ in range(ROUNDS):
        rows = np.sqrt(weights) * effect
        coefficients = np.linalg.lstsq(
            (powers * rows[:, None]).astype(float),
            ((r - 2) * rows).astype(float), rcond=None)[0]
        error = quotient_error(s, coefficients)
        weights *= error / error.max() + 1e-3
        weights /= weights.sum()
    rounded = np.float32(coefficients)
    error = quotient_error(s, rounded.astype(np.longdouble))
    return rounded, float(error.max())


if __name__ == "__main__":
    values, largest = fit()
    for value in values:
        print(f"{float(value).hex()}")
    print(f"largest relative error {largest:.2e}")
