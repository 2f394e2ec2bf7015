"""Measures the numbers of docs/benchmarks.md, each as a ratio to something run in turn with it.

    swift build -c release --product prune
    python3 -m venv .venv && .venv/bin/pip install -r models/requirements.txt -r Benchmarks/requirements.txt
    .venv/bin/python Benchmarks/run.py [--runs 5] [--only magnitude,channels,planning] [--work DIRECTORY]

Prints Markdown. The networks are made once, in the working directory (1 GiB of it).
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


def prune_path():
    shown = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, capture_output=True, text=True)
    return os.path.join(shown.stdout.strip(), "prune")


def magnitude(prune, work, runs):
    """80 % of the weights of a VGG-16, file to file."""
    source, target = work / "vgg16.h5", work / "out.h5"
    job = [prune, "--model", source, "--budget", "weight-sparsity=0.8", "--granularity", "weight",
           "--weight-scope", "global", "--output", target, "--force", "--skip-proof", "--skip-timing"]
    commands = {
        "cp": ["cp", source, target],
        "cp, then sync": ["sh", "-c", f"cp {source} {target} && sync {target}"],
        "prune, uncompressed": job + ["--compression", "none"],
        "prune, deflate 1": job + ["--compression", "deflate:1"],
        "prune, deflate 6": job + ["--compression", "deflate:6"],
        "h5py + numpy, uncompressed": [sys.executable, HERE / "h5py_prune.py", source, target, "0"],
        "h5py + numpy, shuffle + gzip 1": [sys.executable, HERE / "h5py_prune.py", source, target, "1"],
    }
    commands = {name: [str(part) for part in command] for name, command in commands.items()}
    results = {name: [] for name in commands}
    sizes = {}
    for turn in range(runs + 1):
        for name, command in commands.items():
            if target.exists():
                target.unlink()
            run = measure.once(command)
            sizes[name] = target.stat().st_size / 2**20
            if turn > 0:
                results[name].append(run)
    print("\n### Magnitude pruning a VGG-16 (528 MiB), 80 % of the weights, one threshold\n")
    print(measure.table(results, "cp"))
    print("\nFile written: " + "; ".join(f"{name} {size:.0f} MiB" for name, size in sizes.items()) + ".")


def channels(prune, work, runs):
    """A ResNet-50 to half its multiply-adds, file to file, beside Torch-Pruning."""
    source, target = work / "resnet50.h5", work / "out.h5"
    torch_source = work / "resnet50.pt"
    torch = [os.environ.get("TORCH_PYTHON", sys.executable), str(HERE / "torch_prune.py"), str(torch_source), str(work / "out.pt")]
    if not torch_source.exists():
        subprocess.run(torch, check=True)
    job = [prune, "--model", str(source), "--budget", "mac-fraction=0.5", "--granularity", "channel",
           "--output", str(target), "--force", "--compression", "none"]
    results = measure.in_turn(
        {"prune, without the proof": job + ["--skip-proof", "--skip-timing"],
         "prune, with the proof": job + ["--skip-timing"], "prune": job, "Torch-Pruning": torch}, runs)
    print("\n### Channel pruning a ResNet-50, file to file\n")
    print(measure.table(results, "Torch-Pruning"))


def planning(prune, work, runs):
    """Analysis, planning and replanning: the stages that prune itself reports."""
    print("\n### Analysis and planning\n")
    print("| network | reading, ms | analysis, ms | importance, ms | planning, ms | replanning another profile, ms |")
    print("|---|---:|---:|---:|---:|---:|")
    profiles = [str(ROOT / "pruning-profiles" / f"{name}.yaml") for name in ("edge-server", "laptop-wifi")]
    for network in ("resnet50", "efficientnetb0"):
        rows = []
        for _ in range(runs):
            out = subprocess.run(
                [prune, "--model", str(work / f"{network}.h5"), "--profile", profiles[0], "--profile", profiles[1],
                 "--dry-run", "--skip-proof", "--skip-timing", "--compression", "none", "--format", "json"], capture_output=True, text=True)
            variants = json.loads(out.stdout)["variants"]
            first, second = (variant["timings-ms"] for variant in variants)
            rows.append([first["reading"], first["analysis"], first["importance"], first["planning"], second["planning"]])
        cells = [f"{statistics.median(column):.0f}" for column in zip(*rows)]
        print(f"| {network} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="magnitude,channels,planning")
    parser.add_argument("--work", default=str(ROOT / ".build" / "benchmarks"))
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    subprocess.run([sys.executable, str(HERE / "make_networks.py"), str(work)], check=True, stdout=subprocess.DEVNULL)
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{cpu}, {os.cpu_count()} cores, {platform.freedesktop_os_release()['PRETTY_NAME']}; medians of {options.runs} runs in turn.")
    for name in options.only.split(","):
        {"magnitude": magnitude, "channels": channels, "planning": planning}[name](prune_path(), work, options.runs)


if __name__ == "__main__":
    main()
