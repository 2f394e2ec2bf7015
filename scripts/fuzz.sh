#!/usr/bin/env bash
# Runs a fuzz target of Tests/Fuzz for some seconds, from the fixtures of the target that it is for.
#
#   scripts/fuzz.sh FuzzHDF5 300
#
# A find ends the run; it lies in .build/fuzz/<target>/finds. Put it, named after what was wrong, into
# Tests/<Target>Tests/Fixtures/fuzz-finds, where a test replays it.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$1
seconds=${2:-60}
module=${target#Fuzz}
work=.build/fuzz/$target
mkdir -p "$work/corpus" "$work/finds" "$work/seeds"

ESPALIER_FUZZ=1 swift build --scratch-path .build/fuzz/package --product "$target"

# Small seeds of one feature each where there are any, else all fixtures.
fixtures=Tests/${module}Tests/Fixtures
if [ "$module" = KerasFormat ]; then
    find Tests/Reference/formats -name '*.json' -size -64k | while read -r file; do
        cp -n "$file" "$work/seeds/$(echo "$file" | tr / -)"
    done
fi
for folder in "$fixtures/fuzz-seeds" "$fixtures"; do
    if [ -d "$folder" ]; then
        find "$folder" -type f -size -64k ! -name '*.py' -exec cp -n {} "$work/seeds" \;
        break
    fi
done
# Our code is checked at every access; libraries only where they crash, for libhdf5 1.10 reads a few
# bytes too far in nearly every message that it decodes. Libraries also keep memory for later: whether
# our own ids leak, the targets check themselves.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:replace_str=0:replace_intrin=0
ASAN_OPTIONS+=:intercept_strlen=0:intercept_strchr=0:intercept_strndup=0:intercept_memcmp=0
".build/fuzz/package/debug/$target" "$work/corpus" "$work/seeds" \
    -artifact_prefix="$work/finds/" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 \
    -max_len=65536 -print_final_stats=1 "${@:3}"
