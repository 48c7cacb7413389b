#!/usr/bin/env python3
"""command.py: the effnet command, as a user and a script meet it.

The command is $EFFNET_COMMAND, else effnet in $EFFNET_BUILD, else
build/effnet.  Prints "ok - what", "not ok - what" or "skipped: what (why)".
Expected numbers: tests/data/command, by tests/oracle/make_tutorial.py.
"""
import csv
import hashlib
import io
import json
import math
import os
import pathlib
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import zlib
from fractions import Fraction

SOURCE = pathlib.Path(os.environ.get("EFFNET_SOURCE") or
                      pathlib.Path(__file__).resolve().parents[1])
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
SMALL = ("--resize", "32", "--crop", "32")  # quick
SUBCOMMANDS = ("classify", "info", "scale", "preprocess", "run")
NOBODY = 65534

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


def run(*arguments, stdin=b"", variables=None, **more):
    """The finished process; by default of a user without home or model."""
    environment = {"PATH": os.environ.get("PATH", "/bin"), "LC_ALL": "C"}
    for name, value in os.environ.items():
        if "SAN_OPTIONS" in name or name == "LD_LIBRARY_PATH":
            environment[name] = value
    environment.update(variables or {})
    more.setdefault("stdout", subprocess.PIPE)
    if not isinstance(stdin, bytes):
        more["stdin"] = stdin
    else:
        more["input"] = stdin
    return subprocess.run([COMMAND, *map(os.fspath, arguments)],
                          stderr=subprocess.PIPE, env=environment, **more)


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


# ---------------------------------------------------------------------------


def test_help(folder):
    for name in SUBCOMMANDS:
        done = run(name, "--help")
        text = done.stdout.decode()
        check(f"{name} --help begins with an example and fits 80 columns",
              done.returncode == 0 and not done.stderr and
              text.startswith(f"Example: effnet {name} ") and
              f"Usage: effnet {name} " in text and
              max(map(len, text.splitlines())) <= 80, text, done.stderr)
    done = run("--help")
    check("--help names the commands", done.returncode == 0 and
          all(f"\n  {name} " in done.stdout.decode() for name in SUBCOMMANDS),
          done.stdout)
    done = run("--version")
    check("--version", done.returncode == 0 and
          done.stdout.decode().split()[0] == "effnet" and
          done.stdout.count(b".") == 2, done.stdout)


def test_usage(folder):
    picture = folder / "a.png"
    picture.write_bytes(png())
    cases = [
        ((), "Usage: effnet COMMAND"),
        (("clasify", "x"), "Did you mean classify?"),
        (("bench",), "no command 'bench'"),
        (("classify",), "name pictures"),
        (("classify", "--formt", "json", picture), "Did you mean --format?"),
        (("classify", "--format", "xml", picture), "text, json or csv"),
        (("classify", "--format=", picture), "text, json or csv"),
        (("classify", picture, "--format"), "--format needs a value"),
        (("classify", "-k", "0", picture), "-k takes a whole number from 1"),
        (("classify", "-k-1", picture), "-k takes a whole number"),
        (("classify", "-k", "5x", picture), "not '5x'"),
        (("classify", "-k", "99999999999999999999", picture), "-k takes"),
        (("classify", "-k", " 5", picture), "not ' 5'"),
        (("classify", "--threads", "257", picture), "from 1 to 256"),
        (("classify", "-x", picture), "unknown option -x"),
        (("classify", "--filter", "lanczos", picture),
         "nearest, bilinear or bicubic"),
        (("classify", "--resize", "0", picture), "N or WxH"),
        (("classify", "--resize", "256x", picture), "N or WxH"),
        (("classify", "--resize", "256x256x3", picture), "N or WxH"),
        (("classify", "--crop", "16385", picture), "1 to 16384"),
        (("classify", "--mean", "0.5", picture), "R,G,B"),
        (("classify", "--mean", "0.5,0.5,0.5,0.5", picture), "R,G,B"),
        (("classify", "--std", "1,nan,1", picture), "R,G,B"),
        (("classify", "--std", "0x1,1,1", picture), "R,G,B"),
        (("classify", "-m", MODEL, "--std", "1,0,1", picture), "std"),
        (("classify", "-m", "", picture), "-m takes a name"),
        (("classify", "--plan", picture), "unknown option --plan"),
        (("info", "b0", "b1"), "one argument too many: b1"),
        (("info", "--format", "csv", "b0"), "text or json"),
        (("info", "--layers=yes", "b0"), "--layers takes no value"),
        (("scale", "b0"), "one argument too many"),
        (("scale", "--alpha", "0"), "above 0"),
        (("scale", "--phi", "one"), "--phi takes a number"),
        (("scale", "--phi", "inf"), "--phi takes a number"),
        (("scale", "--search", "--alpha", "1.3"), "leave out --alpha"),
        (("scale", "--search", "--phi", "1"), "leave out"),
        (("preprocess", picture), "-o OUT.npy"),
        (("preprocess", "-o", "x.npy"), "name a picture"),
        (("preprocess", picture, picture, "-o", "x.npy"), "too many"),
        (("run", "-o", "x.npy"), "IN.npy"),
        (("run", "x.npy"), "-o OUT.npy"),
        (("run", "x.npy", "-o", "y.npy", "--output", "map"),
         "logits, probabilities or embedding"),
    ]
    for arguments, message in cases:
        done = run(*arguments)
        words = " ".join(map(str, arguments)).replace(str(folder), "F")
        words = words.replace(str(SOURCE), "S")
        expect(f"usage: effnet {words}", done, 2, message)
        if done.stdout:
            check(f"usage: effnet {words} prints nothing", False, done.stdout)


def test_model(folder):
    picture = folder / "a.png"
    picture.write_bytes(png())
    place = "effnet/efficientnet-lite0-57934424.pth"
    expect("no home", run("classify", picture), 3, "-m MODEL")
    expect("no default model", run("classify", picture,
                                   variables={"HOME": str(folder)}), 3,
           f"{folder}/.cache/{place}", "./bootstrap demo", "-m MODEL")
    expect("XDG_CACHE_HOME comes before HOME", run(
        "info", variables={"HOME": "/h", "XDG_CACHE_HOME": str(folder)}),
        3, f"{folder}/{place}")
    expect("EFFNET_MODEL comes before both", run(
        "info", variables={"HOME": "/h", "EFFNET_MODEL": "/no/such"}), 3,
        "/no/such", "EFFNET_MODEL", "no such file")
    expect("a missing model", run("classify", "-m", "/no/such", picture), 3,
           "/no/such: there is no such file")
    expect("a name where weights are needed",
           run("classify", "-m", "b0", picture), 3, "b0", "checkpoint file")
    expect("a folder for a model", run("classify", "-m", folder, picture), 3,
           str(folder))
    expect("a picture for a model", run("classify", "-m", picture, picture),
           3, "a.png")
    labels = folder / "labels"
    labels.write_text("cat\ndog\n")
    expect("two labels for 1000 classes", run(
        "classify", "-m", MODEL, "--labels", labels, picture), 3, "1000")
    expect("missing labels", run("classify", "-m", MODEL, "--labels",
                                 "/no/labels", picture), 3, "/no/labels")
    cache = folder / "effnet"
    cache.mkdir()
    shutil.copy(MODEL, folder / place)
    done = run("info", "--format", "json",
               variables={"XDG_CACHE_HOME": str(folder)})
    check("the default model is found", done.returncode == 0 and
          lines(done)[0]["container"] == "torch-zip", done.stderr)
    done = run("info", "--format", "json",
               variables={"EFFNET_MODEL": str(MODEL), "XDG_CACHE_HOME": ""})
    check("EFFNET_MODEL is found", done.returncode == 0, done.stderr)


def expected_tutorial():
    return json.loads((DATA / "tutorial.json").read_text())


def test_tutorial(folder):
    table = expected_tutorial()
    pictures = [EXAMPLES / name for name in ("coffee.png", "chelsea.png")]
    if not all(map(os.path.exists, pictures)):
        return skip("the tutorial", "examples/ has no pictures")
    words = ("classify", "-m", MODEL, *TUTORIAL, *pictures)
    done = run(*words, "--format", "json", variables={"LC_ALL": "C.UTF-8"})
    found = lines(done)
    check("JSON has one object a picture", [line["image"] for line in found]
          == list(map(str, pictures)), done.stdout, done.stderr)
    for line in found:
        name = os.path.basename(line["image"])
        best = table[name]["top"]
        check(f"{name}: torchvision's classes, labels and digits", [
            (entry["class"], entry["label"], f"{entry['probability']:.3f}")
            for entry in line["top"]] == [
            (entry["class"], entry["label"], f"{entry['probability']:.3f}")
            for entry in best], line, best)
        check(f"{name}: torchvision's logits", difference(
            [entry["logit"] for entry in line["top"]],
            [entry["logit"] for entry in best]) <= 2e-5, line, best)
    text = run(*words).stdout.decode().split("\n\n")
    for name, part in zip(table and ("coffee.png", "chelsea.png"), text):
        rows = [row.split("  ") for row in part.splitlines()[1:6]]
        rows = [[cell.strip() for cell in row if cell] for row in rows]
        check(f"{name}: the printed digits are torchvision's",
              [row[:2] for row in rows] ==
              [[entry["label"], f"{entry['probability']:.3f}"]
               for entry in table[name]["top"]], part)
    done = run(*words, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    check("CSV says the same as JSON", done.stdout.startswith(
        b"image,rank,class,label,probability,logit\n") and
        [(row["image"], int(row["rank"]), int(row["class"]), row["label"],
          float(row["probability"]), float(row["logit"])) for row in rows] ==
        [(line["image"], rank, entry["class"], entry["label"],
          entry["probability"], entry["logit"]) for line in found
         for rank, entry in enumerate(line["top"], 1)], done.stdout)
    check("two threads give the same digits", run(
        *words, "--format", "csv", "--threads", "2").stdout == done.stdout)
    test_stages(folder, table, {os.path.basename(line["image"]): line["top"]
                                for line in found})


def test_stages(folder, table, classified):
    """What preprocess and run write, against torch's arrays and classify."""
    for name in ("coffee.png", "chelsea.png"):
        inputs, output = folder / "in.npy", folder / "out.npy"
        done = run("preprocess", "-m", MODEL, EXAMPLES / name, "-o", inputs,
                   *TUTORIAL)
        shape, data = read_npy(inputs)
        check(f"preprocess {name}: torchvision's bits",
              done.returncode == 0 and shape == (1, 3, 224, 224) and
              hashlib.sha256(data).hexdigest() == table[name]["input_sha256"],
              shape, done.stderr)
        by_name = folder / "b0.npy"
        run("preprocess", "-m", "b0", EXAMPLES / name, "-o", by_name,
            *TUTORIAL)
        check(f"preprocess -m NAME {name}: the same bits",
              by_name.read_bytes() == inputs.read_bytes())
        for what in ("logits", "embedding"):
            done = run("run", "-m", MODEL, inputs, "-o", output, "--output",
                       what)
            stem = name.split(".")[0]
            best_shape, best = read_npy(DATA / f"{stem}_{what}.npy")
            shape, data = read_npy(output)
            off = difference(floats(data), floats(best))
            check(f"run --output {what} {name}: torch's numbers",
                  shape == best_shape and off <= 2e-5, shape, off)
        run("run", "-m", MODEL, inputs, "-o", output)
        logits = floats(read_npy(output)[1])
        check(f"classify {name}: its logits read back as the same floats", all(
            struct.pack("<f", entry["logit"]) ==
            struct.pack("<f", logits[entry["class"]])
            for entry in classified[name]), classified[name])
        run("run", "-m", MODEL, inputs, "-o", output, "--output",
            "probabilities")
        powers = [math.exp(value - max(logits)) for value in logits]
        check(f"run --output probabilities {name}: the softmax of the logits",
              difference(floats(read_npy(output)[1]),
                         [power / sum(powers) for power in powers]) < 1e-5)


def test_bars(folder):
    picture = folder / "a.png"
    picture.write_bytes(png())
    words = ("classify", "-m", MODEL, *SMALL, "-k", "9999", picture)
    done = run(*words)
    rows = done.stdout.decode("ascii").splitlines()
    check("a huge -k is every class, within 80 columns", len(rows) == 1002 and
          max(map(len, rows)) <= 80, len(rows), done.stderr)
    check("no blanks at the ends of lines", not any(
        row.endswith(" ") for row in rows), rows[:9])
    check("the time taken is said", "decoded in " in rows[-1] and
          " ms" in rows[-1], rows[-1])
    done = run("classify", "-m", MODEL, *SMALL, picture,
               variables={"LC_ALL": "de_DE.UTF-8"})
    text = done.stdout.decode("utf-8")
    check("bars of blocks where the terminal has UTF-8, and no bars of #",
          ("\u2588" in text or "\u258f" in text) and "#" not in text, text)
    check("decimal points whatever the locale", "0." in text and
          "0," not in text, text)
    done = run(*words[:-3], "-k", "2", "-k", "1", "--format", "csv",
               "--format", "json", picture)
    check("of an option given twice the last counts",
          len(lines(done)[0]["top"]) == 1, done.stdout)


def test_labels(folder):
    picture = folder / "a.png"
    picture.write_bytes(png())
    labels = folder / "labels"
    rows = [b"a, \"b\"", b"tab\there \x1b[31m",
            b"bad \xff byte \xed\xa0\x80 \xc0\xaf",
            "\u00e9t\u00e9 \u732b".encode(), b"x" * 200]
    labels.write_bytes(b"\n".join(rows[i % 5] for i in range(1000)) + b"\n")
    words = ("classify", "-m", MODEL, "--labels", labels, *SMALL, "-k",
             "1000", picture)
    clean = [row.decode("utf-8", "replace") for row in rows]
    done = run(*words, "--format", "json")
    check("odd labels in JSON", all(
        entry["label"] == clean[entry["class"] % 5]
        for entry in lines(done)[0]["top"]), done.stdout, done.stderr)
    done = run(*words, "--format", "csv")
    check("odd labels in CSV", all(
        row["label"] == clean[int(row["class"]) % 5] for row in
        csv.DictReader(io.StringIO(done.stdout.decode(), newline=""))),
        done.stdout)
    text = run(*words).stdout.decode("utf-8")
    check("odd labels in text stay on their lines", "\x1b" not in text and
          "tab\\there \\x1B[31m" in text and "bad \\xFF byte" in text and
          "\n  " + "x" * 27 + "...  " in text and
          len(text.splitlines()) == 1002 and
          max(map(len, text.splitlines())) <= 80, text)


def test_inputs(folder):
    tree = folder / "tree"
    (tree / "b").mkdir(parents=True)
    (tree / "b" / "deep" / "er").mkdir(parents=True)
    small = png()
    names = [b"a.png", b"b-c.png", b"b/x.png", b"b/deep/er/no-extension",
             b"-k", b"new\nline.png", b"comma,\"quote\".png", b"\xff\xfe.png",
             b"z.txt"]
    for name in names:
        with open(os.path.join(os.fsencode(tree), name), "wb") as file:
            file.write(small)
    (tree / "notes.png").write_text("no picture, whatever its name")
    (tree / "empty.jpg").write_bytes(b"")
    os.symlink("..", tree / "b" / "up")
    os.symlink("loop", tree / "loop")
    os.symlink("/no/such/file", tree / "dangling")
    os.symlink("b", tree / "another-b")
    os.mkfifo(tree / "pipe.png")
    words = ("classify", "-m", MODEL, *SMALL, "-k", "1")
    done = run(*words, "--format", "json", tree, timeout=300)
    found = [line["image"] for line in lines(done)]
    paths = sorted(os.fsencode(tree) + b"/" + name for name in names)
    check("a folder: every picture once, in order of path bytes",
          done.returncode == 0 and found ==
          [path.decode("utf-8", "replace") for path in paths],
          found, done.stderr)
    check("what is no picture is skipped, and counted",
          b"skipped 4 files that are no PNG or JPEG" in done.stderr,
          done.stderr)
    done = run(*words, "--format", "csv", str(tree) + "/")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    check("odd names in CSV", [row["image"] for row in rows] ==
          [path.decode("utf-8", "replace") for path in paths], done.stdout)
    text = run(*words, tree).stdout.decode("utf-8")
    check("odd names in text", len(text.split("\n\n")) == len(names) and
          "new\\nline.png" in text and "\\xFF\\xFE.png" in text, text)
    done = run(*words, "--format", "json", "--", "-k", "./-k", cwd=tree)
    check("names that begin with a dash, after --",
          [line["image"] for line in lines(done)] == ["-k", "./-k"],
          done.stdout, done.stderr)
    test_streams(folder, words)
    test_bad_pictures(folder, words)


def test_streams(folder, words):
    picture = folder / "one.png"
    picture.write_bytes(png(value=7))
    top = lines(run(*words, "--format", "json", picture))[0]["top"]
    done = run(*words, "--format", "json", "-", stdin=png(value=7))
    check("- is a picture from standard input",
          lines(done) == [{"image": "-", "top": top}], done.stdout)
    done = run(*words, "--format", "json", "-")
    expect("nothing on standard input", done, 3, "standard input", "empty")
    done = run(*words, "-", stdin=b"GIF89a")
    expect("something else on standard input", done, 3, "standard input")
    with open("/dev/zero", "rb") as zeros:
        done = run(*words, "-", stdin=zeros, timeout=300)
    expect("no end of standard input", done, 3, "standard input")
    pipe = folder / "fifo"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["sh", "-c", 'cat "$1" >"$2"', "sh", picture,
                               pipe])
    done = run(*words, "--format", "json", pipe, timeout=300)
    writer.wait()
    check("a pipe by name, as from <(...)", lines(done)[0].get("top") == top,
          done.stdout, done.stderr)
    inputs = folder / "in.npy"
    done = run("preprocess", "-m", "b0", "-", "-o", inputs,
               stdin=png(value=7))
    check("preprocess takes standard input", done.returncode == 0 and
          read_npy(inputs)[0] == (1, 3, 224, 224), done.stderr)


def test_bad_pictures(folder, words):
    bad = folder / "bad"
    bad.mkdir()
    good = png()
    (bad / "1.png").write_bytes(good)
    (bad / "2.png").write_bytes(good[:60])
    (bad / "3.png").write_bytes(good)
    done = run(*words, "--format", "json", bad)
    found = lines(done)
    expect("a bad picture among good ones", done, 1, "2.png")
    check("its line has status and message, the others are classified",
          [sorted(line) for line in found] ==
          [["image", "top"], ["error", "image"], ["image", "top"]] and
          found[1]["image"] == str(bad / "2.png") and
          found[1]["error"]["status"] == "format" and
          "2.png" in found[1]["error"]["message"] and
          sorted(found[1]["error"]) == ["message", "status"], found)
    done = run(*words, "--format", "csv", bad)
    check("CSV leaves it out", done.returncode == 1 and
          len(done.stdout.splitlines()) == 3, done.stdout)
    done = run(*words, bad / "2.png")
    expect("only a bad picture", done, 3, "2.png")
    done = run(*words, "--format", "json", "/no/such.png", bad / "1.png")
    expect("a missing picture", done, 1, "/no/such.png", "No such file")
    check("its status is io", lines(done)[0]["error"]["status"] == "io",
          done.stdout)
    text = folder / "readme.txt"
    text.write_text("hello")
    expect("a named file that is no picture", run(*words, text), 3,
           "readme.txt")
    empty = folder / "nothing"
    empty.mkdir()
    expect("a folder without pictures", run(*words, empty), 3,
           "there is no PNG or JPEG in this folder")
    expect("a device", run(*words, "/dev/null"), 3, "/dev/null")
    test_unreadable(folder, words)


def as_nobody():
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def test_unreadable(folder, words):
    """Permissions, as a user whom they bind."""
    more = {"preexec_fn": as_nobody} if os.geteuid() == 0 else {}
    locked = folder / "locked"
    (locked / "in").mkdir(parents=True)
    (locked / "a.png").write_bytes(png())
    (locked / "b.png").write_bytes(png())
    for path in (folder.parent, folder, locked):
        path.chmod(0o755)
    model = folder / "model.pth"
    shutil.copy(MODEL, model)
    model.chmod(0o644)
    (locked / "in").chmod(0)
    (locked / "b.png").chmod(0)
    words = ("classify", "-m", model, *words[3:])
    try:
        done = run(*words, "--format", "json", locked, **more)
    except (OSError, subprocess.SubprocessError) as error:
        return skip("permissions", f"cannot become another user: {error}")
    if done.returncode not in (0, 1, 3):
        return skip("permissions", "another user cannot run the command")
    (locked / "in").chmod(0o755)
    expect("an unreadable folder and file in a folder", done, 1, "locked/in",
           "locked/b.png", "Permission denied")
    check("their lines", [line.get("error", {}).get("status") for line in
                          lines(done)] == [None, "io", "io"], done.stdout)
    closed = folder / "closed"
    closed.mkdir(mode=0o555)
    target = closed / "x.npy"
    done = run("preprocess", "-m", "b0", locked / "a.png", "-o", target,
               **more)
    expect("a folder that may not be written to", done, 3, "x.npy",
           "Permission denied")
    check("nothing is left there", not list(closed.iterdir()))


def test_overrides(folder):
    picture, first, second = (folder / name for name in
                              ("a.png", "1.npy", "2.npy"))
    picture.write_bytes(png(400, 300))

    def same(what, model, one, two):
        shapes = []
        for words, path in ((one, first), (two, second)):
            done = run("preprocess", "-m", model, picture, "-o", path,
                       *words.split())
            if not check(f"preprocess -m {model} {words}",
                         done.returncode == 0, done.stderr):
                return ()
            shapes.append(read_npy(path)[0])
        equal = first.read_bytes() == second.read_bytes()
        check(what, equal, shapes)
        return shapes[0]

    shape = same("--crop alone: the shorter side is the crop + 32",
                 "lite0", "--crop 192", "--resize 224 --crop 192")
    check("--crop N is square", shape == (1, 3, 192, 192), shape)
    shape = same("--resize alone: the crop stays", "lite0", "--resize 300",
                 "--resize 300 --crop 224")
    check("the model's crop", shape == (1, 3, 224, 224), shape)
    shape = same("WxH is width x height", "b0", "--crop 200x100",
                 "--crop=200x100 --resize=256")
    check("the tensor is height x width", shape == (1, 3, 100, 200), shape)
    same("a model that resizes first keeps its resize", "b0", "--crop 64",
         "--resize 256 --crop 64")
    same("the default filter of b0 is bicubic", "b0", "", "--filter bicubic")
    same("both sides as given", "b0", "--resize 300x280 --crop 300x280",
         "--crop 300x280 --resize 300x280 --filter bicubic")
    run("preprocess", "-m", "b0", picture, "-o", first, "--mean", "0,0,0",
        "--std", "1,1,1")
    values = floats(read_npy(first)[1])
    check("--mean and --std: 0...1 as it is", 0 <= min(values) and
          max(values) <= 1 and max(values) > 0.5)


def test_npy_input(folder):
    source, output = folder / "in.npy", folder / "out.npy"
    shape = (1, 3, 32, 32)
    values = [((i * 37) % 101) / 50 - 1 for i in range(3 * 32 * 32)]
    words = ("run", "-m", MODEL, source, "-o", output)
    source.write_bytes(npy(shape, values))
    done = run(*words)
    if not check("run on an array", done.returncode == 0, done.stderr):
        return
    first = output.read_bytes()
    for version in (2, 3):
        source.write_bytes(npy(shape, values, version=version))
        output.unlink()
        check(f".npy version {version}", run(*words).returncode == 0 and
              output.read_bytes() == first)
    source.write_bytes(npy((2, 3, 32, 32), values * 2))
    done = run(*words)
    shape2, data = read_npy(output)
    check("a batch: each picture alike, whatever its place",
          shape2 == (2, 1000) and data == read_npy_bytes(first) * 2, shape2)
    output.unlink()
    huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }"
    cases = [
        ("float64", npy(shape, dtype="<f8"), "astype(numpy.float32)"),
        ("big-endian", npy(shape, dtype=">f4"), "'>f4'"),
        ("structured", npy((1,), text="{'descr': [('a', '<f4')], "
                           "'fortran_order': False, 'shape': (1,)}"),
         "plain numbers"),
        ("Fortran order", npy(shape, fortran=True), "ascontiguousarray"),
        ("truncated data", npy(shape)[:-4], "12288 bytes of data were"),
        ("surplus data", npy(shape) + b"\0", "12288 bytes of data were"),
        ("truncated header", npy(shape)[:40], "header"),
        ("empty", b"", "too few"),
        ("no magic", b"PK\x03\x04" * 10, "numpy.save"),
        ("version 9", b"\x93NUMPY\x09\x00" + bytes(60), "version 9.0"),
        ("huge header", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + bytes(60),
         "header of 2147483647 bytes"),
        ("no header", b"\x93NUMPY\x01\x00\x00\x00" + bytes(60),
         "header of 0 bytes"),
        ("an overflowing shape", npy((), [], text=huge % ", ".join(
            ["4294967296"] * 4)), "too large"),
        ("an overflowing side", npy((), [], text=huge % ("9" * 30 + ",")),
         "sizes"),
        ("a large shape without data",
         npy((), [], text=huge % "1000000000, 3, 224, 224"), "expected"),
        ("nine sides", npy((), text=huge % ("1," * 9)), "8 dimensions"),
        ("a negative side", npy((), text=huge % "-1, 3"), "sizes"),
        ("no shape", npy((), text="{'descr': '<f4', "
                         "'fortran_order': False}"), "missing"),
        ("an expression", npy((), text="__import__('os')"), "'{'"),
        ("an unknown key", npy((), text="{'x': 1}"), "key"),
        ("an open string", npy((), text="{'descr"), "key"),
        ("three dimensions", npy((3, 32, 32)), ""),
        ("five channels", npy((1, 5, 32, 32)), "5"),
        ("no pictures", npy((0, 3, 32, 32)), ""),
        ("an empty side", npy((1, 3, 0, 32)), ""),
    ]
    for what, data, message in cases:
        source.write_bytes(data)
        done = run(*words)
        expect(f"run on .npy: {what}", done, 3, "in.npy", message)
        if output.exists():
            check(f"run on .npy: {what} leaves no output", False)
            output.unlink()
    expect("run on a missing .npy", run("run", "-m", MODEL, "/no/x.npy", "-o",
                                        output), 3, "/no/x.npy", "No such")
    expect("run on a folder", run("run", "-m", MODEL, folder, "-o", output),
           3, "no regular file")
    os.mkfifo(folder / "pipe")
    expect("run on a pipe", run("run", "-m", MODEL, folder / "pipe", "-o",
                                output, timeout=300), 3, "no regular file")


def read_npy_bytes(data):
    return data[10 + struct.unpack("<H", data[8:10])[0]:]


def test_npy_output(folder):
    picture, target = folder / "a.png", folder / "out.npy"
    picture.write_bytes(png())

    def write(path, **more):
        return run("preprocess", "-m", "b0", picture, "-o", path, **more)

    os.umask(0o027)
    check("the output's mode is the user's", write(target).returncode == 0 and
          stat.S_IMODE(target.stat().st_mode) == 0o640)
    best = target.read_bytes()
    target.write_bytes(b"old")
    target.chmod(0o600)
    link = folder / "link.npy"
    link.symlink_to("out.npy")
    check("through a link, the file is replaced and its mode kept",
          write(link).returncode == 0 and link.is_symlink() and
          target.read_bytes() == best and
          stat.S_IMODE(target.stat().st_mode) == 0o600)
    check("a bare name", write("bare.npy", cwd=folder).returncode == 0 and
          (folder / "bare.npy").read_bytes() == best)
    done = write("/dev/stdout")
    check("a pipe is written to", done.stdout == best, done.stderr)
    expect("a folder for an output", write(folder), 3, "this is a folder")
    expect("an output in no folder", write(folder / "no/x.npy"), 3,
           "no/x.npy", "No such file")
    expect("an output under a file", write(picture / "x.npy"), 3,
           "Not a directory")
    if os.path.exists("/dev/full"):
        expect("a full device", write("/dev/full"), 3, "No space left")
        check("the device is still one",
              stat.S_ISCHR(os.stat("/dev/full").st_mode))
    target.write_bytes(b"old")
    limit = ('ulimit -f 8; trap "" XFSZ; exec "$@"')
    done = subprocess.run(
        ["sh", "-c", limit, "sh", COMMAND, "preprocess", "-m", "b0", picture,
         "-o", target], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    expect("an output that does not fit", done, 3, "out.npy")
    check("what was there before stays", target.read_bytes() == b"old")
    check("nothing else is left behind", sorted(
        path.name for path in folder.iterdir()) ==
        ["a.png", "bare.npy", "link.npy", "out.npy"],
        sorted(folder.iterdir()))


def shell(script, *arguments):
    return subprocess.run(["sh", "-c", script, "sh", COMMAND,
                           *map(os.fspath, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_stdout(folder):
    picture = folder / "a.png"
    picture.write_bytes(png())
    words = ("classify", "-m", MODEL, *SMALL, picture, picture)
    for arguments in (words, ("info", "b0"), ("scale",), ("--help",),
                      ("scale", "--search"), ("classify", "--help"),
                      (*words, "--format", "json"), ("--version",)):
        what = " ".join(map(str, arguments[:2])).replace(
            str(folder), "F") + (" json" if "json" in arguments else "")
        done = shell('"$@" >&-', *arguments)
        expect(f"closed standard output: {what}", done, 3, "standard output")
        if os.path.exists("/dev/full"):
            done = shell('"$@" >/dev/full', *arguments)
            expect(f"full standard output: {what}", done, 3, "No space left")
    read, write = os.pipe()
    os.close(read)
    done = run(*words, stdout=write)
    os.close(write)
    check("a closed pipe: exit 3 and not a word", done.returncode == 3 and
          done.stderr == b"", done.returncode, done.stderr)
    done = shell('"$@" 2>&- >&- <&-', "preprocess", "-m", "b0", picture, "-o",
                 folder / "x.npy")
    check("closed streams do not end up in a file", done.returncode == 0 and
          read_npy(folder / "x.npy")[0] == (1, 3, 224, 224), done.returncode)
    done = shell('"$@" 2>&- <&-', "classify", "-m", MODEL, "/no/such")
    check("closed standard error", done.returncode == 3, done.returncode)
    expect("closed standard input", shell('"$@" <&-', "classify", "-m", MODEL,
                                          "-"), 3, "standard input")


PARAMETERS = (5288548, 7794184, 9109994, 12233232, 19341616, 30389784,
              43040704, 66347960)


def check_info(what, found, layers):
    kinds = {"name": str, "family": str, "container": str, "parameters": int,
             "macs": int, "resolution": list, "classes": int, "padding": str,
             "epsilon": float, "preprocessing": dict}
    steps = {"mode": str, "resize": list, "crop": list, "filter": str,
             "mean": list, "std": list}
    check(f"{what}: keys and types", list(found) ==
          list(kinds) + (["layers"] if layers else []) and
          all(type(found[key]) is kind for key, kind in kinds.items()) and
          list(found["preprocessing"]) == list(steps) and
          all(type(found["preprocessing"][key]) is kind
              for key, kind in steps.items()), found)


def test_info(folder):
    for i, parameters in enumerate(PARAMETERS):
        found = lines(run("info", "--format", "json", f"b{i}"))[0]
        check(f"info b{i}: parameters", found["parameters"] == parameters,
              found)
    check_info("info b7", found, False)
    check("info b7: values", found["name"] == "efficientnet_b7" and
          found["family"] == "torchvision" and found["container"] == "none"
          and found["resolution"] == [600, 600] and found["classes"] == 1000
          and found["padding"] == "symmetric" and found["epsilon"] == 1e-3 and
          found["preprocessing"] == {
              "mode": "centre", "resize": [600, 0], "crop": [600, 600],
              "filter": "bicubic", "mean": [0.485, 0.456, 0.406],
              "std": [0.229, 0.224, 0.225]}, found)
    found = lines(run("info", "--format=json", "--layers", MODEL))[0]
    check_info("info MODEL --layers", found, True)
    check("info MODEL: values", found["name"] == "efficientnet_b0" and
          found["container"] == "torch-zip" and found["epsilon"] == 1e-5 and
          found["parameters"] == PARAMETERS[0], found)
    layers = found["layers"]
    check("layers: keys and types", all(
        [type(layer[key]) for key in ("name", "op", "output", "parameters",
                                      "macs")] == [str, str, list, int, int]
        and list(layer) == ["name", "op", "output", "parameters", "macs"] and
        len(layer["output"]) == 3 for layer in layers), layers)
    check("layers: the parameters and MACs add up",
          sum(layer["parameters"] for layer in layers) == PARAMETERS[0] and
          sum(layer["macs"] for layer in layers) == found["macs"])
    check("layers: first and last", layers[0]["name"] == "stem" and
          layers[0]["output"] == [32, 112, 112] and
          layers[-1]["name"] == "classifier" and
          layers[-1]["parameters"] == 1281000, layers[0], layers[-1])
    found = lines(run("info", "--format", "json", "lite0"))[0]
    check("info lite0: crop first", found["preprocessing"]["mode"] ==
          "crop-first" and found["preprocessing"]["resize"] == [0, 0] and
          found["preprocessing"]["crop"] == [224, 224] and
          found["padding"] == "same-static", found)
    for arguments in (("b0",), (MODEL, "--layers")):
        done = run("info", *arguments)
        text = done.stdout.decode("ascii")
        check(f"info {arguments[-1]} as text", done.returncode == 0 and
              "efficientnet_b0" in text and "5,288,548" in text and
              max(map(len, text.splitlines())) <= 80, text, done.stderr)
    shutil.copy(MODEL, folder / "b7")
    found = lines(run("info", "--format", "json", "b7", cwd=folder))[0]
    check("a file wins over a name", found["container"] == "torch-zip" and
          found["name"] == "efficientnet_b0", found)
    expect("an unknown name", run("info", "efficientnet_bo"), 3,
           "efficientnet_bo", "did you mean efficientnet_b0?")
    expect("a name far from any", run("info", "b9"), 3, "b9",
           "effnet info --help")
    expect("a damaged file", run("info", SOURCE / "COPYING"
                                 if (SOURCE / "COPYING").exists()
                                 else __file__), 3, ":")


def scaled(*words):
    done = run("scale", "--format", "json", *words)
    return lines(done) if done.returncode == 0 else done


def test_scale(folder):
    rows = scaled()
    check("scale: B0 to B7", [(row["name"], row["phi"], row["parameters"])
                              for row in rows] ==
          list(zip([f"b{i}" for i in range(8)], (0, .5, 1, 2, 3, 4, 5, 6),
                   PARAMETERS)), rows)
    macs = [lines(run("info", "--format", "json", f"b{i}"))[0]["macs"]
            for i in (0, 7)]
    check("scale: the ratio is to B0's MACs, beside 2^phi", math.isclose(
        rows[7]["mac_ratio"], macs[1] / macs[0], rel_tol=1e-8) and
        rows[7]["expected_ratio"] == 64 and rows[0]["mac_ratio"] == 1, rows)
    rows = scaled("--phi", "0", "--phi=1", "--phi", "6", "--phi", "-0.5")
    check("scale --phi: the powers", [row["phi"] for row in rows] ==
          [0, 1, 6, -.5] and all(
              math.isclose(row["depth"], 1.2 ** row["phi"], rel_tol=1e-8) and
              math.isclose(row["width"], 1.1 ** row["phi"], rel_tol=1e-8) and
              row["resolution"] == [int(224 * 1.15 ** row["phi"] / 8 + .5) * 8]
              * 2 for row in rows), rows)
    check("scale --phi 0 is B0", rows[0]["parameters"] == PARAMETERS[0] and
          rows[0]["mac_ratio"] == 1 and rows[0]["resolution"] == [224, 224])
    rows = scaled("--alpha", "1.4", "--beta", "1", "--gamma", "1")
    check("scale with coefficients alone: the phi of B0 to B7",
          [row["phi"] for row in rows] == [0, .5, 1, 2, 3, 4, 5, 6] and
          all(row["width"] == 1 and row["resolution"] == [224, 224]
              for row in rows), rows)
    done = run("scale")
    check("scale as text", done.returncode == 0 and
          len(done.stdout.splitlines()) == 9 and
          b"66,347,960" in done.stdout and
          max(map(len, done.stdout.decode("ascii").splitlines())) <= 80,
          done.stdout)
    done = run("scale", "--phi", "1", "--phi", "1e9", "--format", "json")
    expect("scale: one phi too far", done, 1, "phi 1e+09")
    check("the others are shown", len(lines(done)) == 1, done.stdout)
    expect("scale: all too far", run("scale", "--phi", "1e9"), 3, "phi 1e+09")


def test_search(folder):
    grid = [Fraction(i, 20) for i in range(20, 29)]
    best = sorted((abs(a * b * b * c * c - 2), a, b, c)
                  for a in grid for b in grid for c in grid)
    best = [point[1:] for point in best if point[0] <= Fraction(1, 10)]
    rows = scaled("--search")
    check("search: the grid's points, nearest to 2 first",
          [(row["alpha"], row["beta"], row["gamma"]) for row in rows] ==
          [tuple(map(float, point)) for point in best], len(rows), len(best))
    check("search: the products", all(
        math.isclose(row["product"], float(a * b * b * c * c), rel_tol=1e-8)
        for row, (a, b, c) in zip(rows, best)))
    for row in rows[0], rows[-1]:
        one = scaled("--phi", "1", *(f"--{key}={row[key]}" for key in
                                     ("alpha", "beta", "gamma")))[0]
        check(f"search: the real network of {row['alpha']} {row['beta']} "
              f"{row['gamma']}", all(row[key] == one[key] for key in
                                     ("macs", "mac_ratio", "parameters",
                                      "resolution")), row, one)
    done = run("scale", "--search")
    check("search as text", done.returncode == 0 and
          len(done.stdout.splitlines()) == len(best) + 1 and
          max(map(len, done.stdout.splitlines())) <= 80, done.stdout)


def peak(count, folder):
    """The command's peak memory in kB over `count` pictures."""
    process = subprocess.Popen(
        [COMMAND, "classify", "-m", MODEL, *SMALL, "--format", "csv",
         "-k", "1", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    rows = len(process.stdout.read().splitlines()) - 1
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    check(f"{count} pictures in a folder", rows == count, rows)
    return usage.ru_maxrss


def test_many(folder):
    few, many = folder / "few", folder / "many"
    for place, count in ((few, 10), (many, 1000)):
        place.mkdir()
        for i in range(count):
            (place / f"{i:04}.png").write_bytes(png(64, 48, i % 250 + 1))
    if SANITIZED:
        return skip("memory over many pictures", "sanitizers keep freed "
                    "memory")
    first, last = peak(10, few), peak(1000, many)
    check("memory does not grow with the pictures", last < first + 2048,
          first, last)


def test_demo_model(folder):
    cache = (os.environ.get("XDG_CACHE_HOME") or
             os.path.join(os.environ.get("HOME", "/"), ".cache"))
    path = os.path.join(cache, "effnet/efficientnet-lite0-57934424.pth")
    path = os.environ.get("EFFNET_MODEL") or path
    if not os.path.exists(path) or not (EXAMPLES / "coffee.png").exists():
        return skip("the demo's model", "it or its pictures are not there")
    expected = {
        "coffee.png": [("espresso", .951), ("cup", .015), ("consomme", .008),
                       ("chocolate sauce", .004), ("coffee mug", .003)],
        "chelsea.png": [("tiger cat", .408), ("Egyptian cat", .340),
                        ("tabby", .167), ("lynx", .015)]}
    done = run("classify", "--format", "json", *(EXAMPLES / name
                                                 for name in expected),
               variables={"EFFNET_MODEL": path})
    for line in lines(done):
        best = expected[os.path.basename(line["image"])]
        found = [(entry["label"], round(entry["probability"], 3))
                 for entry in line["top"]]
        check(f"the demo's model: {os.path.basename(line['image'])}",
              found[:len(best)] == best, found)


def has_png(scratch):
    """Whether the command was built to read PNG."""
    picture = pathlib.Path(scratch) / "probe.png"
    picture.write_bytes(png())
    done = run("preprocess", "-m", "b0", picture, "-o", "/dev/null")
    return b"built without PNG" not in done.stderr


ALWAYS = (test_help, test_usage, test_model, test_npy_input, test_info,
          test_scale, test_search)
WITH_PNG = (test_tutorial, test_bars, test_labels, test_inputs,
            test_overrides, test_npy_output, test_stdout, test_many,
            test_demo_model)


def main():
    chosen = [test for test in ALWAYS + WITH_PNG
              if len(sys.argv) < 2 or test.__name__ in sys.argv[1:]]
    with tempfile.TemporaryDirectory(prefix="effnet-command-") as scratch:
        if not has_png(scratch):
            for test in set(chosen) & set(WITH_PNG):
                skip(test.__name__, "built without PNG")
                chosen.remove(test)
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


if __name__ == "__main__":
    sys.exit(main())
