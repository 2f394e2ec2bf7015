"""100 profiles of one network in one batch job, alone and as 2 and 4 shards: times, memory, and whether the variants are the same.

    python Benchmarks/make_networks.py DIRECTORY
    python Benchmarks/batch.py DIRECTORY [--profiles 100] [--network resnet50]

Every run fills a fresh store. Shards run at once, each with its share of the processors, and fill one store.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading

from measure import once

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PRUNE = os.path.join(ROOT, ".build", "release", "prune")


def profile(number, count):
    """Budgets from 30 to 80 % of the multiply-adds, every third with a limit on the file too."""
    share = 0.3 + 0.5 * number / max(count - 1, 1)
    lines = [
        "schema: 1",
        f"name: profile-{number:03d}",
        "budget:",
        f"  mac-fraction: {share:.4f}",
    ]
    if number % 3 == 0:
        lines.append(f"  parameter-fraction: {min(share + 0.1, 0.85):.4f}")
    lines += ["pruning:", "  granularity: [channel]"]
    return "\n".join(lines) + "\n"


def prepare(directory, network, count):
    folder = os.path.join(directory, "batch")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "profiles"))
    for number in range(count):
        with open(os.path.join(folder, "profiles", f"{number:03d}.yaml"), "w") as file:
            file.write(profile(number, count))
    job = os.path.join(folder, "job.yaml")
    with open(job, "w") as file:
        file.write(
            "schema: 1\nname: many-profiles\nmodels:\n"
            f"  - file: ../{network}.h5\n    name: {network}\nprofiles: [profiles/*.yaml]\ntiming: false\n")
    return folder, job


def run(folder, job, shards, threads):
    """Runs all shards at once; gives wall seconds and the peak of each."""
    store = os.path.join(folder, f"store-{shards}")
    runs = [None] * shards

    def one(number):
        command = [
            PRUNE, "batch", job, "--store", store, "--shard", f"{number + 1}/{shards}",
            "--threads", str(max(1, threads // shards)), "--quiet"]
        runs[number] = once(command)

    workers = [threading.Thread(target=one, args=(number,)) for number in range(shards)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if None in runs:
        sys.exit(f"a shard of {shards} failed")
    return store, runs


def digests(store):
    text = subprocess.run(
        [PRUNE, "variants", "list", "--store", store, "--all", "--format", "json"],
        check=True, capture_output=True, text=True).stdout
    return {variant["reference"]: variant["digest"] for variant in json.loads(text)["variants"]}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("directory")
    options.add_argument("--network", default="resnet50")
    options.add_argument("--profiles", type=int, default=100)
    options.add_argument("--threads", type=int, default=os.cpu_count())
    options = options.parse_args()
    folder, job = prepare(options.directory, options.network, options.profiles)
    print(f"{options.profiles} profiles × {options.network}, {options.threads} threads\n")
    print("| shards | wall, s | per profile, s | CPU, s | peak of a shard, MiB | again, s |")
    print("|---:|---:|---:|---:|---:|---:|")
    found = {}
    for shards in (1, 2, 4):
        store, runs = run(folder, job, shards, options.threads)
        _, again = run(folder, job, shards, options.threads)
        found[shards] = digests(store)
        wall = max(run.wall for run in runs)
        print(
            f"| {shards} | {wall:.0f} | {wall / options.profiles:.2f} | {sum(run.cpu for run in runs):.0f} "
            f"| {max(run.peak for run in runs):.0f} | {max(run.wall for run in again):.1f} |", flush=True)
        if shards > 1:
            shutil.rmtree(store)
    same = all(found[shards] == found[1] for shards in found)
    print(f"\n{len(found[1])} variants, digests {'equal' if same else 'DIFFERENT'} in every run")
    sys.exit(0 if same and len(found[1]) == options.profiles else 1)


if __name__ == "__main__":
    main()
