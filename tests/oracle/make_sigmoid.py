#!/usr/bin/env python3
"""Writes tests/data/sigmoid.txt: float32 values, and what torch.sigmoid gives
of them in float64 and in float32.

usage: make_sigmoid.py >tests/data/sigmoid.txt
"""
import torch


def main():
    torch.manual_seed(1)
    values = torch.cat([
        torch.tensor([0.0, -0.0, float("inf"), -float("inf"), 1e30, -1e30,
                      1e-30, -1e-30, 1e-7, -1e-7, 88.7, -87.3, -103.9]),
        torch.linspace(-30, 30, 61), 8 * torch.randn(40)])
    exact = torch.sigmoid(values.double())
    single = torch.sigmoid(values)
    print(f"# x, torch.sigmoid in float64, in float32; torch "
          f"{torch.__version__.split('+')[0]}")
    for x, wide, narrow in zip(values.tolist(), exact.tolist(),
                               single.tolist()):
        print(f"{x:.9g} {wide:.17g} {narrow:.9g}")


main()
