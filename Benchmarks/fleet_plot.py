"""Draws docs/images/fleet.svg from what Benchmarks/fleet.sh measured.

    fleet_plot.py WORK FOLDER

WORK has policies.csv, hours.csv, classes.csv and capacity.csv in times-20, which are what networks of 20 times the size gave.
"""

import csv
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "espalier"
from matplotlib import pyplot  # noqa: E402

# Okabe and Ito's colours, told apart by marker as well, so that they print in grey.
STYLES = {
    "base, downloaded": ("#666666", "x"),
    "base, installed": ("#999999", "+"),
    "one mid-size variant": ("#E69F00", "s"),
    "one mid-size variant + cloud": ("#F0C060", "P"),
    "cloud": ("#CC79A7", "^"),
    "nearest profile": ("#56B4E9", "v"),
    "adapter, no learning": ("#009E73", "<"),
    "adapter, no guard": ("#66C2A5", ">"),
    "adapter": ("#0072B2", "o"),
    "adapter, measured speed": ("#004C7F", "D"),
    "adapter + cloud": ("#D55E00", "*"),
    "oracle": ("#000000", "d"),
}
CLASSES = {"low-end-phone-3g": "low-end\nphone", "phone-4g": "mid-range\nphone", "flagship-5g": "flagship\nphone",
           "laptop-wifi": "laptop", "single-board-lan": "single\nboard"}
SHOWN = ["base, downloaded", "one mid-size variant", "cloud", "nearest profile", "adapter", "adapter + cloud", "oracle"]


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def bars(axis, policies):
    """Requests answered in time, with their intervals."""
    names = list(reversed([row["policy"] for row in policies]))
    by_name = {row["policy"]: row for row in policies}
    for place, name in enumerate(names):
        mean, low, high = (100 * float(by_name[name][key]) for key in ("hits", "hits-low", "hits-high"))
        axis.barh(place, mean, color=STYLES[name][0], height=0.7)
        axis.plot([low, high], [place, place], color="black", linewidth=1.5)
        axis.text(high + 1.5, place, f"{mean:.1f}", va="center", fontsize=8)
    axis.set_yticks(range(len(names)), names, fontsize=8.5)
    axis.set(xlim=(0, 108), xlabel="requests answered in time, %")


def trade(axis, policies):
    """Mean latency against accuracy."""
    for row in policies:
        colour, marker = STYLES[row["policy"]]
        axis.scatter(float(row["meanMs"]), 100 * float(row["accuracy"]), color=colour, marker=marker, s=55, label=row["policy"])
    axis.set(xscale="log", xlabel="mean latency, ms (log)", ylabel="accuracy of what answered, %")
    axis.legend(fontsize=6.8, frameon=False, loc="lower left", ncols=2, columnspacing=0.8, handletextpad=0.2)
    low, high = axis.get_ylim()
    axis.set_ylim(low - 0.75 * (high - low), high)


def curves(axis, table, key, value, scale=1.0):
    for name in SHOWN:
        found = [row for row in table if row["policy"] == name]
        if not found:
            continue
        colour, marker = STYLES[name]
        axis.plot([float(row[key]) for row in found], [scale * float(row[value]) for row in found], color=colour, marker=marker,
                  markersize=4, linewidth=2.2 if name == "adapter" else 1.4, label=name)


def classes(axis, table):
    names = list(dict.fromkeys(row["part"] for row in table))
    width = 0.8 / len(SHOWN)
    for index, policy in enumerate(SHOWN):
        values = [100 * float(row["hits"]) for row in table if row["policy"] == policy]
        axis.bar([place + (index - (len(SHOWN) - 1) / 2) * width for place in range(len(names))], values, width,
                 color=STYLES[policy][0], label=policy)
    axis.set_xticks(range(len(names)), [CLASSES.get(name, name) for name in names], fontsize=8)
    axis.set(ylabel="answered in time, %", ylim=(0, 105))


def main():
    work, folder = map(pathlib.Path, sys.argv[1:3])
    folder.mkdir(parents=True, exist_ok=True)
    large = work / "times-20"
    policies = rows(large / "policies.csv")
    figure, axes = pyplot.subplots(2, 3, figsize=(15, 8.6))
    bars(axes[0][0], policies)
    trade(axes[0][1], policies)
    classes(axes[0][2], rows(large / "classes.csv"))
    curves(axes[1][0], rows(large / "hours.csv"), "part", "hits", 100)
    axes[1][0].set(xlabel="hour of a day that begins with nothing learned or cached", ylabel="answered in time, %")
    capacity = rows(large / "capacity.csv")
    for axis, value, scale, label in ((axes[1][1], "hits-per-second", 1, "answered in time per second"),
                                      (axes[1][2], "mean-ms", 1, "mean latency, ms (log)")):
        curves(axis, capacity, "offered-per-second", value, scale)
        axis.set(xlabel="requests per second of all clients", ylabel=label)
    axes[1][2].set_yscale("log")
    for axis in axes.flat:
        axis.grid(alpha=0.3)
        axis.set_axisbelow(True)
    handles, labels = axes[0][2].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False, fontsize=9)
    for axis, title in zip(axes.flat, ("In time, over a day", "Latency and accuracy", "By class of device", "Over the day",
                                      "Throughput of one cloud core's fleet", "Latency as load grows")):
        axis.set_title(title, fontsize=11)
    figure.tight_layout(rect=(0, 0.035, 1, 1))
    figure.savefig(folder / "fleet.svg", metadata={"Date": None})


main()
