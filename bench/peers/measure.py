"""All peers in turns, each in a process of its own."""
import json
import os
import pathlib
import platform
import select
import subprocess
import sys
import time

import models
from prepare import error_of
from table import PEERS

START_SECONDS = 300
TURN_SECONDS = 0.15  # of a peer, then the next one's
LONG_SECONDS = 0.3   # of a run
TOLERANCE = 1e-4     # of the largest output; beyond it a peer is not listed


class Worker:
    def __init__(self, arguments, case, peer, cores):
        self.peer = peer
        self.log = open(case.folder / f"{peer}-run.log", "wb")
        command = [sys.executable, sys.argv[0], "--work", str(arguments.work),
                   "--build", str(arguments.build), "work", peer, case.name,
                   "--threads", str(arguments.threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True, env=environment(arguments.threads),
            preexec_fn=lambda: os.sched_setaffinity(0, cores))
        self.times = []
        self.error = None
        self.start = self.read(START_SECONDS)

    def read(self, seconds):
        """The next answer; {} and self.error where there is none."""
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.error = self.error or (
                "it ended while it ran" if ready else
                f"no answer within {seconds} s")
            return {}
        found = json.loads(line)
        self.error = found.get("error")
        return found

    def ask(self, line, seconds=START_SECONDS):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.read(seconds)

    def turn(self):
        """Some runs; what the others left in the caches slows down the first
        one, which does not count unless it is long."""
        shortest = min(self.times, default=self.start.get("start", 0))
        count = max(1, int(TURN_SECONDS / shortest))
        first = 1 if shortest < LONG_SECONDS else 0
        seconds = self.ask(f"run {first + count}").get("seconds", [])
        self.times += seconds[first:]

    def output(self, path):
        import numpy
        self.ask(f"output {path}")
        return numpy.load(path) if self.error is None else None

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()


def environment(threads):
    return {**os.environ, **{name: str(threads) for name in (
        "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}}


def pick_cores(threads):
    """The last ones: the first often has the system's own work."""
    return set(sorted(os.sched_getaffinity(0))[-threads:])


def take_turns(workers, seconds):
    """Each round in another order."""
    end = time.perf_counter() + seconds * len(workers)
    first = 0
    while workers and (time.perf_counter() < end or first < 3):
        for i in range(len(workers)):
            worker = workers[(first + i) % len(workers)]
            if worker.error is None:
                worker.turn()
        first += 1


def figures(worker, case):
    """What is kept of a peer."""
    import numpy
    if worker.error is not None:
        return {"error": worker.error}
    output = worker.output(case.folder / f"{worker.peer}-output.npy")
    expected = numpy.load(case.expected)
    if output is None:
        return {"error": worker.error}
    difference = float(abs(output - expected).max() / abs(expected).max())
    if not difference <= TOLERANCE:
        return {"error": f"its output is off by {difference:.1e}"}
    return {"min_ms": 1e3 * min(worker.times),
            "median_ms": 1e3 * float(numpy.median(worker.times)),
            "runs": len(worker.times),
            "start_ms": 1e3 * worker.start["start"],
            "peak_rss_mb": 1e-6 * worker.start["memory"],
            "difference": difference}


def effnet_bench(arguments, case, cores):
    """What effnet says of itself and of the core, in the same minute."""
    from peer_effnet import architecture_of
    architecture = architecture_of(case)
    command = [str(arguments.build / "effnet"), "bench", "-m",
               str(case.checkpoint), "--layers", "--format", "json",
               "--threads", str(arguments.threads), "--seconds", "2"]
    if architecture:
        command += ["--arch", architecture]
    return json.loads(subprocess.check_output(
        command, preexec_fn=lambda: os.sched_setaffinity(0, cores)))


def better(one, other):
    """Of two of them the one with the shorter run, and the higher peak: the
    core may have been disturbed while it was measured."""
    best = dict(min(one, other, key=lambda own: own["latency_ms"]["min"]))
    best["fma_peak_gflops"] = max(one["fma_peak_gflops"] or 0,
                                  other["fma_peak_gflops"] or 0) or None
    return best


def macs_of(arguments, case):
    from peer_effnet import architecture_of
    architecture = architecture_of(case)
    command = [str(arguments.build / "effnet"), "info", "--format", "json",
               str(case.checkpoint)]
    if architecture:
        command += ["--arch", architecture]
    return json.loads(subprocess.check_output(command))["macs"]


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def version(arguments, package):
    from importlib import metadata
    if package is None:
        return subprocess.check_output(
            [str(arguments.build / "effnet"), "--version"],
            text=True).split()[1]
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def read_once(folder):
    """All files, so that no start waits for a disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                while file.read(1 << 20):
                    pass


def measure(arguments, name):
    case = models.Case(arguments.work, name)
    read_once(case.folder)
    cores = pick_cores(arguments.threads)
    found = {peer: {"error": error_of(case, peer)} for peer in arguments.peers}
    workers = []
    try:
        for peer in found:
            if found[peer]["error"] is None:
                workers.append(Worker(arguments, case, peer, cores))
        own = effnet_bench(arguments, case, cores)
        take_turns(workers, arguments.seconds)
        own = better(own, effnet_bench(arguments, case, cores))
        for worker in workers:
            found[worker.peer] = figures(worker, case)
    finally:
        for worker in workers:
            worker.close()
    flops = 2 * macs_of(arguments, case)
    peak = own["fma_peak_gflops"]
    return {
        "model": name, "size": case.image().shape[2], "gflop": 1e-9 * flops,
        "date": time.strftime("%Y-%m-%d"), "processor": processor(),
        "instruction_set": own["instruction_set"],
        "threads": arguments.threads, "fma_peak_gflops": peak,
        "limit_ms": 1e-6 * flops / peak / arguments.threads if peak else None,
        "versions": {peer: version(arguments, PEERS[peer].package)
                     for peer in found},
        "peers": found, "layers": own["layers"]}


def measure_all(arguments):
    for name in arguments.models:
        found = measure(arguments, name)
        path = arguments.work / f"{name}-{arguments.threads}.json"
        path.write_text(json.dumps(found, indent=1) + "\n")
        for peer, figure in found["peers"].items():
            print(f"{name}: {PEERS[peer].title}: " + (
                figure["error"] if "error" in figure else
                f"{figure['min_ms']:.2f} ms"), flush=True)
    return 0
