#!/usr/bin/env python3
"""command_usage.py: the effnet command's help, usage and models."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
from command_support import (  # noqa: E402
    MODEL, SOURCE, check, expect, lines, main, png, run)

SUBCOMMANDS = ("classify", "info", "scale", "preprocess", "run", "bench",
               "convert")


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
        (("frobnicate",), "no command 'frobnicate'"),
        (("classify",), "name pictures"),
        (("classify", "--formt", "json", picture), "Did you mean --format?"),
        (("classify", "--zzyzx", picture),
         "unknown option --zzyzx\nSee effnet classify --help."),
        (("classify", "--siz", "32", picture), "unknown option --siz\nSee"),
        (("classify", "--crp", "32", picture), "Did you mean --crop?"),
        (("scale", "--alfa", "1"), "Did you mean --alpha?"),
        (("classify", "--arch", "b99", picture), "name of an architecture"),
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
        (("scale", "--search", "--alpha", "1.2"), "leave out --alpha"),
        (("scale", "--search", "--gamma=1.15"), "leave out --alpha"),
        (("scale", "--search", "--phi", "1"), "leave out"),
        (("preprocess", picture), "-o OUT.npy"),
        (("preprocess", "-o", "x.npy"), "name a picture"),
        (("preprocess", picture, picture, "-o", "x.npy"), "too many"),
        (("run", "-o", "x.npy"), "IN.npy"),
        (("run", "x.npy"), "-o OUT.npy"),
        (("run", "x.npy"), "--dump FOLDER"),
        (("run", "x.npy", "--dump", ""), "--dump takes a name"),
        (("run", "x.npy", "-o", "y.npy", "--output", "maps"),
         "embedding, map, reduction_2"),
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


if __name__ == "__main__":
    sys.exit(main((test_help, test_usage, test_model), ()))
