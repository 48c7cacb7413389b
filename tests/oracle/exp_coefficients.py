#!/usr/bin/env python3
"""The coefficients of lib/kernels/logistic.inc.h, with the least largest
relative error, by Lawson's reweighted least squares, then rounded to float32:

- q of r = 2 + s^2 q(s^2), exp(-s) = (r - s) / (r + s), on |s| <= 0.3475 (half
  of ln 2 and a little);
- p of 2^s = 1 + s p(s), on 0 <= s <= 1/32.

Prints the coefficients, lowest power first, and the error with the rounded
ones.  Not run by the tests.
"""

import numpy as np

POINTS = 4001
ROUNDS = 2000


def polynomial(x, coefficients):
    return sum(c * x**i for i, c in enumerate(coefficients))


class Quotient:
    """Of exp(-s), which an error of r changes by `effect`."""

    name = "q"

    def __init__(self):
        self.s = np.linspace(1e-3, 0.3475, POINTS).astype(np.longdouble)
        r = self.s / np.tanh(self.s / 2)
        self.wanted = r - 2
        self.effect = 2 * self.s / (r**2 - self.s**2)
        self.powers = [self.s**2, self.s**4]

    def error(self, coefficients):
        r = 2 + self.s**2 * polynomial(self.s**2, coefficients)
        return np.abs((r - self.s) / (r + self.s) / np.exp(-self.s) - 1)


class Power:
    """Of 2^s."""

    name = "p"

    def __init__(self):
        self.s = np.linspace(1e-5, 1 / 32, POINTS).astype(np.longdouble)
        self.wanted = np.exp2(self.s) - 1
        self.effect = 1 / np.exp2(self.s)
        self.powers = [self.s, self.s**2]

    def error(self, coefficients):
        power = 1 + self.s * polynomial(self.s, coefficients)
        return np.abs(power / np.exp2(self.s) - 1)


def fit(curve):
    powers = np.stack(curve.powers, axis=1)
    weights = np.ones_like(curve.s)
    for _ in range(ROUNDS):
        rows = np.sqrt(weights) * curve.effect
        coefficients = np.linalg.lstsq(
            (powers * rows[:, None]).astype(float),
            (curve.wanted * rows).astype(float), rcond=None)[0]
        error = curve.error(coefficients)
        weights *= error / error.max() + 1e-3
        weights /= weights.sum()
    rounded = np.float32(coefficients)
    return rounded, float(curve.error(rounded.astype(np.longdouble)).max())


if __name__ == "__main__":
    for curve in Quotient(), Power():
        values, largest = fit(curve)
        words = " ".join(float(value).hex() for value in values)
        print(f"{curve.name}: {words}, largest relative error {largest:.2e}")
