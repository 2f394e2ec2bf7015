#!/usr/bin/env bash
# Benchmarks/servers.sh [SECONDS]
#
# Puts the example server under wrk on loopback, beside nginx that serves the same file in the same run, and
# prints a Markdown table. Needs the Debian packages wrk and nginx, a prune and the example servers as
# scripts/test-examples.sh builds them. Runs take turns three times; each figure is the median of its three.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-8}
prune=${PRUNE:-.build/release/prune}
server=.build/release/variant-server
folder=$(mktemp -d)
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill -TERM "$pid" 2> /dev/null || true; done
    wait
    rm -rf "$folder"
}
trap cleanup EXIT

"$prune" --profile pruning-profiles/edge-server.yaml --model models/fashion-vgg.h5 --store "$folder/store" \
    --skip-proof > /dev/null
"$server" --port 0 --store "$folder/store" --log-level error > "$folder/out" &
pids+=($!)
until url=$(sed -n 's/^listening on //p' "$folder/out") && [[ -n "$url" ]]; do sleep 0.05; done

context='{"device":{"class":"edge-server"},"network":{"bandwidth-mbps":50,"round-trip-ms":20},"deadline":{"load-ms":2000,"inference-ms":40}}'
cat > "$folder/select.lua" << LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '$context'
LUA
# The variant, not the base, which is selected here as nobody evaluated either.
digest=$(curl -sS -d "$context" "$url/select?explain=1" | python3 -c 'import json, sys
print(*(row["file-digest"] for row in json.load(sys.stdin)["candidates"] if row["kind"] == "variant"))')
[[ -n "$digest" ]]
mkdir -p "$folder/nginx/variants" "$folder/nginx/temp"
curl -sS -o "$folder/nginx/variants/$digest" "$url/variants/$digest"
bytes=$(stat -c %s "$folder/nginx/variants/$digest")

port=18080
cat > "$folder/nginx.conf" << NGINX
worker_processes auto;
daemon off;
pid $folder/nginx/pid;
error_log $folder/nginx/error.log;
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path $folder/nginx/temp;
    proxy_temp_path $folder/nginx/temp;
    fastcgi_temp_path $folder/nginx/temp;
    uwsgi_temp_path $folder/nginx/temp;
    scgi_temp_path $folder/nginx/temp;
    server {
        listen 127.0.0.1:$port;
        root $folder/nginx;
        default_type application/octet-stream;
    }
}
NGINX
chmod -R a+rX "$folder"
nginx -c "$folder/nginx.conf" -e "$folder/nginx/error.log" &
pids+=($!)
until curl -sS -o /dev/null "http://127.0.0.1:$port/variants/$digest" 2> /dev/null; do sleep 0.05; done

# measure NAME CONNECTIONS URL [SCRIPT]: one run; requests/s, p50, p99 and errors go to a file of that name.
measure() {
    wrk -t 1 -c "$2" -d "${seconds}s" --latency ${4:+-s "$4"} "$3" > "$folder/wrk"
    python3 - "$folder/wrk" >> "$folder/$1.runs" << 'PYTHON'
import re, sys
text = open(sys.argv[1]).read()
unit = {"us": 1e-3, "ms": 1, "s": 1e3}
def latency(share):
    value, name = re.search(rf"{share}%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(value) * unit[name]
rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
bad = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", text)
print(rate, latency(50), latency(99), 1 if bad else 0)
PYTHON
}

for _ in 1 2 3; do
    for connections in 1 16 64; do
        measure "select-$connections" "$connections" "$url/select" "$folder/select.lua"
        measure "health-$connections" "$connections" "$url/health"
        measure "file-$connections" "$connections" "$url/variants/$digest"
        measure "nginx-$connections" "$connections" "http://127.0.0.1:$port/variants/$digest"
    done
done

python3 - "$folder" "$bytes" << 'PYTHON'
import statistics, sys
folder, size = sys.argv[1], int(sys.argv[2])
print("| route | connections | requests/s | MiB/s | p50 ms | p99 ms | errors |")
print("|---|---:|---:|---:|---:|---:|---:|")
names = {"select": "`POST /select`", "health": "`GET /health`",
         "file": "`GET /variants/{digest}`", "nginx": "the same file from nginx"}
for kind in names:
    for connections in (1, 16, 64):
        runs = [list(map(float, line.split())) for line in open(f"{folder}/{kind}-{connections}.runs")]
        rate, p50, p99 = (statistics.median(run[i] for run in runs) for i in range(3))
        volume = f"{rate * size / 2**20:,.0f}" if kind in ("file", "nginx") else ""
        print(f"| {names[kind]} | {connections} | {rate:,.0f} | {volume} | {p50:.3g} | {p99:.3g} |"
              f" {int(sum(run[3] for run in runs))} |")
print(f"\nThe file has {size:,} bytes.")
PYTHON
echo "$(nproc) × $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(nginx -v 2>&1), $(wrk -v 2>&1 | head -n 1 | cut -d ' ' -f 1-2), $(git log -1 --format=%h)"
