"""Holds the cost model to account: predicted against measured latency, on networks and on variants of them.

    swift build -c release --product prune
    python3 -m venv .venv && .venv/bin/pip install -r models/requirements.txt -r Benchmarks/requirements.txt
    .venv/bin/python Benchmarks/cost_model.py [--work DIRECTORY] [--networks resnet50,fashion-vgg] [--stages measure,variants,latency,report]

1. measure: `prune measure` makes a profile of this machine with all networks (minutes; taken up again if it breaks off).
2. variants: `prune` makes eight variants of each network, for five latencies and three shares of the multiply-adds.
3. latency: `prune measure --only-latency` times each network and its variants in turn.
4. report: prints Markdown, writes docs/cost-model.svg.

What a stage leaves in the working directory, the next takes from there.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = ROOT / "Benchmarks"
NETWORKS = ["fashion-resnet", "fashion-vgg", "fashion-mobilenet", "resnet50", "mobilenetv2", "efficientnetb0"]
# Shares of the predicted latency of the base, and of its multiply-adds.
LATENCY_SHARES = [0.8, 0.65, 0.5, 0.4, 0.3]
MAC_SHARES = [0.75, 0.5, 0.25]


def run(command, allowed=(0,)):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode not in allowed:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr}")
    return done


def prune_path():
    shown = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, capture_output=True, text=True)
    return os.path.join(shown.stdout.strip(), "prune")


def model_path(name, work):
    shipped = ROOT / "models" / f"{name}.h5"
    return shipped if shipped.exists() else work / f"{name}.h5"


def measure(prune, work, networks):
    models = [part for name in networks for part in ("--model", model_path(name, work))]
    done = run([prune, "measure", *models, "--output", work / "machine.yaml", "--format", "json", "--force"])
    (work / "machine.json").write_text(done.stdout)


def predicted(prune, profile, model):
    """What the cost model says of a file, in milliseconds."""
    done = run([prune, "--profile", profile, "--model", model, "--budget", "inference-ms=1000000", "--granularity", "channel",
                "--dry-run", "--skip-proof", "--skip-timing", "--compression", "none", "--format", "json"])
    return json.loads(done.stdout)["variants"][0]["before"]["inference-ms"]


def without_table(work):
    """The same profile, for which only the formula is left."""
    lines = (work / "machine.yaml").read_text().splitlines()
    path = work / "machine-formula.yaml"
    path.write_text("\n".join(line for line in lines if "latency-table" not in line) + "\n")
    return path


def variants(prune, work, networks):
    for name in networks:
        base = predicted(prune, work / "machine.yaml", model_path(name, work))
        made = []
        budgets = [("inference-ms", share, share * base) for share in LATENCY_SHARES]
        budgets += [("mac-fraction", share, share) for share in MAC_SHARES]
        for line, share, limit in budgets:
            target = work / f"{name}.{line}-{share}.h5"
            command = [prune, "--profile", work / "machine.yaml", "--model", model_path(name, work), "--granularity", "channel",
                       "--output", target, "--force", "--skip-proof", "--skip-timing", "--compression", "deflate:1", "--format", "json"]
            # The profile's own latency would bind where only the multiply-adds are to.
            command += ["--budget", f"inference-ms={limit if line == 'inference-ms' else 1000000}"]
            if line == "mac-fraction":
                command += ["--budget", f"mac-fraction={limit}"]
            done = run(command, allowed=(0, 1))
            if done.returncode == 0:
                made.append({"line": line, "share": share, "file": str(target)})
        (work / f"{name}.variants.json").write_text(json.dumps({"base-ms": base, "variants": made}, indent=2))
        print(f"{name}: {len(made)} of {len(budgets)} variants", file=sys.stderr)


def latency(prune, work, networks):
    for name in networks:
        made = json.loads((work / f"{name}.variants.json").read_text())["variants"]
        files = [str(model_path(name, work))] + [variant["file"] for variant in made]
        models = [part for file in files for part in ("--model", file)]
        done = run([prune, "measure", "--only-latency", "--profile", work / "machine.yaml", *models, "--format", "json"])
        (work / f"{name}.latency.json").write_text(done.stdout)


def collect(prune, work, networks):
    """A record for each file: network, budget, predicted by table and formula, measured; milliseconds."""
    formula = without_table(work)
    records = []
    for name in networks:
        made = json.loads((work / f"{name}.variants.json").read_text())["variants"]
        entries = json.loads((work / f"{name}.latency.json").read_text())["networks"]
        for entry, variant in zip(entries, [None] + made):
            records.append({
                "network": name, "line": variant and variant["line"], "share": variant and variant["share"],
                "measured": entry["inference-ms"], "table": entry["predicted-ms"],
                "formula": predicted(prune, formula, entry["file"])})
    return records


def quantile(values, share):
    values = sorted(values)
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def ranks(values):
    order = sorted(range(len(values)), key=lambda index: values[index])
    result = [0.0] * len(values)
    for rank, index in enumerate(order):
        result[index] = rank
    return result


def spearman(one, other):
    a, b = ranks(one), ranks(other)
    return statistics.correlation(a, b)


def percent(value):
    return f"{100 * value:.1f} %"


def summary(records, key):
    errors = [abs(record[key] / record["measured"] - 1) for record in records]
    return (statistics.median(errors), quantile(errors, 0.9), max(errors),
            spearman([record[key] for record in records], [record["measured"] for record in records]))


def report(prune, work, networks, plot):
    records = collect(prune, work, networks)
    variants = [record for record in records if record["line"]]
    machine = json.loads((work / "machine.json").read_text()) if (work / "machine.json").exists() else None
    processor = machine["machine"]["processor"] if machine else platform.processor()
    print(f"{processor}, 1 thread, {platform.freedesktop_os_release()['PRETTY_NAME']}; {len(variants)} variants of {len(networks)} networks.\n")
    print("| network | variants | base, ms | median error | 90th percentile | worst | Spearman | by the formula: median error | Spearman |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    rows = [(name, [record for record in variants if record["network"] == name]) for name in networks] + [("all", variants)]
    for name, part in rows:
        base = next((record["measured"] for record in records if record["network"] == name), None)
        table, formula = summary(part, "table"), summary(part, "formula")
        cells = [name, len(part), f"{base:.3f}" if base else "", percent(table[0]), percent(table[1]), percent(table[2]),
                 f"{table[3]:.3f}", percent(formula[0]), f"{formula[3]:.3f}"]
        print("| " + " | ".join(map(str, cells)) + " |")
    print("\n| network | base, ms | planned for half, ms | measured, ms | base ÷ variant |\n|---|---:|---:|---:|---:|")
    for name in networks:
        base = next(record for record in records if record["network"] == name and not record["line"])
        half = [record for record in variants
                if record["network"] == name and record["line"] == "inference-ms" and record["share"] == 0.5]
        for record in half:
            print(f"| {name} | {base['measured']:.3f} | {record['table']:.3f} | {record['measured']:.3f} "
                  f"| {base['measured'] / record['measured']:.2f} |")
    if machine:
        print("\nWidth sweep, 3×3 convolutions of c → c channels over 28 × 28, GFLOP/s: " + ", ".join(
            f"{point['channels']}: {point['gflops']:.0f}" for point in machine["machine"]["width-sweep"]
            if point["channels"] % 16 in (0, 2)) + ".")
    draw(records, machine, networks, plot)


def draw(records, machine, networks, path):
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "espalier"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3 if machine else 2, figsize=(15 if machine else 10, 4.6))
    colours = pyplot.get_cmap("tab10")
    for axis, key, title in zip(axes, ("table", "formula"), ("latency table of prune measure", "formula")):
        for index, name in enumerate(networks):
            part = [record for record in records if record["network"] == name]
            axis.scatter([record["measured"] for record in part], [record[key] for record in part], s=18,
                         color=colours(index), label=name)
        ends = [min(record["measured"] for record in records) * 0.7, max(record["measured"] for record in records) * 1.4]
        axis.plot(ends, ends, color="grey", linewidth=0.8)
        axis.fill_between(ends, [0.9 * end for end in ends], [1.1 * end for end in ends], color="grey", alpha=0.15, linewidth=0)
        axis.set(xscale="log", yscale="log", xlim=ends, ylim=ends, xlabel="measured, ms", ylabel="predicted, ms",
                 title=f"Predicted by the {title}")
        axis.set_aspect("equal")
    axes[0].legend(fontsize=8)
    if machine:
        points = machine["machine"]["width-sweep"]
        axes[2].plot([point["channels"] for point in points], [point["microseconds"] for point in points], marker=".", linewidth=0.8)
        axes[2].set(xlabel="channels", ylabel="microseconds", title="3×3, c → c channels, 28 × 28: the staircase",
                    xticks=range(0, 129, 16))
        axes[2].grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", default=str(ROOT / ".build" / "benchmarks"))
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--stages", default="measure,variants,latency,report")
    parser.add_argument("--plot", default=str(ROOT / "docs" / "cost-model.svg"))
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    networks = options.networks.split(",")
    stages = options.stages.split(",")
    if any(not model_path(name, work).exists() for name in networks):
        subprocess.run([sys.executable, str(HERE / "make_networks.py"), str(work)], check=True, stdout=subprocess.DEVNULL)
    for name, stage in [("measure", measure), ("variants", variants), ("latency", latency)]:
        if name in stages:
            stage(prune_path(), work, networks)
    if "report" in stages:
        report(prune_path(), work, networks, options.plot)


if __name__ == "__main__":
    main()
