#!/usr/bin/env python3
"""Make tests/data/hdf5: small files of h5py, one for each thing that the
reader takes or refuses, and the fuzz target's seed.

    make_hdf5.py

Needs h5py and numpy.
"""
import pathlib
import shutil

import h5py
import numpy as np

TESTS = pathlib.Path(__file__).resolve().parents[1]
OUT = TESTS / "data/hdf5"


def write(name, fill, **options):
    with h5py.File(OUT / name, "w", **options) as file:
        fill(file)


def plain(file):
    file["conv/conv/kernel:0"] = np.arange(6, dtype="float32").reshape(1, 2, 3)
    file["dw/dw/depthwise_kernel:0"] = np.float16([0.5, -2])
    file["bn/bn/gamma"] = np.float64([1.25])
    file["normalization/normalization/count:0"] = np.int64(3)
    file["inner/stem/kernel:0"] = np.float32([7])
    file.attrs["layer_names"] = np.array(["conv", "bn"], dtype="S8")


def model(file):
    plain(file.create_group("model_weights"))
    file.create_dataset("optimizer_weights/m", data=np.zeros(4), chunks=(2,))


def many(file):
    for i in range(200):  # a B-tree of two levels
        file[f"bias{i:03}:0"] = np.float32([i])


def numbered(file):
    file["layers/conv2d/vars/0"] = np.float32([1])


def linked(file):
    plain(file)
    file["conv/again"] = h5py.SoftLink("/bn")


def cycle(file):
    group = file.create_group("a")
    group["b"] = group


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    write("plain.h5", plain)
    write("model.h5", model)
    write("many.h5", many)
    write("numbered.h5", numbered)
    write("soft-link.h5", linked)
    write("cycle.h5", cycle)
    write("latest.h5", plain, libver="latest")
    write("chunked.h5", lambda f: f.create_dataset(
        "a/a", data=np.zeros(4, "f4"), chunks=(2,)))
    write("gzip.h5", lambda f: f.create_dataset(
        "a/a", data=np.zeros(4, "f4"), compression="gzip"))
    write("big-endian.h5", lambda f: f.create_dataset(
        "a/a", data=np.zeros(4, ">f4")))
    write("never-written.h5", lambda f: f.create_dataset("a/a", (4,), "f4"))
    shutil.copy(OUT / "plain.h5", TESTS / "fuzz/corpus/checkpoint/hdf5")


main()
