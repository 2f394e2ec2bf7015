#!/usr/bin/env python3
"""Writes fashion-256.bin: the first 256 training images of Fashion-MNIST (MIT license), 28 x 28 bytes each.

    make_fashion.py /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz
"""

import gzip
import pathlib
import sys

with gzip.open(sys.argv[1]) as file:
    file.read(16)
    images = file.read(256 * 28 * 28)
pathlib.Path(__file__).with_name("fashion-256.bin").write_bytes(images)
