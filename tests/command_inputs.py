#!/usr/bin/env python3
"""command_inputs.py: the effnet command's pictures and standard streams."""
import csv
import io
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import (  # noqa: E402
    MODEL, SMALL, check, expect, lines, main, png, read_npy, run, shell, skip)

NOBODY = 65534


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


if __name__ == "__main__":
    sys.exit(main((), (test_inputs, test_stdout)))
