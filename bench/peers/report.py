"""The table and the plots of what was measured."""
import json
import re

import models
from table import PEERS

COLOURS = ("#c0392b", "#2c3e50", "#2980b9", "#16a085", "#8e44ad", "#d68910",
           "#7f8c8d", "#bdc3c7")


def read_results(work, earlier=()):
    """By machine, then by threads, each by model in the usual order; earlier
    ones stay that were not measured again."""
    new = [json.loads(path.read_text()) for path in work.glob("*-*.json")]
    found = {(*machine_of(r), r["threads"], r["model"]): r
             for r in [*earlier, *new]}
    results = {}
    for *machine, threads, model in sorted(
            found, key=lambda key: (*key[:-1], models.NAMES.index(key[-1]))):
        results.setdefault(tuple(machine), {}).setdefault(
            threads, []).append(found[(*machine, threads, model)])
    return results


def machine_of(result):
    return result["processor"], result["instruction_set"]


def title_of(machine):
    processor, instruction_set = machine
    name = re.sub(r"\(R\)|\bProcessor\b", "", processor)
    return f"{' '.join(name.split())}, {instruction_set}"


def slug_of(machine):
    return re.sub(r"\W+", "-", title_of(machine)).lower()


def cell(result, peer):
    figure = result["peers"].get(peer)
    if figure is None or "error" in figure:
        return "–"
    text = f"{figure['min_ms']:.1f}"
    if peer == "effnet":
        return f"**{text}**" + (
            f" ({figure['min_ms'] / result['limit_ms']:.2f})"
            if result["limit_ms"] else "")
    own = result["peers"].get("effnet", {}).get("min_ms")
    return text + (f" ({figure['min_ms'] / own:.2f}×)" if own else "")


def peers_of(results):
    return [peer for peer in PEERS
            if any(peer in result["peers"] for result in results)]


def table(titles, rows):
    lines = ["| " + " | ".join(row) + " |" for row in [titles, *rows]]
    lines.insert(1, "|---" * len(titles) + "|")
    return "\n".join(lines) + "\n"


def speed_table(results):
    peers = peers_of(results)
    rows = [[f"{r['model']} ({r['size']})", f"{r['gflop']:.2f}",
             f"{r['limit_ms']:.1f}" if r["limit_ms"] else "–",
             *(cell(r, peer) for peer in peers)] for r in results]
    return table(["model", "GFLOP", "limit, ms",
                  *(PEERS[peer].title for peer in peers)], rows)


def figure_table(results, key, form):
    peers = peers_of(results)
    rows = [[r["model"], *(
        form.format(r["peers"][peer][key])
        if key in r["peers"].get(peer, {}) else "–" for peer in peers)]
        for r in results]
    return table(["model", *(PEERS[peer].title for peer in peers)], rows)


def errors(results):
    return [f"- {r['model']}, {PEERS[peer].title}: {figure['error']}\n"
            for r in results for peer, figure in r["peers"].items()
            if "error" in figure]


def versions(results):
    found = {}
    for result in results:
        found.update({peer: version for peer, version in
                      result["versions"].items() if version})
    return ", ".join(f"{PEERS[peer].title} {found[peer]}" for peer in PEERS
                     if peer in found)


def conditions(results):
    """What holds for all of them, of one machine."""
    peaks = [r["fma_peak_gflops"] for r in results if r["fma_peak_gflops"]]
    text = title_of(machine_of(results[0]))
    if peaks:
        text += (f"; measured peak of a core {min(peaks):.1f} to "
                 f"{max(peaks):.1f} GFLOP/s" if max(peaks) > 1.01 * min(peaks)
                 else f"; measured peak of a core {max(peaks):.1f} GFLOP/s")
    dates = sorted({r["date"] for r in results})
    return text + f"; {' to '.join(dict.fromkeys((dates[0], dates[-1])))}"


def section(machine, threads, results):
    parts = [
        f"## {title_of(machine)}, {threads} thread{'s' if threads > 1 else ''}\n",
        f"{conditions(results)}. {versions(results)}.\n",
        "The shortest time of a run in ms. Behind effnet's: times the limit; "
        "behind a peer's: times effnet's.\n", speed_table(results),
        f"![Time beside the limit]({latency_plot(machine, threads)})\n",
        "Medians, ms:\n", figure_table(results, "median_ms", "{:.1f}"),
        "From reading the model to the first result, once each, ms; the "
        "library is already loaded:\n", figure_table(results, "start_ms", "{:.0f}"),
        "Memory at most until then, MB, Python and the library included:\n",
        figure_table(results, "peak_rss_mb", "{:.0f}"),
        "Largest difference from PyTorch in float64, of the largest output:\n",
        figure_table(results, "difference", "{:.1e}")]
    missing = errors(results)
    if missing:
        parts += ["What is missing, and why:\n", "".join(missing)]
    return "\n".join(parts)


def latency_plot(machine, threads):
    return f"latency-{slug_of(machine)}-{threads}.svg"


def layers_plots(machine, results, folder):
    parts = [f"## Where effnet's time goes: {title_of(machine)}\n"]
    for result in results:
        name = f"layers-{slug_of(machine)}-{result['model']}.svg"
        plot_layers(result, folder / name)
        parts.append(f"![Steps of {result['model']}]({name})\n")
    return parts


INTRODUCTION = """\
# Benchmarks

What `make bench-peers` measured; [results.json](results.json) has all figures.
One image a run, float32, random weights of torchvision's and timm's
initialisation, the same for all. The limit is what a direct convolution takes
at the core's measured peak of multiply-adds. Each runtime is in a process of
its own on the same core; all take turns. LiteRT's model comes from PyTorch
through litert-torch, ncnn's through pnnx, MNN's (in high precision),
OpenVINO's and ONNX Runtime's from ONNX, opset 13; effnet reads the checkpoint.
"""


MARKS = ("<!-- from docs/benchmarks, by make bench-peers -->\n",
         "<!-- end -->\n")
FRONT = ("effnet", "onnxruntime", "openvino", "mnn", "ncnn", "litert")


def front_page(results):
    """The part of the project's README that is about speed."""
    rows = [[f"{r['model']} ({r['size']})",
             f"{r['limit_ms']:.1f}" if r["limit_ms"] else "–",
             *(cell(r, peer) for peer in FRONT)] for r in results]
    return (f"{conditions(results)}.\n\n" +
            table(["model", "limit", *(PEERS[peer].title for peer in FRONT)],
                  rows))


def replace_between(text, inner):
    before, rest = text.split(MARKS[0], 1)
    after = rest.split(MARKS[1], 1)[1]
    return before + MARKS[0] + "\n" + inner + "\n" + MARKS[1] + after


def write(arguments):
    folder = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    earlier = json.loads(path.read_text()) if path.exists() else []
    results = read_results(arguments.work, earlier)
    parts = [INTRODUCTION]
    for machine, runs in results.items():
        for threads, found in runs.items():
            parts.append(section(machine, threads, found))
            plot_latency(found, folder / latency_plot(machine, threads))
    singles = {machine: runs[1] for machine, runs in results.items()
               if 1 in runs}
    for machine, found in singles.items():
        parts += layers_plots(machine, found, folder)
    (folder / "README.md").write_text("\n".join(parts))
    path.write_text(json.dumps(
        [r for runs in results.values() for found in runs.values()
         for r in found], indent=1) + "\n")
    if arguments.readme and singles:
        arguments.readme.write_text(replace_between(
            arguments.readme.read_text(),
            "\n".join(front_page(found) for found in singles.values())))
    return 0


def canvas(width, height):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "effnet"  # the same file each time
    import matplotlib.pyplot as plt
    return plt, plt.subplots(figsize=(width, height), layout="constrained")


def save(plt, figure, path):
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def plot_latency(results, path):
    """Bars of times the limit, in groups by model."""
    plt, (figure, axes) = canvas(9, 3.6)
    peers = peers_of(results)
    width = 0.84 / len(peers)
    for i, peer in enumerate(peers):
        heights = [r["peers"].get(peer, {}).get("min_ms", 0) /
                   (r["limit_ms"] or 1) for r in results]
        axes.bar([x + (i - (len(peers) - 1) / 2) * width
                  for x in range(len(results))], heights, width,
                 label=PEERS[peer].title, color=COLOURS[i])
    axes.axhline(1, color="black", linewidth=0.8, linestyle="--")
    axes.set_xticks(range(len(results)),
                    [f"{r['model']}\n{r['limit_ms']:.1f} ms"
                     if r["limit_ms"] else r["model"] for r in results])
    axes.set_ylabel("time / limit" if results[0]["limit_ms"] else "ms")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(ncols=4, fontsize="small", frameon=False,
                loc="upper center", bbox_to_anchor=(0.5, 1.22))
    save(plt, figure, path)


def kind_of(name):
    """What a step mostly does, by its layer's name."""
    last = name.rsplit(".", 1)[-1]
    if "+" in name:
        return "expansion or stem + depthwise"
    return {"project": "projection", "se": "squeeze-and-excite"}.get(
        last, "head" if name in ("head", "pool", "classifier") else "other")


def plot_layers(result, path):
    """A bar for each step, in order, coloured by what it does."""
    plt, (figure, axes) = canvas(9, 3)
    layers = result["layers"]
    kinds = list(dict.fromkeys(kind_of(layer["name"]) for layer in layers))
    for i, kind in enumerate(kinds):
        chosen = [(x, layer["ms"]) for x, layer in enumerate(layers)
                  if kind_of(layer["name"]) == kind]
        total = sum(ms for _, ms in chosen)
        axes.bar(*zip(*chosen), 0.8, color=COLOURS[i],
                 label=f"{kind}, {total:.1f} ms")
    axes.set_xlim(-1, len(layers))
    axes.set_xlabel(f"steps of {result['model']}, in order")
    axes.set_ylabel("ms")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize="small", frameon=False)
    save(plt, figure, path)
