# Part of scripts/test-examples.sh: drives prediction-server with curl.
stage "prediction-server"
start prediction-server

# Images as float32 in [0, 1], each a file of its own, and what is on them.
python3 - "$data" "$folder" << 'PYTHON'
import gzip, struct, sys
data, folder = sys.argv[1:]
images = gzip.open(f"{data}/t10k-images-idx3-ubyte.gz").read()[16:]
labels = gzip.open(f"{data}/t10k-labels-idx1-ubyte.gz").read()[8:]
for number in range(50):
    pixels = images[number * 784:(number + 1) * 784]
    with open(f"{folder}/image-{number}", "wb") as file:
        file.write(struct.pack("<784f", *(value / 255 for value in pixels)))
open(f"{folder}/labels", "w").write("\n".join(str(label) for label in labels[:50]))
with open(f"{folder}/image-0.json", "w") as file:
    file.write(str([[[value / 255] for value in images[row * 28:(row + 1) * 28]] for row in range(28)]))
PYTHON

predict() {
    request -H 'Content-Type: application/octet-stream' -H 'Accept: application/json' \
        -H "Deadline-Ms: $1" --data-binary @"$folder/$2" "$url/predict"
}

# Until all variants are loaded others may answer.
for _ in $(seq 200); do
    request "$url/health" > /dev/null
    [[ "$(field loaded)" == 5 ]] && break
    sleep 0.05
done
expect "loaded variants" 5 "$(field loaded)"

right=0
for number in $(seq 0 49); do
    expect "POST /predict" 200 "$(predict 10000 "image-$number")"
    answer=$(python3 -c 'import json, sys
outputs = json.load(open(sys.argv[1]))["outputs"]; print(outputs.index(max(outputs)))' "$folder/body")
    [[ "$answer" == "$(sed -n "$((number + 1))p" "$folder/labels")" ]] && right=$((right + 1))
done
((right >= 40)) || fail "only $right of 50 images are named rightly"
"$prune" select --store "$folder/store" --model fashion-vgg --format json > "$folder/select.json"
best=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["choice"]["reference"])' "$folder/select.json")
expect "who answers when there is time" "$best" "$(header variant)"
expect "Deadline-Met" true "$(header deadline-met)"

expect "a sample as JSON" 200 "$(request -H 'Content-Type: application/json' -H 'Deadline-Ms: 10000' \
    -d @"$folder/image-0.json" "$url/predict")"
expect "a deadline that nothing meets" 503 "$(predict 0.001 image-0)"
expect "its code" deadline-too-short "$(field code)"
expect "a sample of another size" 422 "$(request -H 'Content-Type: application/octet-stream' \
    -d 12345678 "$url/predict")"
expect "GET /metrics" 200 "$(request "$url/metrics")"
grep -q '^predictions_total{outcome="met"} 5[0-9]' "$folder/body" || fail "no predictions in the metrics"
stop
