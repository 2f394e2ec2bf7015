#!/usr/bin/env bash
# Installs what is missing, builds, and passes all checks: formatting, imports, tests, and the
# comparison with an installed Keras. Arguments go to `swift test` (--filter NAME).
# With no argument also the packages beside this one: the simulated fleet and the example servers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh --tests
source scripts/build-for-tests.sh

if (($# == 0)); then
    stage "formatting"
    swift format lint --strict --recursive Package.swift Sources Tests Benchmarks Examples
fi
stage "building, imports checked"
build_for_tests
stage "tests"
swift test "${configuration[@]}" --skip-build "$@"
if (($# == 0)); then
    scripts/compare-with-keras.sh
    stage "simulated fleet: building"
    build_beside Benchmarks/fleet
    stage "simulated fleet: tests"
    test_beside Benchmarks/fleet
    scripts/test-examples.sh
    stage "all passed"
fi
