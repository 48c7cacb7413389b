#!/usr/bin/env python3
"""Compare effnet with the frameworks at the models' nominal sizes.

    python3 check_nominal.py LIBEFFNET.SO [ARCHITECTURE...]

Run by hand: too slow for the test programs.  Prints for each architecture its
parameters, multiply-adds and the largest difference of logits and embedding
from the framework in float64, relative to the largest expected value, beside
torch's own float32 difference; exits with 1 over 2e-5.
"""

import ctypes
import sys

import numpy as np
import torch

import models
import seeded
from goldens import outputs, relative

TOLERANCE = 2e-5
NAMES = ([f"efficientnet_b{i}" for i in range(8)] +
         [f"efficientnet-b{i}" for i in range(8)] +
         [f"tf_efficientnet_b{i}" for i in (0, 3, 7, 8)] +
         [f"efficientnet-lite{i}" for i in range(5)] +
         [f"tf_efficientnet_lite{i}" for i in range(5)])
F32, LOGITS, EMBEDDING, RESOLUTION = 1, 1, 3, 7


class Library:
    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        self.lib.effnet_last_error.restype = ctypes.c_char_p
        for name in ("parameters", "macs"):
            getattr(self.lib, f"effnet_summary_{name}").restype = (
                ctypes.c_int64)

    def call(self, name, *arguments):
        if getattr(self.lib, f"effnet_{name}")(*arguments) != 0:
            raise RuntimeError(self.lib.effnet_last_error().decode())

    def made(self, name, *arguments):
        handle = ctypes.c_void_p()
        self.call(name, ctypes.byref(handle), *arguments)
        return handle

    def output(self, session, which):
        values = np.empty(4096, np.float32)
        written = ctypes.c_size_t()
        self.call("session_copy_output", session, which,
                  values.ctypes.data_as(ctypes.c_void_p),
                  ctypes.c_size_t(values.size), ctypes.byref(written))
        return torch.from_numpy(values[:written.value].copy())

    def config(self, name):
        return self.made("config_create", name.encode())

    def resolution(self, config):
        value = ctypes.c_int64()
        self.call("config_get_int", config, RESOLUTION, ctypes.byref(value))
        return value.value

    def counts(self, config):
        summary = self.made("summary_create", config, 0, 0)
        counts = (self.lib.effnet_summary_parameters(summary),
                  self.lib.effnet_summary_macs(summary))
        self.lib.effnet_summary_free(summary)
        return counts

    def run(self, config, seed, x):
        model = self.made("model_create", config, ctypes.c_uint64(seed), None)
        session = self.made("session_create", model, None)
        shape = (ctypes.c_int64 * 4)(*x.shape)
        tensor = self.made("tensor_wrap", F32, 4, shape,
                           x.ctypes.data_as(ctypes.c_void_p),
                           ctypes.c_size_t(x.nbytes), None, None)
        self.call("session_run", session, tensor)
        result = [self.output(session, w) for w in (LOGITS, EMBEDDING)]
        self.lib.effnet_tensor_free(tensor)
        self.lib.effnet_session_free(session)
        self.lib.effnet_model_release(model)
        return result


def compare(library, name, seed):
    config = library.config(name)
    size = library.resolution(config)
    x = seeded.input_values(seed, (1, 3, size, size))
    found = library.run(config, seed, x)
    model, family = models.create(name)
    seeded.fill(model, family, seed)
    x = torch.from_numpy(x)
    single = outputs(model, family, x)
    double = outputs(model.double(), family, x.double())
    ours = [relative(f, d[0]) for f, d in zip(found, double)]
    torchs = [relative(s, d) for s, d in zip(single, double)]
    counts = library.counts(config)
    library.lib.effnet_config_free(config)
    print(f"{name:24} {size:4} {counts[0]:10,} {counts[1] / 1e9:8.3f} GMAC "
          f"logits {ours[0]:.1e} embedding {ours[1]:.1e} "
          f"(torch {torchs[0]:.1e} {torchs[1]:.1e})", flush=True)
    return max(ours)


def main():
    library = Library(sys.argv[1])
    names = sys.argv[2:] or NAMES
    worst = max(compare(library, name, 4000 + i)
                for i, name in enumerate(names))
    print(f"largest difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    sys.exit(worst > TOLERANCE)


if __name__ == "__main__":
    main()
