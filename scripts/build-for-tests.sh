# For the scripts that test: one build with the same flags, so that nothing is built twice.
# A build with other flags starts over, which is why `swift build` and `swift test` are given these everywhere.

configuration=(-c release -Xswiftc -enable-testing)

# Builds everything there is, and checks that each target imports what it depends on.
build_for_tests() {
    swift build "${configuration[@]}" --build-tests --explicit-target-dependency-import-check error
}

# Builds a package that stands beside this one, in the same place and with the same flags: what both have is built once.
build_beside() {
    swift build "${configuration[@]}" --package-path "$1" --scratch-path .build --build-tests \
        --explicit-target-dependency-import-check error
}

# Passes the tests of such a package, which is built.
test_beside() {
    swift test "${configuration[@]}" --package-path "$1" --scratch-path .build --skip-build
}

# Says what begins, and when.
stage() {
    printf '== %s (%s)\n' "$1" "$(date +%H:%M:%S)"
}
