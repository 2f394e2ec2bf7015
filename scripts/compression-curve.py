#!/usr/bin/env python3
"""Prints what byte shuffle and deflate leave of a model's float32 kernels, by share of zeros.

The numbers in Sources/Planning/Sparsity/CompressionCurve.swift are the means of

    python3 scripts/compression-curve.py models/*.h5

Needs h5py and numpy.
"""

import sys
import zlib

import h5py
import numpy as np

SHARES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]
LEVEL = 6


def kernels(path):
    found = []

    def visit(name, node):
        if isinstance(node, h5py.Dataset) and node.ndim >= 2 and node.dtype == np.float32:
            if "optimizer" not in name:
                found.append(node[()])

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def compressed(values):
    planes = np.frombuffer(values.tobytes(), np.uint8).reshape(-1, 4).T
    return len(zlib.compress(planes.tobytes(), LEVEL))


def smallest_zero(kernel, share):
    flat = kernel.copy().ravel()
    flat[np.argsort(np.abs(flat), kind="stable")[: round(share * flat.size)]] = 0
    return flat


def pattern(kernel, stay):
    blocks = kernel.copy().reshape(-1, kernel.shape[-2], kernel.shape[-1])
    whole = blocks.shape[1] // 4 * 4
    if whole:
        part = np.abs(blocks[:, :whole]).reshape(blocks.shape[0], whole // 4, 4, -1)
        rank = np.argsort(np.argsort(part, axis=2), axis=2)
        blocks[:, :whole] *= (rank >= 4 - stay).reshape(blocks.shape[0], whole, -1)
    return blocks


def main(paths):
    for path in paths:
        all_kernels = kernels(path)
        total = sum(kernel.nbytes for kernel in all_kernels)
        row = [
            sum(compressed(smallest_zero(kernel, share)) for kernel in all_kernels) / total
            for share in SHARES
        ]
        print(path, "zeros", " ".join(f"{share:g}:{left:.3f}" for share, left in zip(SHARES, row)))
        for stay in (2, 1):
            left = sum(compressed(pattern(kernel, stay)) for kernel in all_kernels) / total
            print(path, f"{stay}:4 {left:.3f}")


main(sys.argv[1:])
