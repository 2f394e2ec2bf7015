#!/usr/bin/env python3
"""Writes convolution_fit.json: a convolution fitted after a channel of the one before it went (numpy)."""

import json
import pathlib

import numpy as np

random = np.random.default_rng(5)
samples, size, channels, filters = 40, 6, 4, 3
x = random.uniform(-1, 1, (samples, size, size, 3)).astype(np.float32)
k1 = random.normal(size=(1, 1, 3, channels)).astype(np.float32)
b1 = random.normal(size=channels).astype(np.float32)
k2 = random.normal(size=(3, 3, channels, filters)).astype(np.float32)
b2 = random.normal(size=filters).astype(np.float32)
hidden = np.maximum(x.astype(float) @ k1[0, 0] + b1, 0)


def windows(a):
    """All 3 x 3 windows, zeros beyond the border: rows of taps times channels."""
    padded = np.pad(a, ((0, 0), (1, 1), (1, 1), (0, 0)))
    taps = [padded[:, i : i + size, j : j + size] for i in range(3) for j in range(3)]
    return np.concatenate(taps, -1).reshape(samples, size * size, -1)


kept = [0, 1, 3]
target = windows(hidden) @ k2.reshape(-1, filters) + b2
features = windows(hidden[..., kept])
prior = k2[:, :, kept].reshape(-1, filters).astype(float)


def fit(rows, aims, ridge):
    rows, aims = rows.reshape(-1, rows.shape[-1]), aims.reshape(-1, filters)
    means, aim_means = rows.mean(0), aims.mean(0)
    gram = (rows - means).T @ (rows - means) / len(rows)
    cross = (rows - means).T @ (aims - aim_means) / len(rows)
    weight = ridge * np.trace(gram) / len(gram)
    kernel = np.linalg.solve(gram + weight * np.eye(len(gram)), cross + weight * prior)
    return kernel, aim_means - means @ kernel


head = samples - samples // 5


def held_out(ridge):
    kernel, _ = fit(features[:head], target[:head], ridge)
    return (target[head:] - features[head:] @ kernel).reshape(-1, filters).var(0).sum()


ridge = min([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0], key=held_out)
kernel, bias = fit(features, target, ridge)
error = ((target - features @ kernel - bias) ** 2).mean((0, 1)).sum()
values = {
    "x": x, "k1": k1, "b1": b1, "k2": k2, "b2": b2, "ridge": np.array(ridge), "kernel": kernel,
    "bias": bias, "error": np.array(error / target.reshape(-1, filters).var(0).sum()),
}
path = pathlib.Path(__file__).with_name("convolution_fit.json")
path.write_text(json.dumps({name: np.ravel(value).tolist() for name, value in values.items()}))
