#!/usr/bin/env bash
# Holds Espalier against an installed Keras over networks of keras.applications with random weights:
#   - running a network gives what Keras computed;
#   - every channel group pruned alone and all together: shrunk equals masked;
#   - the pruned file that `prune` writes loads in stock Keras and predicts what the masked one predicts.
# Arguments go to make_zoo.py: --all for all forty networks, --family mobilenetv3 for one family.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh --tests
source scripts/build-for-tests.sh
build_for_tests
prune=$(swift build "${configuration[@]}" --show-bin-path)/prune
zoo=$(mktemp -d)
trap 'rm -rf "$zoo"' EXIT

stage "comparison with Keras: building the networks"
.venv/bin/python Tests/Reference/make_zoo.py "$zoo" "$@"
stage "running them, and pruning every channel group of them"
ESPALIER_ZOO=$zoo swift test "${configuration[@]}" --skip-build --filter 'ZooTests|TruthTests'
stage "loading what prune writes in stock Keras"
.venv/bin/python Tests/Reference/check_pruned.py "$prune" "$zoo"
stage "done"
