"""effnet beside other runtimes, on the same weights and the same core.

    python bench/peers prepare MODEL...   weights, graphs, each peer's own form
    python bench/peers measure MODEL...   all of them in turns
    python bench/peers report             table and plots of what was measured

`make bench-peers` does all three in an environment of its own.  Models are
torchvision's (b0 to b7, v2_s) and timm's (lite0 to lite4) with random weights.
Each peer runs in a process of its own, on the same core; they take turns, and
the shortest and the median time of each count.  Outputs are compared with
PyTorch's in float64.  A peer that cannot be installed or converted is listed
with the reason.
"""
import argparse
import pathlib
import sys

import measure
import models
import prepare
import report
import worker
from table import PEERS


def chosen(text):
    names = text.split(",")
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"there is no peer {name!r}")
    return names


def parse():
    parser = argparse.ArgumentParser(
        prog="peers", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True,
                        help="a folder for weights, graphs and results")
    parser.add_argument("--build", type=pathlib.Path, default="build",
                        help="where effnet was built")
    parser.add_argument("--peers", type=chosen, default=list(PEERS),
                        help="some of " + ",".join(PEERS))
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("prepare", "measure"):
        command = commands.add_parser(name)
        command.add_argument("models", nargs="+", choices=models.NAMES)
    command.add_argument("--threads", type=int, default=1)
    command.add_argument("--seconds", type=float, default=6,
                         help="for each peer and model")
    command = commands.add_parser("report")
    command.add_argument("--output", type=pathlib.Path, required=True,
                         help="a folder for the table, plots and JSON")
    command.add_argument("--readme", type=pathlib.Path,
                         help="a page whose table of speed is replaced")
    for name in ("convert", "work"):  # the processes of prepare and measure
        command = commands.add_parser(name)
        command.add_argument("peer", choices=PEERS)
        command.add_argument("model", choices=models.NAMES)
    command.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main():
    arguments = parse()
    return {"prepare": prepare.prepare_all, "convert": prepare.convert,
            "measure": measure.measure_all, "work": worker.work,
            "report": report.write}[arguments.command](arguments)


if __name__ == "__main__":
    sys.exit(main())
