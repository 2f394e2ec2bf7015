#!/usr/bin/env bash
# Installs what is missing, builds, and passes all checks: formatting, imports, tests, the comparison
# with an installed Keras, and the example servers. Arguments go to `swift test` (--filter NAME).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh --tests
source scripts/build-for-tests.sh

if (($# == 0)); then
    stage "formatting"
    swift format lint --strict --recursive Package.swift Sources Tests
fi
stage "building, imports checked"
build_for_tests
stage "tests"
swift test "${configuration[@]}" --skip-build "$@"
if (($# == 0)); then
    scripts/compare-with-keras.sh
    scripts/test-examples.sh
fi
