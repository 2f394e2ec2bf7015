#!/usr/bin/env bash
# Installs what is missing, builds, and passes all checks: formatting, imports, tests, and the
# comparison with an installed Keras. Arguments go to `swift test` (--filter NAME).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh --tests
build=(-c release -Xswiftc -enable-testing)

if (($# == 0)); then
    echo "== formatting"
    swift format lint --strict --recursive Package.swift Sources Tests
    echo "== building, imports checked"
    swift build "${build[@]}" --build-tests --explicit-target-dependency-import-check error
fi
echo "== tests"
swift test "${build[@]}" "$@"
if (($# == 0)); then
    echo "== comparison with Keras"
    scripts/compare-with-keras.sh
fi
