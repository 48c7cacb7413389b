#!/usr/bin/env python3
"""peers.py: effnet beside ONNX Runtime, on the same weights and the same core.

    taskset -c 1 bench/peers.py [--threads N] [--seconds S] [--peak PROGRAM]
                                --library libeffnet.so [--library OTHER.so]
                                [MODEL ...]

The models are torchvision's (b0 to b7) and timm's (lite0 to lite4) with
random weights; all that run them take turns, and the shortest time of each
counts.  With one thread that is the thread's own time, which does not grow
while the machine is busy with something else.  Every output is compared with
PyTorch's.  Needs torch, torchvision, timm, onnx and onnxruntime.
"""

import argparse
import ctypes
import pathlib
import subprocess
import tempfile
import time
import warnings

import numpy
import onnxruntime
import timm
import torch
import torchvision

OPTION_THREADS = 1
OPTION_ARCHITECTURE = 3
TOLERANCE = 1e-4  # of the largest output


class Effnet:
    """A session of a library, loaded from a checkpoint."""

    def __init__(self, library, name, checkpoint, image, threads):
        self.lib = ctypes.CDLL(library)
        self.lib.effnet_last_error.restype = ctypes.c_char_p
        self.lib.effnet_summary_macs.restype = ctypes.c_int64
        self.lib.effnet_model_instruction_set.restype = ctypes.c_char_p
        self.lib.effnet_model_config.restype = ctypes.c_void_p
        options = self.make("effnet_options_create")
        self.call("effnet_options_set_int", options, OPTION_THREADS,
                  ctypes.c_int64(threads))
        if name.startswith("lite"):
            self.call("effnet_options_set_string", options,
                      OPTION_ARCHITECTURE, f"tf_efficientnet_{name}".encode())
        self.model = self.make("effnet_model_load_file",
                               str(checkpoint).encode(), options)
        self.session = self.make("effnet_session_create", self.model, options)
        self.image = numpy.ascontiguousarray(image)
        shape = (ctypes.c_int64 * 4)(*image.shape)
        self.input = self.make("effnet_tensor_create", 1, 4, shape)
        self.lib.effnet_tensor_data.restype = ctypes.c_void_p
        ctypes.memmove(self.lib.effnet_tensor_data(self.input),
                       self.image.ctypes.data, self.image.nbytes)

    def call(self, name, *arguments):
        if getattr(self.lib, name)(*arguments) != 0:
            raise RuntimeError(self.lib.effnet_last_error().decode())

    def make(self, name, *arguments):
        handle = ctypes.c_void_p()
        self.call(name, ctypes.byref(handle), *arguments)
        return handle

    def flops(self):
        config = ctypes.c_void_p(self.lib.effnet_model_config(self.model))
        summary = self.make("effnet_summary_create", config, 0, 0)
        return 2 * self.lib.effnet_summary_macs(summary)

    def instruction_set(self):
        return self.lib.effnet_model_instruction_set(self.model).decode()

    def run(self):
        self.call("effnet_session_run", self.session, self.input)

    def output(self, size):
        values = numpy.empty(size, numpy.float32)
        self.call("effnet_session_copy_output", self.session, 1,
                  ctypes.c_void_p(values.ctypes.data), ctypes.c_size_t(size),
                  None)
        return values


class OnnxRuntime:
    def __init__(self, path, image, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"])
        self.feed = {self.session.get_inputs()[0].name: image}

    def run(self):
        self.result = self.session.run(None, self.feed)[0]

    def output(self, size):
        return self.result.reshape(size)


def reference(name):
    """The model and its nominal side."""
    torch.manual_seed(1)
    if name.startswith("lite"):
        model = timm.create_model(f"tf_efficientnet_{name}")
        return model.eval(), model.default_cfg["input_size"][1]
    weights = getattr(torchvision.models, f"EfficientNet_{name.upper()}_Weights")
    model = getattr(torchvision.models, f"efficientnet_{name}")(weights=None)
    crop = weights.IMAGENET1K_V1
    return model.eval(), crop.transforms().crop_size[0]


def export(model, image, folder):
    checkpoint, graph = folder / "model.pth", folder / "model.onnx"
    torch.save(model.state_dict(), checkpoint)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, torch.from_numpy(image), str(graph),
                          opset_version=13, dynamo=False)
    return checkpoint, graph


def take_turns(runners, seconds, clock):
    """The shortest run of each; the first ones do not count."""
    best = {name: float("inf") for name in runners}
    for runner in runners.values():
        runner.run()
    end = time.perf_counter() + seconds * len(runners)
    while time.perf_counter() < end:
        for name, runner in runners.items():
            for _ in range(2):
                begin = clock()
                runner.run()
                best[name] = min(best[name], clock() - begin)
    return best


def measure(name, arguments, folder):
    model, side = reference(name)
    image = numpy.random.default_rng(1).standard_normal(
        (1, 3, side, side), dtype=numpy.float32)
    checkpoint, graph = export(model, image, folder)
    with torch.no_grad():
        expected = model(torch.from_numpy(image)).numpy().reshape(-1)
    del model
    runners = {}
    for i, library in enumerate(arguments.library):
        label = "effnet" if i == 0 else f"effnet ({i + 1})"
        runners[label] = Effnet(library, name, checkpoint, image,
                                arguments.threads)
    runners["ONNX Runtime"] = OnnxRuntime(graph, image, arguments.threads)
    clock = time.thread_time if arguments.threads == 1 else time.perf_counter
    best = take_turns(runners, arguments.seconds, clock)
    for label, runner in runners.items():
        error = abs(runner.output(expected.size) - expected).max()
        if not error <= TOLERANCE * abs(expected).max():
            raise RuntimeError(f"{name}, {label}: off by {error}")
    return side, runners["effnet"], best


def peak_of(program):
    if program is None:
        return 0.0
    return 1e9 * float(subprocess.check_output([program]).decode())


def row(name, side, effnet, best, peak):
    flops = effnet.flops()
    cells = [f"{name} ({side})", f"{flops / 1e9:.2f}",
             f"{1e3 * flops / peak:.1f}" if peak else "-"]
    for label, seconds in best.items():
        cell = f"{1e3 * seconds:.2f}"
        if peak:
            cell += f" ({seconds * peak / flops:.2f})"
        if label != "effnet":
            cell += f", {seconds / best['effnet']:.2f} x effnet"
        cells.append(cell)
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", action="append", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--peak", help="a program that prints GFLOP/s")
    parser.add_argument("models", nargs="*", default=["b0", "lite0"])
    arguments = parser.parse_args()
    header = False
    for name in arguments.models:
        with tempfile.TemporaryDirectory() as folder:
            side, effnet, best = measure(name, arguments,
                                         pathlib.Path(folder))
        peak = peak_of(arguments.peak)
        if not header:
            print(f"{effnet.instruction_set()}, {arguments.threads} thread(s), "
                  f"peak of a core {peak / 1e9:.1f} GFLOP/s; "
                  "ms (x the limit of a core)")
            titles = ["model", "GFLOP", "limit, ms", *best]
            print("| " + " | ".join(titles) + " |")
            print("|---" * len(titles) + "|")
            header = True
        print(row(name, side, effnet, best, peak), flush=True)


if __name__ == "__main__":
    main()
