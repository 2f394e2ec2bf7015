#!/usr/bin/env bash
# Installs what is missing, builds, and passes all checks: formatting, imports, tests, and the
# comparison with an installed Keras. Arguments go to `swift test` (--filter NAME).
# The example servers are a package of their own: scripts/test-examples.sh.
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
fi
