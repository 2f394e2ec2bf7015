"""Measures the numbers of docs/accuracy.md: what pruned networks get right without training, on the 10,000 test images.

    swift build -c release --product prune
    python3 -m venv .venv && .venv/bin/pip install -r models/requirements.txt -r Benchmarks/requirements.txt
    .venv/bin/python Benchmarks/accuracy.py [--networks fashion-vgg,…] [--stages accuracy,time,report] [--seeds 3]

1. accuracy: `prune` makes variants with one method after the other and scores them (half an hour; taken up again if it breaks off).
2. time: each method's command once more without scoring, at half the multiply-adds; wants a machine that does nothing else.
3. report: prints Markdown, writes docs/accuracy.svg and docs/accuracy.json.

Calibration images are drawn from the 55,000 that models/train.py trains with; validation and test images are in no one's reach.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import measure

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = ROOT / "Benchmarks"
NETWORKS = ["fashion-resnet", "fashion-vgg", "fashion-mobilenet"]
KINDS = {"fashion-resnet": "residual", "fashion-vgg": "plain", "fashion-mobilenet": "depthwise-separable"}
# How many times fewer multiply-adds, and the share of them that is the budget for that.
REDUCTIONS = {"1.33": 0.75, "1.5": 0.6666, "2": 0.5, "3": 0.3333, "4": 0.25}
SAMPLES = 2000
CALIBRATION_SIZES = [64, 256, 1024, 2000]
SPARSITIES = [0.7, 0.8]
METHODS = {
    "random": "random channels",
    "l1": "L1 magnitude",
    "batch-norm": "L1 + batch norm re-estimated",
    "merge": "merging, without data",
    "default": "default, with 2,000 images",
}
# Points that may be lost at these reductions.
GOALS = {
    "fashion-resnet": {"1.5": 0.4, "2": 1.0, "3": 2.5, "4": 5.0},
    "fashion-mobilenet": {"1.5": 0.2, "2": 0.6, "3": 2.0, "4": 5.0},
    "fashion-vgg": {"1.5": 0.1, "2": 0.2, "3": 0.4, "4": 0.6},
}


def prune_path():
    shown = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, capture_output=True, text=True)
    return os.path.join(shown.stdout.strip(), "prune")


class Laboratory:
    """Runs `prune`, and keeps what came of it in the working directory."""

    def __init__(self, prune, work, data):
        self.prune, self.work, self.data = prune, work, data
        self.images = work / "calibration.npz"
        self.variant, self.answer = work / "variant.h5", work / "answer.json"
        self.file = work / "records.json"
        self.records = json.loads(self.file.read_text()) if self.file.exists() else {}

    def python(self, script, *arguments):
        """Keras in a process of its own: a child's peak memory is at least that of the parent that starts it."""
        return measure.once([sys.executable, str(HERE / script), *map(str, arguments)])

    def make_images(self):
        if not self.images.exists():
            self.python("calibration_images.py", self.images, self.data)

    def run(self, name, *arguments):
        """`prune` on a network: what it cost, and the first variant of its answer; None if the budget cannot be met."""
        command = [self.prune, "--model", ROOT / "models" / f"{name}.h5", *arguments,
                   "--output", self.variant, "--force", "--skip-timing", "--format", "json"]
        with open(self.answer, "w") as output:
            cost = measure.once([str(part) for part in command], output=output, allowed=(0, 1))
        variant = json.loads(self.answer.read_text())["variants"][0]
        return cost, variant if variant["written"] else None

    def evaluate(self, file):
        done = subprocess.run([self.prune, "evaluate", "--model", file, "--data", self.data, "--split", "test", "--format", "json"],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["scores"]["accuracy"]

    def keep(self, key, record):
        self.records[key] = record
        part = self.file.with_suffix(".part")
        part.write_text(lines(self.records))
        part.replace(self.file)
        shown = " ".join(f"{entry}={value}" for entry, value in record.items() if entry in ("before", "after", "wall-s", "peak-mib"))
        print(f"{key}: {shown}", file=sys.stderr, flush=True)


def lines(records):
    """JSON with a record a line."""
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(records[key])}" for key in records) + "\n}\n"


def arguments(lab, name, method, seed, samples):
    """What `prune` is told for a method, beside the budget."""
    with_data = ["--recovery", "auto", "--criterion", "auto", "--calibration", lab.images, "--calibration-samples", samples,
                 "--seed", seed, "--analysis", lab.work / f"{name}.{samples}.{seed}.analysis"]
    return {
        "random": ["--criterion", f"random:{seed}", "--recovery", "none"],
        "l1": ["--criterion", "l1", "--recovery", "none"],
        "batch-norm": ["--criterion", "l1", "--recovery", "none"],
        "merge": ["--criterion", "auto", "--recovery", "merge"],
        "default": with_data,
    }[method]


def seeds_of(method, seeds):
    return range(1, seeds + 1) if method in ("random", "batch-norm", "default") else [1]


def record(variant):
    accuracy, before, after = variant["accuracy"], variant["before"], variant["after"]
    return {"before": accuracy["before"], "after": accuracy["after"],
            "reduction": round(before["multiply-adds"] / after["multiply-adds"], 4),
            "parameters": after["parameters"], "weight-sparsity": round(after["weight-sparsity"], 4),
            "widths": {group["name"]: group["units-after"] for group in variant["channel-groups"]}}


def scored(lab, key, name, line, share, granularity, method, seed, samples=SAMPLES):
    """One variant with its accuracy, unless it is there already."""
    if key in lab.records:
        return
    _, variant = lab.run(name, "--budget", f"{line}={share}", "--granularity", granularity, "--data", lab.data, "--split", "test",
                         *arguments(lab, name, method, seed, samples))
    lab.keep(key, record(variant) if variant else {"infeasible": True})


def re_estimated(lab, name, label, share, seeds):
    """L1, then batch-norm statistics of calibration images, once for each seed."""
    keys = [f"{name}/channels/{label}/batch-norm/{seed}" for seed in range(1, seeds + 1)]
    if all(key in lab.records for key in keys):
        return
    source = lab.records[f"{name}/channels/{label}/l1/1"]
    if "infeasible" in source:
        return
    lab.run(name, "--budget", f"mac-fraction={share}", "--granularity", "channel", *arguments(lab, name, "l1", 1, SAMPLES))
    targets = [lab.work / f"batch-norm.{seed}.h5" for seed in range(1, seeds + 1)]
    lab.python("batch_norm.py", lab.images, SAMPLES, lab.variant, *targets)
    for key, target in zip(keys, targets):
        same = {entry: source[entry] for entry in ("before", "reduction", "parameters", "widths")}
        lab.keep(key, {**same, "after": lab.evaluate(target)})


def channels(lab, networks, seed, seeds):
    for method in ("default", "merge", "l1", "random"):
        for name in networks if seed in seeds_of(method, seeds) else []:
            for label, share in REDUCTIONS.items():
                key = f"{name}/channels/{label}/{method}/{seed}"
                scored(lab, key, name, "mac-fraction", share, "channel", method, seed)


def weights(lab, networks, seed, seeds):
    for name in networks:
        for share in SPARSITIES:
            for method in ("l1", "default"):
                if seed in seeds_of(method, seeds):
                    key = f"{name}/weights/{share}/{method}/{seed}"
                    scored(lab, key, name, "weight-sparsity", share, "weight", method, seed)


def sizes(lab, networks, seed, seeds):
    for name in networks:
        for samples in CALIBRATION_SIZES[:-1]:
            key = f"{name}/samples/{samples}/default/{seed}"
            scored(lab, key, name, "mac-fraction", 0.5, "channel", "default", seed, samples)


def accuracy(lab, networks, seeds, parts):
    """All variants, seed by seed and the default first, so that what breaks off leaves the most."""
    lab.make_images()
    for seed in range(1, seeds + 1):
        for part in parts:
            {"channels": channels, "weights": weights, "sizes": sizes}[part](lab, networks, seed, seeds)
    for name in networks:
        for label, share in REDUCTIONS.items() if name != "fashion-vgg" and "channels" in parts else []:
            re_estimated(lab, name, label, share, seeds)


def time(lab, networks):
    """What each method takes, file to file; the default also with its analysis at hand, as for a second profile."""
    lab.make_images()
    for name in networks:
        for method in METHODS:
            if method == "batch-norm":
                continue
            rest = arguments(lab, name, method, 1, SAMPLES)
            kept = lab.work / "time.analysis"
            if "--analysis" in rest:
                kept.unlink(missing_ok=True)
                rest[rest.index("--analysis") + 1] = kept
            for turn in ("", "again") if method == "default" else ("",):
                cost, variant = lab.run(name, "--budget", "mac-fraction=0.5", "--granularity", "channel", *rest)
                lab.keep(f"{name}/time/{method}{turn and '-' + turn}",
                         {"wall-s": round(cost.wall, 2), "cpu-s": round(cost.cpu, 2), "peak-mib": round(cost.peak, 1),
                          "timings-ms": variant["timings-ms"]} if variant else {"infeasible": True})
        if name != "fashion-vgg":
            lab.run(name, "--budget", "mac-fraction=0.5", "--granularity", "channel", *arguments(lab, name, "l1", 1, SAMPLES))
            cost = lab.python("batch_norm.py", lab.images, SAMPLES, lab.variant, lab.work / "batch-norm.1.h5")
            lab.keep(f"{name}/time/batch-norm",
                     {"wall-s": round(cost.wall, 2), "cpu-s": round(cost.cpu, 2), "peak-mib": round(cost.peak, 1)})


# --- Report ---------------------------------------------------------------------------------


def values(records, prefix):
    """Accuracies in percent of all seeds."""
    return [100 * record["after"] for key, record in records.items() if key.rsplit("/", 1)[0] == prefix and "after" in record]


def base_of(records, name):
    return next(100 * record["before"] for key, record in records.items() if key.startswith(name + "/") and "before" in record)


def cell(found, bold=False):
    if not found:
        return "–"
    text = f"{statistics.mean(found):.2f}"
    text = f"**{text}**" if bold else text
    return text + (f" ± {statistics.stdev(found):.2f}" if len(found) > 1 else "")


def row(*cells):
    print("| " + " | ".join(map(str, cells)) + " |")


def header(*cells, left=1):
    print()
    row(*cells)
    print("|" + "---|" * left + "---:|" * (len(cells) - left))


def report_channels(records, networks):
    header("network", "method", *(f"{label}×" for label in REDUCTIONS), left=2)
    for name in networks:
        row(name, "whole", f"{base_of(records, name):.2f}", *[""] * (len(REDUCTIONS) - 1))
        for method, title in METHODS.items():
            found = [values(records, f"{name}/channels/{label}/{method}") for label in REDUCTIONS]
            if any(found):
                row("", title, *(cell(each, method == "default") for each in found))


def report_goals(records, networks):
    header("network", *(f"{label}×: lost, goal" for label in next(iter(GOALS.values()))))
    for name in networks:
        cells = []
        for label, goal in GOALS[name].items():
            found = values(records, f"{name}/channels/{label}/default")
            if not found:
                cells.append("–")
                continue
            lost = base_of(records, name) - statistics.mean(found)
            verdict = "met" if round(lost, 2) <= goal else f"missed by {lost - goal:.2f}"
            cells.append(f"{lost:.2f}, {goal:.1f}: {verdict}")
        row(f"{name} ({KINDS[name]})", *cells)


def report_samples(records, networks):
    header("network", *(f"{size:,}" for size in CALIBRATION_SIZES))
    for name in networks:
        places = [f"{name}/samples/{size}/default" for size in CALIBRATION_SIZES[:-1]] + [f"{name}/channels/2/default"]
        row(name, *(cell(values(records, place)) for place in places))


def report_weights(records, networks):
    header("network", "whole", *(f"{100 * share:.0f} %, {title}" for share in SPARSITIES for title in ("magnitude", "default")))
    for name in networks:
        row(name, f"{base_of(records, name):.2f}", *(cell(values(records, f"{name}/weights/{share}/{method}"), method == "default")
                                                     for share in SPARSITIES for method in ("l1", "default")))


def report_time(records, networks):
    titles = {**METHODS, "batch-norm": "batch norm re-estimated, Keras", "default-again": "default, analysis at hand"}
    stages = {"importance": "weighing channels, s", "making": "cutting, fitting, writing, s"}
    header("network", "command", "wall, s", "CPU, s", "peak, MiB", *stages.values(), "rest, s", left=2)
    for name in networks:
        for method, title in titles.items():
            record = records.get(f"{name}/time/{method}")
            if not record or "wall-s" not in record:
                continue
            cells = [""] * (len(stages) + 1)
            if "timings-ms" in record:
                parts = [record["timings-ms"].get(stage, 0) / 1000 for stage in stages]
                cells = [f"{part:.1f}" for part in [*parts, record["wall-s"] - sum(parts)]]
            row(name, title, f"{record['wall-s']:.1f}", f"{record['cpu-s']:.1f}", f"{record['peak-mib']:.0f}", *cells)


def draw(records, networks, path):
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "espalier"
    from matplotlib import pyplot
    import numpy as np

    # Okabe and Ito's colours, told apart by marker and dash as well, so that they print in grey.
    styles = {"random": ("#666666", "x", ":"), "l1": ("#E69F00", "s", "--"), "batch-norm": ("#CC79A7", "^", "-."),
              "merge": ("#009E73", "D", (0, (6, 2))), "default": ("#0072B2", "o", "-")}
    ticks = [10, 30, 50, 70, 80, 85, 88, 90, 91, 92]
    places = [1, *map(float, REDUCTIONS)]
    figure, axes = pyplot.subplots(1, len(networks), figsize=(4.6 * len(networks), 5.2), sharey=True, squeeze=False)
    for axis, name in zip(axes[0], networks):
        base = base_of(records, name)
        axis.axhline(base, color="black", linewidth=1)
        axis.annotate(f"whole: {base:.2f}", (4, base), (0, 3), textcoords="offset points", ha="right", va="bottom", fontsize=9)
        for method, title in METHODS.items():
            found = [values(records, f"{name}/channels/{label}/{method}") for label in REDUCTIONS]
            points = [(place, each) for place, each in zip(places[1:], found) if each]
            if not points:
                continue
            colour, marker, dash = styles[method]
            axis.plot([1] + [place for place, _ in points], [base] + [statistics.mean(each) for _, each in points], color=colour,
                      marker=marker, linestyle=dash, markersize=5, linewidth=2.2 if method == "default" else 1.5, label=title)
            for place, each in points:
                axis.plot([place, place], [min(each), max(each)], color=colour, linewidth=1)
        axis.set_xscale("log")
        axis.set_yscale("function", functions=(lambda y: -np.log10(np.maximum(100 - y, 0.1)), lambda y: 100 - 10 ** -y))
        axis.set(title=f"{name} ({KINDS[name]})", xlabel="multiply-adds, times fewer", ylim=(8, 93.6), xlim=(0.96, 4.2))
        axis.set_xticks(places, [f"{place:g}" for place in places])
        axis.set_xticks([], minor=True)
        axis.set_yticks(ticks, [f"{tick}" for tick in ticks])
        axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("right of 10,000 test images, % (errors on a log scale)")
    handles = {label: handle for axis in axes[0] for handle, label in zip(*axis.get_legend_handles_labels())}
    titles = [title for title in METHODS.values() if title in handles]
    figure.legend([handles[title] for title in titles], titles, loc="lower center", ncols=len(titles), frameon=False)
    figure.tight_layout(rect=(0, 0.06, 1, 1))
    figure.savefig(path, metadata={"Date": None})


def report(lab, networks, plot, numbers):
    records = lab.records
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{cpu}, {os.cpu_count()} cores, {platform.freedesktop_os_release()['PRETTY_NAME']}; ± is the standard deviation where there was more than one draw.")
    for part in (report_channels, report_goals, report_samples, report_weights, report_time):
        part(records, networks)
    pathlib.Path(numbers).write_text(lines({key: records[key] for key in sorted(records)}))
    draw(records, networks, plot)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", default=str(ROOT / ".build" / "benchmarks" / "accuracy"))
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist", help="the folder of Debian's package")
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--seeds", type=int, default=3, help="draws of calibration images, and of random channels")
    parser.add_argument("--stages", default="accuracy,time,report")
    parser.add_argument("--only", default="channels,weights,sizes", help="of the accuracies")
    parser.add_argument("--prune", help="the built command; the release build's if not given")
    parser.add_argument("--plot", default=str(ROOT / "docs" / "accuracy.svg"))
    parser.add_argument("--numbers", default=str(ROOT / "docs" / "accuracy.json"))
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    work.mkdir(parents=True, exist_ok=True)
    lab = Laboratory(options.prune or prune_path(), work, options.data)
    networks, stages = options.networks.split(","), options.stages.split(",")
    if "accuracy" in stages:
        accuracy(lab, networks, options.seeds, options.only.split(","))
    if "time" in stages:
        time(lab, networks)
    if "report" in stages:
        report(lab, networks, options.plot, options.numbers)


if __name__ == "__main__":
    main()
