#!/usr/bin/env bash
# Installs what Espalier needs beside Swift: Debian packages, and with --tests also Keras in .venv.
# Does nothing where everything is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(libhdf5-dev libdnnl-dev libopenblas-dev libdeflate-dev libpng-dev libturbojpeg0-dev libsqlite3-dev
    pkg-config)
[[ "${1:-}" == --tests ]] && packages+=(python3 python3-venv dataset-fashion-mnist openssl skopeo curl)

if ! command -v swift > /dev/null; then
    echo "Swift is missing: install Swift 6.3 or later from https://www.swift.org/install/linux/" >&2
    exit 1
fi
version=$(swift --version 2> /dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9.]+$')
if [[ "$(printf '%s\n6.3\n' "$version" | sort -V | head -n 1)" != 6.3 ]]; then
    echo "Swift $version is too old: 6.3 or later is needed" >&2
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
    root=()
    [[ $EUID == 0 ]] || root=(sudo)
    echo "== installing ${missing[*]}"
    "${root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" > /dev/null
fi

if [[ "${1:-}" == --tests ]]; then
    requirements=models/requirements.txt
    if ! cmp -s "$requirements" .venv/installed.txt; then
        echo "== installing Keras, against which the tests check, in .venv"
        python3 -m venv .venv
        .venv/bin/pip install -q --disable-pip-version-check -r "$requirements"
        cp "$requirements" .venv/installed.txt
    fi
fi
