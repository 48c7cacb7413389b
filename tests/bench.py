#!/usr/bin/env python3
"""bench.py: each measurement of bench/ runs, and leaves sound JSON; the report
on peers tells what it was given.
"""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import (  # noqa: E402
    MODEL, SOURCE, check, main, skip)

BENCH = pathlib.Path(os.environ.get("EFFNET_BUILD", "build")).resolve()
NUMBER = (int, float)
# What it measures, and the rows and keys that must be there.
PROGRAMS = {
    "peak": ([], ["portable"], ["gflops"]),
    "kernels": ([], ["stem", "project", "SiLU, an element"], []),
    "models": (["b0"], ["b0"], ["size", "gflop", "ms", "median_ms", "gflops",
                                "limit_ms", "times_limit",
                                "steps_ms", "steps_limit"]),
    "batch": ([], ["b0"], ["batch_1_ms", "batch_16_ms", "ratio"]),
    "threads": (["b0"], ["b0"], []),
    "start": ([MODEL], [str(MODEL)], ["start_ms", "load_ms", "first_run_ms"]),
    "memory": ([MODEL], [str(MODEL)], ["file_mb", "weights_mb", "arena_mb",
                                       "before_mb", "peak_mb", "second_mb"]),
    "images": ([], [], ["megapixels", "kilobytes", "decode_ms", "prepare_ms",
                        "all_ms"]),
    "subnormals": ([], ["normal", "input", "weights", "activations"],
                   ["ms", "ratio"]),
}


def check_program(folder, name):
    what, rows, keys = PROGRAMS[name]
    output = folder / f"{name}.json"
    done = subprocess.run(
        [BENCH / "bench" / name, "-o", output, "-s", "0", *what], cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if not check(f"bench/{name} runs", done.returncode == 0 and
                 output.exists(), done.stderr, done.stdout):
        return
    found = json.loads(output.read_text())
    names = [row["name"] for row in found["rows"]]
    check(f"bench/{name}: JSON of its rows", list(found) == [
        "measure", "version", "processor", "instruction_set", "threads",
        "fma_peak_gflops", "rows"] and found["measure"] == name and
        set(rows) <= set(names) and all(
            list(row)[1:] == keys or not keys for row in found["rows"]) and
        all(type(value) in NUMBER or key == "name" or
            value is None and not key.endswith("_ms")
            for row in found["rows"] for key, value in row.items()), found)
    text = done.stdout.decode()
    check(f"bench/{name}: text of its rows",
          all(f"\n{row}" in text for row in names), text)
    check(f"bench/{name} leaves nothing but its JSON",
          sorted(folder.iterdir()) == [output], list(folder.iterdir()))
    output.unlink()


def test_programs(folder):
    if not (BENCH / "bench" / "peak").exists():
        skip("the programs of bench/", "they are not built")
        return
    sources = {path.stem for path in (SOURCE / "bench").glob("*.c")}
    check("every program of bench/ is tried", sources == set(PROGRAMS),
          sources)
    for name in PROGRAMS:
        check_program(folder, name)
    for words in (("-q",), ("-i", "none"), ("no-such-model",)):
        done = subprocess.run([BENCH / "bench" / "models", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(f"bench/models {' '.join(words)} fails and says so",
              done.returncode not in (0, -6, -11) and done.stderr,
              done.returncode, done.stderr)


def result(model, limit, peers):
    return {"model": model, "size": 224, "gflop": 0.77, "date": "2026-01-02",
            "processor": "P", "instruction_set": "avx2", "threads": 1,
            "fma_peak_gflops": 100.0, "limit_ms": limit,
            "versions": {"effnet": "9.8.7", "ncnn": None}, "peers": peers,
            "layers": []}


def test_report(folder):
    sys.path.insert(0, str(SOURCE / "bench/peers"))
    import report
    figures = {"min_ms": 12.0, "median_ms": 12.5, "runs": 3, "start_ms": 40.0,
               "peak_rss_mb": 50.0, "difference": 1e-6}
    slower = {**figures, "min_ms": 18.0}
    for name, limit in (("lite0", 8.0), ("b0", 8.0)):
        (folder / f"{name}-1.json").write_text(json.dumps(result(
            name, limit, {"effnet": figures, "onnxruntime": slower,
                          "ncnn": {"error": "it is not there"}})))
    machine = ("P", "avx2")
    found = report.read_results(folder)[machine][1]
    text = report.section(machine, 1, found)
    check("report: models in the usual order",
          [r["model"] for r in found] == ["b0", "lite0"])
    check("report: times, times the limit, times effnet's",
          "| b0 (224) | 0.77 | 8.0 | **12.0** (1.50) | 18.0 (1.50×) | – |"
          in text, text)
    check("report: what is missing is listed with the reason",
          "- lite0, ncnn: it is not there" in text, text)
    older = [{**result("b0", 9.0, {}), "date": "2025-01-01"},
             result("b7", 9.0, {}),
             {**result("v2_s", 9.0, {}), "processor": "Q"}]
    machines = report.read_results(folder, older)
    found = machines[machine][1]
    check("report: earlier results stay unless measured again",
          [(r["model"], r["limit_ms"]) for r in found] ==
          [("b0", 8.0), ("b7", 9.0), ("lite0", 8.0)], found)
    check("report: so do other machines'",
          [r["model"] for r in machines["Q", "avx2"][1]] == ["v2_s"], machines)
    page = "a\n" + report.MARKS[0] + "old\n" + report.MARKS[1] + "b\n"
    page = report.replace_between(page, report.front_page(found))
    again = report.replace_between(page, report.front_page(found))
    check("report: the front page's table is replaced", page == again and
          "old" not in page and page.startswith("a\n") and
          page.endswith("b\n") and "**12.0** (1.50)" in page, page)
    check("report: processor, instruction set and versions",
          "P, avx2" in text and "effnet 9.8.7" in text, text)
    check("report: a machine's name in a file's",
          report.slug_of(("Intel(R) Xeon(R) Processor", "avx512")) ==
          "intel-xeon-avx512")


if __name__ == "__main__":
    sys.exit(main([test_programs, test_report], []))
