# Part of scripts/test-examples.sh: drives variant-server with curl.
stage "variant-server"
start variant-server --grace-seconds 20 --requests 8
json=(-H 'Content-Type: application/json')
context='{"device":{"class":"phone-4g"},"network":{"bandwidth-mbps":12,"round-trip-ms":70},"deadline":{"load-ms":2000}}'

# What is selected is what the command line selects.
expect "POST /select" 200 "$(request "${json[@]}" -d "$context" "$url/select")"
expect "step" fits "$(field step)"
"$prune" select --store "$folder/store" --model fashion-vgg --context device.class=phone-4g \
    network.bandwidth-mbps=12 network.round-trip-ms=70 deadline.load-ms=2000 --format json > "$folder/select.json"
wanted=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["choice"]["digest"])' "$folder/select.json")
expect "digest, also of prune select" "$wanted" "$(field choice.digest)"
file=$(field choice.url)
hash=${file##*:}
bytes=$(field choice.file-bytes)
expect "POST /select?explain=1" 200 "$(request "${json[@]}" -d "$context" "$url/select?explain=1")"
expect "candidates" 4 "$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["candidates"]))' "$folder/body")"
# The base is the largest: more than fits between the server and a client that takes its time.
large=$(python3 -c 'import json, sys
print(*(row["url"] for row in json.load(open(sys.argv[1]))["candidates"] if row["kind"] == "base"))' "$folder/body")

# Whole, in parts, and not again.
expect "GET" 200 "$(request "$url$file")"
expect "content" "$hash" "$(digest "$folder/body")"
expect "ETag" "\"sha256:$hash\"" "$(header etag)"
expect "Cache-Control" "public, max-age=31536000, immutable" "$(header cache-control)"
expect "Content-Length" "$bytes" "$(header content-length)"
cp "$folder/body" "$folder/whole"
expect "HEAD" 200 "$(request -I "$url$file")"
expect "Content-Length of HEAD" "$bytes" "$(header content-length)"
expect "range" 206 "$(request -H 'Range: bytes=1000-199999' "$url$file")"
expect "Content-Range" "bytes 1000-199999/$bytes" "$(header content-range)"
cmp <(tail -c +1001 "$folder/whole" | head -c 199000) "$folder/body" || fail "the range has other bytes"
head -c 100000 "$folder/whole" > "$folder/resumed"
curl -sS -C - -o "$folder/resumed" "$url$file"
expect "content that curl resumed" "$hash" "$(digest "$folder/resumed")"
expect "several ranges" 200 "$(request -H 'Range: bytes=0-1,5-6' "$url$file")"
expect "a range that is not there" 416 "$(request -H "Range: bytes=$bytes-" "$url$file")"
expect "Content-Range of 416" "bytes */$bytes" "$(header content-range)"
expect "If-Range of other content" 200 "$(request -H 'Range: bytes=0-1' -H 'If-Range: "x"' "$url$file")"
expect "If-None-Match" 304 "$(request -H "If-None-Match: \"sha256:$hash\"" "$url$file")"
expect "bytes of 304" 0 "$(stat -c %s "$folder/body")"

# Bad input.
none=$(printf 'a%.0s' {1..64})
expect "unknown digest" 404 "$(request "$url/variants/sha256:$none")"
expect "no digest" 400 "$(request --path-as-is "$url/variants/..%2F..%2Findex.json")"
expect "bad JSON" 400 "$(request "${json[@]}" -d '{' "$url/select")"
expect "content type of a problem" application/problem+json "$(header content-type)"
expect "code of a problem" no-json "$(field code)"
grep -q "$folder" "$folder/body" && fail "a path of the server is told"
head -c 70000 /dev/zero | tr '\0' ' ' > "$folder/large"
expect "a body too large" 413 "$(request "${json[@]}" --data-binary @"$folder/large" "$url/select")"
expect "a body too large, in chunks" 413 \
    "$(request -H 'Transfer-Encoding: chunked' "${json[@]}" --data-binary @"$folder/large" "$url/select")"
expect "no such route" 404 "$(request "$url/index.json")"

# Reports.
report="{\"context\":$context,\"digest\":\"sha256:$hash\",\"inference-ms\":5,\"load-ms\":700}"
expect "POST /observations" 200 "$(request "${json[@]}" -d "$report" "$url/observations")"
expect "inference" accepted "$(field inference-ms.outcome)"
curl -sS -o /dev/null -w '%{http_code}\n' "${json[@]}" -d "$report" "$url/observations?[1-200]" > "$folder/statuses"
grep -q 429 "$folder/statuses" || fail "200 reports of one client are taken"

expect "GET /health" 200 "$(request "$url/health")"
expect "health" ok "$(field status)"
expect "GET /metrics" 200 "$(request "$url/metrics")"
grep -q '^adapter_selections_total{step="fits"} [1-9]' "$folder/body" || fail "no selections in the metrics"

# What is published while it runs is served, and a store that is gone changes nothing.
"$prune" --profile pruning-profiles/laptop-wifi.yaml --model models/fashion-vgg.h5 --store "$folder/store" \
    --data "$data" --split test --limit 500 --skip-proof > /dev/null
for _ in $(seq 100); do
    request "$url/health" > /dev/null
    [[ "$(field variants)" == 5 ]] && break
    sleep 0.1
done
expect "variants after one more was published" 5 "$(field variants)"
mv "$folder/store" "$folder/gone"
expect "a file of a store that is gone" 200 "$(request "$url$file")"
expect "its content" "$hash" "$(digest "$folder/body")"
mv "$folder/gone" "$folder/store"

# More requests at once than there are places, as eight do not end: the next is told to come back.
slow=()
for number in $(seq 8); do
    exec {slow[number]}<> "/dev/tcp/127.0.0.1/${url##*:}"
    printf 'POST /select HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{' >&"${slow[number]}"
done
for _ in $(seq 100); do
    status=$(request "${json[@]}" -d "$context" "$url/select")
    [[ "$status" == 503 ]] && break
    sleep 0.02
done
expect "one request more than there may be" 503 "$status"
expect "Retry-After" 1 "$(header retry-after)"
expect "health while busy" 200 "$(request "$url/health")"
for number in $(seq 8); do exec {slow[number]}>&-; done
for _ in $(seq 100); do
    status=$(request "${json[@]}" -d "$context" "$url/select")
    [[ "$status" == 200 ]] && break
    sleep 0.02
done
expect "a request when those are gone" 200 "$status"

# SIGTERM while downloads run: they end whole, and so does the server.
for number in $(seq 4); do
    curl -sS --limit-rate 1M -o "$folder/slow-$number" "$url$large" &
    slow[number]=$!
done
for number in $(seq 4); do
    until [[ -s "$folder/slow-$number" ]]; do sleep 0.02; done
done
kill -TERM "$pid"
for number in $(seq 4); do
    wait "${slow[number]}" || fail "a download broke off"
    expect "a download during SIGTERM" "${large##*:}" "$(digest "$folder/slow-$number")"
done
status=0
wait "$pid" || status=$?
expect "status after SIGTERM" 0 "$status"
curl -s -o /dev/null --max-time 5 "$url/health" && fail "the server still answers"
grep -iE 'error|warning' "$folder/variant-server.log" | grep -v 'source cannot be read' && fail "the log has errors"

# Slow senders are cut off, and whoever takes nothing is, too.
start variant-server --request-seconds 1
exec 9<> "/dev/tcp/127.0.0.1/${url##*:}"
printf 'POST /select HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{' >&9
begun=$(date +%s)
timeout 20 cat <&9 > /dev/null || fail "a request that never ends keeps its connection"
(($(date +%s) - begun < 10)) || fail "a slow request has more than its second"
exec 9<&-
stop

# A key that counts: what it did not sign is not served.
"$prune" variants keygen --output "$folder/key" > "$folder/keygen.log" || fail "$(cat "$folder/keygen.log")"
start variant-server --key "$folder/key.pub.pem" --require-signature
expect "an unsigned variant" 404 "$(request "$url$file")"
expect "health without anything to serve" 503 "$(request "$url/health")"
expect "step" remote "$(request "${json[@]}" -d "$context" "$url/select" > /dev/null; field step)"
stop
