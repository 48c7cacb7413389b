#!/usr/bin/env python3
"""command_bench.py: effnet bench and effnet info --plan."""
import itertools
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import (  # noqa: E402
    MODEL, check, expect, lines, main, run)

NUMBER = (int, float)
QUICK = ("--size", "64", "--runs", "5")


def keys_and_types(found, kinds):
    return list(found) == list(kinds) and all(
        type(found[key]) in (kind if isinstance(kind, tuple) else (kind,))
        for key, kind in kinds.items())


def plan_of(*words):
    return lines(run("info", "--plan", "--format", "json", *words))[0]


def lifetimes_cross(a, b):
    return a["first"] <= b["last"] and b["first"] <= a["last"]


def overlap(a, b):
    return (a["offset"] < b["offset"] + b["bytes"] and
            b["offset"] < a["offset"] + a["bytes"])


def check_plan(what, found):
    """A plan against the layers of the same answer, and in itself."""
    plan = found["plan"]
    steps, buffers = plan["steps"], plan["buffers"]
    check(f"{what}: keys and types", keys_and_types(plan, {
        "height": int, "width": int, "batch": int, "threads": int,
        "arena_bytes": int, "weight_bytes": int, "output_bytes": int,
        "steps": list, "buffers": list}) and all(keys_and_types(step, {
            "layers": list, "kind": str, "macs": int, "weight_bytes": int,
            "tiles": dict, "buffers": dict}) for step in steps) and
        all(keys_and_types(buffer, {
            "offset": int, "bytes": int, "first": int, "last": int})
            for buffer in buffers), plan)
    check(f"{what}: the steps are the layers, in order",
          [name for step in steps for name in step["layers"]] ==
          [layer["name"] for layer in found["layers"]])
    check(f"{what}: bytes of weights add up", plan["weight_bytes"] ==
          sum(step["weight_bytes"] for step in steps) >=
          4 * found["parameters"] * .98, plan["weight_bytes"])
    check(f"{what}: buffers that live at once lie apart", not any(
        lifetimes_cross(a, b) and overlap(a, b)
        for a, b in itertools.combinations(buffers, 2)))
    check(f"{what}: the arena is as large as its buffers need",
          plan["arena_bytes"] == max(b["offset"] + b["bytes"]
                                     for b in buffers), plan["arena_bytes"])
    used = {}
    for i, step in enumerate(steps):
        for buffer in step["buffers"].values():
            used.setdefault(buffer, []).append(i)
    check(f"{what}: buffers live where steps use them",
          sorted(used) == list(range(len(buffers))) and
          all(buffers[i]["first"] == min(at) and
              buffers[i]["last"] in (max(at), len(steps))
              for i, at in used.items()), used)
    values = [step["buffers"] for step in steps]
    check(f"{what}: each step takes what the last one made",
          "input" not in values[0] and all(
              after["input"] == before["output"]
              for before, after in zip(values, values[1:])))
    check(f"{what}: strips have groups, rows and a ring", all(
        set(step["tiles"]) >= {"groups", "strips", "rows", "ring", "tasks"}
        for step in steps if step["kind"] == "strips") and
        any(step["kind"] == "strips" for step in steps))


def test_plan(folder):
    for name in ("b0", "lite0", "v2_s"):
        check_plan(f"info {name} --plan",
                   plan_of(name, "--layers", "--size", "96"))
    check_plan("info MODEL --plan", plan_of(MODEL, "--layers"))
    found = plan_of("b0")["plan"]
    check("--plan: the nominal size, one image, one thread",
          (found["height"], found["width"], found["batch"],
           found["threads"]) == (224, 224, 1, 1), found)
    macs = lines(run("info", "--format", "json", "b0"))[0]["macs"]
    check("--plan: multiply-adds add up",
          sum(step["macs"] for step in found["steps"]) == macs)
    more = plan_of("b0", "--size", "96", "--batch=3", "--threads", "2")["plan"]
    check("--plan --size --batch --threads",
          (more["height"], more["width"], more["batch"],
           more["threads"]) == (96, 96, 3, 2), more)
    check("--plan: outputs by batch, weights once",
          more["output_bytes"] == 3 * found["output_bytes"] and
          more["weight_bytes"] == found["weight_bytes"])
    check("without --plan there is none", "plan" not in lines(
        run("info", "--format", "json", "b0"))[0])


def test_plan_text(folder):
    done = run("info", "b0", "--plan", "--size", "64")
    text = done.stdout.decode("ascii")
    found = plan_of("b0", "--size", "64")["plan"]
    check("--plan as text", done.returncode == 0 and
          f"{found['arena_bytes']:,} bytes" in text and
          f"{found['weight_bytes']:,} bytes" in text and
          "blocks.1.0.expand+depthwise" in text and
          max(map(len, text.splitlines())) <= 80, text, done.stderr)
    rows = text.split("\nbuffer ")[1].splitlines()[1:]
    check("--plan as text: a line per buffer",
          len(rows) == len(found["buffers"]) and
          [f"{b['bytes']:,}" for b in found["buffers"]] ==
          [row.split()[2] for row in rows], rows)
    expect("--plan: too small an input", run("info", "b0", "--plan", "--size",
                                             "0"), 2, "--size takes")
    expect("--plan: of no model", run("info", "b99", "--plan"), 3, "b99")


def check_bench(what, found, layers, threads=1, batch=1):
    kinds = {"latency_ms": dict, "images_per_second": NUMBER,
             "instruction_set": str, "threads": int, "batch": int,
             "fma_peak_gflops": NUMBER + (type(None),),
             "fraction_of_peak": NUMBER + (type(None),), "start_ms": NUMBER,
             "peak_rss_mb": NUMBER}
    if layers:
        kinds["layers"] = list
    good = check(f"{what}: keys and types", keys_and_types(found, kinds) and
                 keys_and_types(found["latency_ms"], {
                     "min": NUMBER, "median": NUMBER, "p95": NUMBER}), found)
    if not good:
        return
    latency = found["latency_ms"]
    check(f"{what}: figures go together",
          0 < latency["min"] <= latency["median"] <= latency["p95"] and
          math.isclose(found["images_per_second"],
                       batch * 1e3 / latency["median"], rel_tol=1e-6) and
          found["start_ms"] > 0 and found["peak_rss_mb"] > 1 and
          (found["threads"], found["batch"]) == (threads, batch), found)


def flops(name, size):
    """Multiply-adds of an image, twice."""
    return 2 * sum(step["macs"] for step in
                   plan_of(name, "--size", str(size))["plan"]["steps"])


def test_bench(folder):
    found = lines(run("bench", "-m", "b0", *QUICK, "--format", "json"))[0]
    check_bench("bench -m b0", found, False)
    if found["fma_peak_gflops"] is None:
        check("no peak, no fraction", found["fraction_of_peak"] is None)
    else:
        check("the fraction of the peak is that of the shortest run",
              math.isclose(
                  found["fraction_of_peak"], flops("b0", 64) /
                  (1e6 * found["latency_ms"]["min"] *
                   found["fma_peak_gflops"]), rel_tol=1e-6), found)
    found = lines(run("bench", "-m", MODEL, "--batch", "2", "--threads", "2",
                      "--layers", "--format=json", *QUICK))[0]
    check_bench("bench -m FILE --layers", found, True, threads=2, batch=2)
    layers = found["layers"]
    check("layers: keys and types", all(keys_and_types(layer, {
        "name": str, "ms": NUMBER, "gflops": NUMBER,
        "fraction_of_peak": NUMBER + (type(None),)}) for layer in layers),
        layers)
    steps = plan_of(MODEL, "--size", "64", "--threads", "2")["plan"]["steps"]
    check("layers: the steps of the plan", len(layers) == len(steps) and all(
        layer["name"].split("+")[0] == step["layers"][0] and
        layer["name"].count("+") + 1 == len(step["layers"])
        for layer, step in zip(layers, steps)), layers)
    check("layers: GFLOP/s of both images", all(math.isclose(
        layer["gflops"] * layer["ms"], 2 * 2e-6 * step["macs"],
        rel_tol=1e-6, abs_tol=1e-12) for layer, step in zip(layers, steps)),
        layers)
    check("layers: their shortest times are within the shortest run",
          0 < sum(layer["ms"] for layer in layers) <=
          found["latency_ms"]["min"] * (1 + 1e-6), found)


def test_bench_text(folder):
    done = run("bench", "-m", "lite0", "--layers", *QUICK)
    text = done.stdout.decode("ascii")
    check("bench as text", done.returncode == 0 and
          text.startswith("efficientnet-lite0\n") and
          "of 5 runs" in text and "\nlayers " in text and
          max(map(len, text.splitlines())) <= 80, text, done.stderr)
    done = run("bench", "-m", "b0", "--size", "32", "--seconds", "0")
    check("bench --seconds 0: three runs", b"of 3 runs" in done.stdout,
          done.stdout, done.stderr)


def test_failures(folder):
    there = {"TMPDIR": str(folder)}
    done = run("bench", "-m", "b0", *QUICK, variables=there)
    check("bench -m NAME leaves no file behind", done.returncode == 0 and
          not list(folder.iterdir()), done.stderr, list(folder.iterdir()))
    expect("bench: no folder for temporary files",
           run("bench", "-m", "b0", *QUICK,
               variables={"TMPDIR": str(folder / "none")}), 3, "TMPDIR")
    expect("bench: neither a file nor a name", run("bench", "-m", "b99"), 3,
           "b99")
    expect("bench: --arch without a file", run(
        "bench", "-m", "b0", "--arch", "b1", *QUICK), 3, "b0")
    expect("bench: no model at all", run("bench"), 3, "no model")
    damaged = folder / "damaged.pth"
    damaged.write_bytes(b"no checkpoint")
    expect("bench: a damaged file", run("bench", "-m", damaged), 3,
           "damaged.pth")
    for words in (("--runs", "0"), ("--seconds", "-1"), ("--seconds", "x"),
                  ("--batch", "0"), ("--threads", "257"), ("--size", "-3"),
                  ("--format", "csv")):
        expect(f"bench {' '.join(words)}", run("bench", "-m", "b0", *words), 2,
               words[0])
    expect("bench: an operand", run("bench", "b0"), 2, "b0")
    with open("/dev/full", "wb") as full:
        expect("bench: standard output is full", run(
            "bench", "-m", "b0", *QUICK, stdout=full), 3, "standard output")


if __name__ == "__main__":
    sys.exit(main([test_plan, test_plan_text, test_bench, test_bench_text,
                   test_failures], []))
