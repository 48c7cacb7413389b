"""Making what the peers load, each in a process of its own."""
import json
import subprocess
import sys
import traceback

import models
from table import PEERS, load

SECONDS = 900  # a conversion that takes longer has failed


def reason_of(error):
    text = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {text[-1]}"[:300]


def note(case, peer):
    """Where it is noted whether the peer can run the model."""
    return case.folder / f"{peer}.json"


def convert(arguments):
    """The child: converts for one peer, and notes how that went."""
    case = models.Case(arguments.work, arguments.model)
    found = {"error": None}
    try:
        load(arguments.peer).convert(case)
    except Exception as error:
        traceback.print_exc()
        found["error"] = reason_of(error)
    note(case, arguments.peer).write_text(json.dumps(found))
    return 0


def convert_apart(arguments, case, peer):
    path = note(case, peer)
    path.unlink(missing_ok=True)
    command = [sys.executable, sys.argv[0], "--work", str(arguments.work),
               "--build", str(arguments.build), "convert", peer, case.name]
    try:
        with open(case.folder / f"{peer}.log", "wb") as log:
            done = subprocess.run(command, stdout=log, stderr=log,
                                  timeout=SECONDS)
        error = f"its conversion ended with status {done.returncode}"
    except subprocess.TimeoutExpired:
        error = f"its conversion took more than {SECONDS} s"
    if not path.exists():
        path.write_text(json.dumps({"error": error}))


def error_of(case, peer):
    """Why the peer cannot run the model; None if it can."""
    path = note(case, peer)
    if not path.exists():
        return "it was not prepared"
    return json.loads(path.read_text())["error"]


def prepare_all(arguments):
    for name in arguments.models:
        case = models.Case(arguments.work, name)
        models.make(case)
        for peer in arguments.peers:
            if error_of(case, peer) is not None:
                convert_apart(arguments, case, peer)
            error = error_of(case, peer)
            print(f"{name}: {PEERS[peer].title}: {error or 'ready'}",
                  flush=True)
    return 0
