#!/usr/bin/env bash
# Holds Espalier against an installed Keras over networks of keras.applications with random weights:
#   - running a network gives what Keras computed;
#   - every channel group pruned alone and all together: shrunk equals masked;
#   - the pruned file that `prune` writes loads in stock Keras and predicts what the masked one predicts.
# Arguments go to make_zoo.py: --all for all forty networks, --family mobilenetv3 for one family.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh --tests
build=(-c release -Xswiftc -enable-testing)
swift build "${build[@]}" --product prune
zoo=$(mktemp -d)
trap 'rm -rf "$zoo"' EXIT

echo "== building the networks"
.venv/bin/python Tests/Reference/make_zoo.py "$zoo" "$@"
echo "== running them, and pruning every channel group of them"
ESPALIER_ZOO=$zoo swift test "${build[@]}" --filter 'ZooTests|TruthTests'
echo "== loading what prune writes in stock Keras"
.venv/bin/python Tests/Reference/check_pruned.py "$(swift build "${build[@]}" --show-bin-path)/prune" "$zoo"
