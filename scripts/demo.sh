#!/usr/bin/env bash
# Installs what is missing, builds, and prunes a trained network for a phone on 4G.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh
echo "== building"
swift build -c release --product prune
prune=$(swift build -c release --show-bin-path)/prune
output=${1:-fashion-vgg.phone-4g.h5}
echo "== prune --profile pruning-profiles/phone-4g.yaml --model models/fashion-vgg.h5"
"$prune" --profile pruning-profiles/phone-4g.yaml --model models/fashion-vgg.h5 \
    --output "$output" --force
