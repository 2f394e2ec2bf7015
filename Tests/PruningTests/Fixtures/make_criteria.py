#!/usr/bin/env python3
"""Importances and N:M patterns of a small network as numpy computes them, from their definitions.

    .venv/bin/python Tests/PruningTests/Fixtures/make_criteria.py

Writes `criteria.json` beside itself. The network is conv `a` (3×3, 4 → 6), batch norm `n`, conv `b` (1×1, 6 → 8),
flatten over 2×2, dense `d` (32 → 5): groups `a`, `b`; `d` is the output.
"""

import json
import pathlib

import numpy as np

random = np.random.default_rng(20240607)
weights = {
    "a/kernel": random.normal(size=(3, 3, 4, 6)),
    "a/bias": random.normal(size=6),
    "n/gamma": random.normal(size=6),
    "n/beta": random.normal(size=6),
    "n/moving_mean": random.normal(size=6),
    "n/moving_variance": random.uniform(0.5, 1.5, size=6),
    "b/kernel": random.normal(size=(1, 1, 6, 8)),
    "b/bias": random.normal(size=8),
    "d/kernel": random.normal(size=(32, 5)),
    "d/bias": random.normal(size=5),
}
weights = {name: value.astype(np.float32) for name, value in weights.items()}
exact = {name: value.astype(np.float64) for name, value in weights.items()}


def norms(kernel, axis, order):
    """The norm of each slice along an axis."""
    slices = np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1)
    return np.linalg.norm(slices, ord=order, axis=1)


def by_unit(kernel, units, order):
    """The norm of the rows that read each unit of a flattened tensor (positions × units)."""
    rows = kernel.reshape(-1, units, kernel.shape[1])
    return np.linalg.norm(np.moveaxis(rows, 1, 0).reshape(units, -1), ord=order, axis=1)


def combine(*members):
    """Each member divided by its mean, then the mean of the members, divided by its mean."""
    mean = np.mean([member / member.mean() for member in members], axis=0)
    return (mean / mean.mean()).tolist()


def norm_importance(order):
    a, b, d = exact["a/kernel"], exact["b/kernel"], exact["d/kernel"]
    return {
        "a": combine(norms(a, 3, order), norms(b, 2, order)),
        "b": combine(norms(b, 3, order), by_unit(d, 8, order)),
    }


def distances(kernel):
    slices = np.moveaxis(kernel, -1, 0).reshape(kernel.shape[-1], -1)
    return np.linalg.norm(slices[:, None] - slices[None], axis=2).sum(axis=1)


def pattern(kernel, axis, kept, block):
    """Zeroes all but the `kept` largest of each block; of equal ones the earlier goes first."""
    moved = np.moveaxis(kernel.copy(), axis, -1)
    for start in range(0, moved.shape[-1], block):
        part = moved[..., start:start + block]
        surplus = part.shape[-1] - kept
        if surplus > 0:
            order = np.argsort(np.abs(part), axis=-1, kind="stable")[..., :surplus]
            np.put_along_axis(part, order, 0, axis=-1)
    return np.moveaxis(moved, -1, axis)


l1 = norm_importance(1)
result = {
    "weights": {
        name: {"shape": list(value.shape), "values": value.ravel().tolist()}
        for name, value in weights.items()
    },
    "importance": {
        "l1": l1,
        "l2": norm_importance(2),
        # `b` has no batch norm behind it.
        "batch-norm-scale": {"a": combine(np.abs(exact["n/gamma"])), "b": l1["b"]},
        "geometric-median": {
            "a": combine(distances(exact["a/kernel"])), "b": combine(distances(exact["b/kernel"])),
        },
    },
    "patterns": {
        f"{kept}:{block}": {
            name: pattern(weights[name], axis, kept, block).ravel().tolist()
            for name, axis in (("a/kernel", 2), ("b/kernel", 2), ("d/kernel", 0))
        }
        for kept, block in ((2, 4), (1, 4))
    },
}
path = pathlib.Path(__file__).with_name("criteria.json")
path.write_text(json.dumps(result, indent=None) + "\n")
