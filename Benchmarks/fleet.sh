#!/usr/bin/env bash
# Replays a fleet of devices against the runtime adapter: builds prune, fills a store from models/, runs the
# simulator, draws the picture of docs/fleet.md. Needs Debian's dataset-fashion-mnist.
#
#     Benchmarks/fleet.sh [--work DIRECTORY] [--clients N] [--seeds N]
#
# The working directory keeps the store, so that a second run makes no variants. PYTHON draws, if it has
# matplotlib; everything else needs no Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
clients=2000
seeds=10
while (($# > 0)); do
    case $1 in
        --work) work=$2 ;;
        --clients) clients=$2 ;;
        --seeds) seeds=$2 ;;
        *)
            echo "fleet.sh: there is no option '$1'" >&2
            exit 64
            ;;
    esac
    shift 2
done

source scripts/build-for-tests.sh
swift build "${configuration[@]}" --product prune
.build/release/prune batch Benchmarks/fleet/job.yaml --store "$work/store" --quiet
swift build "${configuration[@]}" --package-path Benchmarks/fleet --scratch-path .build --product fleet
fleet=.build/release/fleet
for scale in 1 20; do
    results=(--store "$work/store" --scale "$scale" --output "$work/times-$scale")
    "$fleet" compare "${results[@]}" --clients "$clients" --seeds "$seeds"
    "$fleet" sensitivity "${results[@]}" --clients $((clients / 2)) --seeds 3
done
"$fleet" capacity "${results[@]}" --clients $((clients / 2)) --seeds 2 --factors 1,2,3,4,6,8

"${PYTHON:-python3}" Benchmarks/fleet_plot.py "$work" docs/images ||
    echo "fleet.sh: no picture drawn; the figures are in $work" >&2
