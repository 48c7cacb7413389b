"""A peer in a process of its own.  It answers lines of standard input, "run
COUNT", "output PATH" and "quit", with a line of JSON each; the first line,
unasked, says how it started.
"""
import json
import os
import pathlib
import sys
import time

import numpy

import models
from prepare import reason_of
from table import load


def peak_memory():
    """Bytes that the process had at most."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    return None


def run(peer, image, count):
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        peer.run(image)
        times.append(time.perf_counter() - begin)
    return times


def serve(peer, image, answer):
    for line in sys.stdin:
        word, *rest = line.split(maxsplit=1)
        if word == "run":
            answer({"seconds": run(peer, image, int(rest[0]))})
        elif word == "output":
            numpy.save(rest[0].rstrip("\n"),
                       numpy.asarray(peer.run(image)).reshape(-1))
            answer({})
        else:
            return


def work(arguments):
    # What the runtimes print is not for the one who asks.
    stream = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(found):
        print(json.dumps(found), file=stream, flush=True)

    case = models.Case(arguments.work, arguments.model)
    image = case.image()
    try:
        kind = load(arguments.peer)
        kind.prepare(arguments)
        begin = time.perf_counter()
        peer = kind(case, arguments.threads)
        peer.run(image)
        start = time.perf_counter() - begin
    except Exception as error:
        answer({"error": reason_of(error)})
        return 0
    answer({"start": start, "memory": peak_memory()})
    serve(peer, image, answer)
    return 0
