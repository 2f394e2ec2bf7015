#!/usr/bin/env bash
# Builds the example servers, passes their tests, and drives both with curl over a store that is made
# from models/. With --quick, what is built is used as it is and the package's own tests are left out.
# PRUNE names another prune than the one that scripts/test.sh builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/build-for-tests.sh

prune=${PRUNE:-.build/release/prune}
package=Examples/server
binaries=.build/release
data=/usr/share/datasets/fashion-mnist
folder=$(mktemp -d)
pids=()

cleanup() {
    for pid in "${pids[@]}"; do kill -KILL "$pid" 2> /dev/null || true; done
    rm -rf "$folder"
}
trap cleanup EXIT

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# expect NAME WANTED FOUND
expect() { [[ "$2" == "$3" ]] || fail "$1: '$2' is expected, '$3' came"; }

# Starts a server on a free port: start NAME ARGUMENTS…; sets pid and url.
start() {
    local name=$1
    shift
    "$binaries/$name" --port 0 --store "$folder/store" "$@" > "$folder/$name.out" 2> "$folder/$name.log" &
    pid=$!
    pids+=("$pid")
    for _ in $(seq 600); do
        url=$(sed -n 's/^listening on //p' "$folder/$name.out")
        [[ -n "$url" ]] && return
        kill -0 "$pid" 2> /dev/null || fail "$name ended: $(cat "$folder/$name.log")"
        sleep 0.05
    done
    fail "$name does not listen"
}

# Ends the server and expects status 0.
stop() {
    kill -TERM "$pid"
    local status=0
    wait "$pid" || status=$?
    expect "status after SIGTERM" 0 "$status"
}

# request ARGUMENTS…: prints the status; headers and body are in files.
request() {
    : > "$folder/body"
    curl -sS --max-time 30 -o "$folder/body" -D "$folder/headers" -w '%{http_code}' "$@"
}

header() { tr -d '\r' < "$folder/headers" | sed -n "s/^$1: //Ip" | head -n 1; }

# field PATH: a value of the body's JSON, such as choice.url.
field() {
    python3 -c 'import functools, json, sys
value = functools.reduce(lambda v, k: v[k], sys.argv[2].split("."), json.load(open(sys.argv[1])))
print("null" if value is None else value)' "$folder/body" "$1"
}

digest() { sha256sum "$1" | cut -d ' ' -f 1; }

if [[ "${1:-}" != --quick ]]; then
    stage "example servers: building"
    [[ -x "$prune" ]] || swift build "${configuration[@]}" --product prune
    build_beside "$package"
    stage "example servers: tests"
    test_beside "$package"
fi

stage "example servers: a store"
for profile in edge-server phone-4g low-end-phone-3g; do
    "$prune" --profile "pruning-profiles/$profile.yaml" --model models/fashion-vgg.h5 \
        --store "$folder/store" --data "$data" --split test --limit 500 --skip-proof > "$folder/prune.log" \
        || fail "prune: $(cat "$folder/prune.log")"
done

source scripts/examples/variant-server.sh
source scripts/examples/prediction-server.sh
echo "the example servers do what they say"
