#!/usr/bin/env python3
"""What activation functions make of normally distributed values, by integration with numpy.

    .venv/bin/python Tests/Reference/make_gaussian.py

Writes `Tests/PruningTests/Fixtures/gaussian.json`: for each function, means of f(μ + σz), and covariances of f(μ + σz) and
f(ν + τw) where z and w correlate by ρ. The integrals are sums over fine grids, in double precision; no formula is used.
"""

import json
import math
import pathlib

import numpy as np

FUNCTIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "hard_silu": lambda x: x * np.clip(x + 3, 0, 6) / 6,
}
DISTRIBUTIONS = [(0.0, 1.0), (0.7, 0.4), (-0.5, 1.3), (-3.0, 0.5), (5.5, 2.0), (0.3, 0.0)]
PAIRS = [((0.0, 1.0), (0.4, 0.7)), ((-0.8, 1.5), (0.2, 0.9)), ((5.0, 3.0), (1.0, 2.0))]
CORRELATIONS = [-0.6, 0.3, 0.8]


def grid(points):
    z = np.linspace(-9, 9, points)
    weights = np.exp(-z * z / 2)
    return z, weights / weights.sum()


def mean(function, mu, sigma):
    z, weights = grid(2_000_001)
    return float((function(mu + sigma * z) * weights).sum())


def covariance(function, first, second, rho):
    z, weights = grid(3001)
    x = function(first[0] + first[1] * z)
    w = rho * z[:, None] + math.sqrt(1 - rho * rho) * z[None]
    y = function(second[0] + second[1] * w) @ weights
    return float((x * y * weights).sum() - (x * weights).sum() * (y * weights).sum())


means = [
    {"function": name, "mean": mu, "deviation": sigma, "value": mean(function, mu, sigma)}
    for name, function in FUNCTIONS.items()
    for mu, sigma in DISTRIBUTIONS
]
covariances = [
    {
        "function": name,
        "means": [first[0], second[0]],
        "deviations": [first[1], second[1]],
        "correlation": rho,
        "value": covariance(function, first, second, rho),
    }
    for name, function in FUNCTIONS.items()
    for first, second in PAIRS
    for rho in CORRELATIONS
]
path = pathlib.Path(__file__).parent.parent / "PruningTests" / "Fixtures" / "gaussian.json"
path.write_text(json.dumps({"means": means, "covariances": covariances}, indent=1) + "\n")
