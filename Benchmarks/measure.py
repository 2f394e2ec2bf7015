"""Times whole commands in turn, A B A B …, and gives ratios pair by pair: a machine whose speed drifts cannot bend them."""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass
class Run:
    wall: float  # seconds
    cpu: float  # seconds, user and system
    peak: float  # MiB resident


def once(command, before=None, output=subprocess.DEVNULL, allowed=(0,)):
    """Runs a command to its end; `before` prepares each run and is not timed.

    What it prints goes to the file `output`; a status that is not among `allowed` ends it all.
    """
    if before:
        before()
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in allowed:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}: {error.decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turn(commands, runs=5, warm_up=1, before=None):
    """Runs named commands in turn; returns {name: [Run]}."""
    results = {name: [] for name in commands}
    for turn in range(warm_up + runs):
        for name, command in commands.items():
            run = once(command, before)
            if turn >= warm_up:
                results[name].append(run)
    return results


def median(runs, figure):
    return statistics.median(getattr(run, figure) for run in runs)


def ratio(runs, reference):
    """Median of the wall time ratios, pair by pair."""
    return statistics.median(a.wall / b.wall for a, b in zip(runs, reference))


def table(results, reference):
    """Markdown: a row a command, with its ratio to the reference."""
    lines = [f"| command | wall, s | CPU, s | peak, MiB | wall ÷ {reference} |", "|---|---:|---:|---:|---:|"]
    for name, runs in results.items():
        lines.append(
            f"| {name} | {median(runs, 'wall'):.3f} | {median(runs, 'cpu'):.3f} "
            f"| {median(runs, 'peak'):.0f} | {ratio(runs, results[reference]):.2f} |")
    return "\n".join(lines)
