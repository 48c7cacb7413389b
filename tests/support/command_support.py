"""command_support.py: what the tests of the effnet command share.

The command is $EFFNET_COMMAND, else effnet in $EFFNET_BUILD, else
build/effnet.  Prints "ok - what", "not ok - what" or "skipped: what (why)".
"""
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

SOURCE = pathlib.Path(os.environ.get("EFFNET_SOURCE") or
                      pathlib.Path(__file__).resolve().parents[2])
COMMAND = str(pathlib.Path(
    os.environ.get("EFFNET_COMMAND") or
    os.path.join(os.environ.get("EFFNET_BUILD", "build"), "effnet")).resolve())
DATA = SOURCE / "tests/data/command"
MODEL = DATA / "tutorial_b0.pth"
EXAMPLES = SOURCE / "examples"
SANITIZED = any(kind in os.environ.get("D", "") for kind in
                ("asan", "tsan", "ubsan"))
TUTORIAL = ("--resize", "256", "--filter", "bilinear", "--crop", "224",
            "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225")
CHECKPOINTS = SOURCE / "tests/data/checkpoints"
SMALL = ("--resize", "32", "--crop", "32")  # quick
PARAMETERS = (5288548, 7794184, 9109994, 12233232, 19341616, 30389784,
              43040704, 66347960)

failures = 0


def check(what, good, *details):
    global failures
    print(("ok - " if good else "not ok - ") + what, flush=True)
    if not good:
        failures += 1
        for detail in details:
            print("    ", repr(detail)[:2000])
    return good


def skip(what, why):
    print(f"skipped: {what} ({why})", flush=True)


def environment(variables=None):
    """Of a user without home or model."""
    names = {"PATH": os.environ.get("PATH", "/bin"), "LC_ALL": "C"}
    for name, value in os.environ.items():
        if "SAN_OPTIONS" in name or name == "LD_LIBRARY_PATH":
            names[name] = value
    return {**names, **(variables or {})}


def start(*arguments, **more):
    """The process under way, with the streams that `more` says."""
    return subprocess.Popen([COMMAND, *map(os.fspath, arguments)],
                            env=environment(), **more)


def tasks(process):
    """How many threads it has; None where that cannot be told."""
    try:
        return len(os.listdir(f"/proc/{process.pid}/task"))
    except OSError:
        return None


def run(*arguments, stdin=b"", variables=None, **more):
    """The finished process; by default of a user without home or model."""
    more.setdefault("stdout", subprocess.PIPE)
    if not isinstance(stdin, bytes):
        more["stdin"] = stdin
    else:
        more["input"] = stdin
    return subprocess.run([COMMAND, *map(os.fspath, arguments)],
                          stderr=subprocess.PIPE,
                          env=environment(variables), **more)


def expect(what, done, code, *messages):
    """Exit code, and parts of what was said on standard error."""
    said = done.stderr.decode("utf-8", "replace")
    return check(what, done.returncode == code and
                 all(message in said for message in messages),
                 done.returncode, said, done.stdout)


def lines(done):
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def png(width=5, height=4, value=90):
    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data +
                struct.pack(">I", zlib.crc32(name + data)))
    rows = b"".join(b"\0" + bytes((value * (x + y + 1)) % 256
                                  for x in range(width * 3))
                    for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def npy(shape, values=None, dtype="<f4", fortran=False, version=1, text=None):
    if text is None:
        text = repr({"descr": dtype, "fortran_order": fortran,
                     "shape": tuple(shape)})
    header = text.encode("latin1") + b" " * 11 + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(header))
    if values is None:
        values = [0.0] * math.prod(shape)
    return (b"\x93NUMPY" + bytes((version, 0)) + size + header +
            struct.pack(f"<{len(values)}f", *values))


def read_npy(path):
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    size = struct.unpack("<H", data[8:10])[0]
    assert (10 + size) % 64 == 0 and data[9 + size:10 + size] == b"\n"
    header = eval(data[10:10 + size], {"__builtins__": {}})
    assert header["descr"] == "<f4" and header["fortran_order"] is False
    return header["shape"], data[10 + size:]


def floats(data):
    return struct.unpack(f"<{len(data) // 4}f", data)


def difference(found, expected):
    if len(found) != len(expected):
        return math.inf
    largest = max(map(abs, expected))
    return max(abs(a - b) for a, b in zip(found, expected)) / largest


def read_npy_bytes(data):
    return data[10 + struct.unpack("<H", data[8:10])[0]:]


def shell(script, *arguments):
    return subprocess.run(["sh", "-c", script, "sh", COMMAND,
                           *map(os.fspath, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def has_png(scratch):
    """Whether the command was built to read PNG."""
    picture = pathlib.Path(scratch) / "probe.png"
    picture.write_bytes(png())
    done = run("preprocess", "-m", "b0", picture, "-o", "/dev/null")
    return b"built without PNG" not in done.stderr


def main(always, with_png):
    """Runs the tests, or those named on the command line; gives the exit
    status.  Each has a folder of its own.
    """
    chosen = [test for test in always + with_png
              if len(sys.argv) < 2 or test.__name__ in sys.argv[1:]]
    with tempfile.TemporaryDirectory(prefix="effnet-command-") as scratch:
        if not has_png(scratch):
            for test in with_png:
                skip(test.__name__, "built without PNG")
            chosen = [test for test in chosen if test not in with_png]
        for test in chosen:
            folder = pathlib.Path(scratch) / test.__name__
            folder.mkdir()
            mask = os.umask(0o022)
            try:
                test(folder)
            except Exception as error:  # the other tests go on
                check(f"{test.__name__} runs to its end", False, error)
            os.umask(mask)
    return failures > 0
