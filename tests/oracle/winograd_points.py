#!/usr/bin/env python3
"""winograd_points.py: how exact F(4 x 4, 3 x 3) is by its points 0, +-p, +-q
and infinity: every operation rounded to float32, fused ones once, on inputs as
SiLU leaves them, against float64 and beside a direct convolution.

    winograd_points.py [CHANNELS]

lib/kernels/winograd.inc.h takes 11/16 and 3/2: among points whose powers are
floats without rounding none was better.  Needs numpy.
"""

import sys

import numpy

POINTS = [(1, 2), (1, 1 / 2), (2**-0.5, 2**0.5), (2 / 3, 3 / 2),
          (10 / 16, 23 / 16), (10 / 16, 24 / 16), (11 / 16, 22 / 16),
          (11 / 16, 23 / 16), (11 / 16, 24 / 16), (11 / 16, 26 / 16),
          (12 / 16, 20 / 16), (12 / 16, 24 / 16), (8 / 16, 24 / 16)]
TILES, OUTPUTS, ROUNDS = 24, 16, 4


def rounded(x):
    return numpy.asarray(x).astype(numpy.float32).astype(numpy.float64)


def fma(a, b, c):
    return rounded(a * rounded(b) + c)


def filter_matrix(p, q):
    """The filter's polynomial at the points, over what interpolation divides
    by."""
    points = [0, p, -p, q, -q]
    rows = []
    for i, x in enumerate(points):
        others = points[:i] + points[i + 1:]
        rows.append(numpy.array([1, x, x * x]) /
                    numpy.prod([x - y for y in others]))
    return numpy.array(rows + [[0, 0, 1]])


def input_line(d, p, q):
    product, total = (p * q)**2, p * p + q * q
    even_p, odd_p = fma(d[2], -q * q, d[4]), fma(d[1], -q * q, d[3])
    even_q, odd_q = fma(d[2], -p * p, d[4]), fma(d[1], -p * p, d[3])
    return numpy.stack([
        fma(d[0], product, fma(d[2], -total, d[4])),
        fma(odd_p, p, even_p), fma(odd_p, -p, even_p),
        fma(odd_q, q, even_q), fma(odd_q, -q, even_q),
        fma(d[1], product, fma(d[3], -total, d[5]))])


def output_line(m, p, q):
    even_p, odd_p = rounded(m[1] + m[2]), rounded(m[1] - m[2])
    even_q, odd_q = rounded(m[3] + m[4]), rounded(m[3] - m[4])
    return numpy.stack([
        rounded(rounded(m[0] + even_p) + even_q),
        fma(odd_q, q, rounded(odd_p * rounded(p))),
        fma(even_q, q * q, rounded(even_p * rounded(p * p))),
        fma(odd_q, q**3, fma(odd_p, p**3, m[5]))])


def both_ways(line, x, p, q):
    x = line(x, p, q)
    return line(x.swapaxes(0, 1), p, q).swapaxes(0, 1)


def summed(products):
    """The sum over channels in their order, each addition rounded."""
    total = 0
    for a, b in products:
        total = rounded(total + a[..., None] * b)
    return total


def winograd(d, g, p, q):
    matrix = filter_matrix(p, q)
    filters = rounded(numpy.einsum("ai,bj,ijcn->abcn", matrix, matrix, g))
    patches = both_ways(input_line, d, p, q)
    sums = summed((patches[..., c], filters[:, :, None, c])
                  for c in range(d.shape[-1]))
    return both_ways(output_line, sums, p, q)


def direct(d, g):
    return summed((d[i:i + 4, j:j + 4, :, c], g[i, j, c]) for i in range(3)
                  for j in range(3) for c in range(d.shape[-1]))


def errors(found, expected):
    error = found - expected
    return numpy.array([abs(error).max() / abs(expected).max(),
                        (error**2).mean()**0.5 / (expected**2).mean()**0.5])


def measure(channels, convolve):
    generator, total = numpy.random.default_rng(5), 0
    for _ in range(ROUNDS):
        d = 2 * generator.standard_normal((6, 6, TILES, channels))
        d = rounded(d / (1 + numpy.exp(-d)))
        g = rounded(generator.uniform(-1, 1, (3, 3, channels, OUTPUTS)) /
                    (9 * channels)**0.5)
        expected = sum(d[i:i + 4, j:j + 4] @ g[i, j] for i in range(3)
                       for j in range(3))
        total = total + errors(convolve(d, g), expected)
    return total / ROUNDS


def main():
    channels = int(sys.argv[1]) if len(sys.argv) > 1 else 48
    print(f"{channels} channels     largest error, root mean square error")
    print("direct            {:.2e} {:.2e}".format(*measure(channels, direct)))
    for p, q in POINTS:
        found = measure(channels, lambda d, g: winograd(d, g, p, q))
        print("{:.4f}, {:.4f}    {:.2e} {:.2e}".format(p, q, *found))


if __name__ == "__main__":
    main()
