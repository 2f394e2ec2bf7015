#!/usr/bin/env python3
"""Writes Tests/LinearAlgebraTests/EliminationReference.swift: least squares with features missing (numpy)."""

import pathlib

import numpy as np

random = np.random.default_rng(11)
rows, features, outputs = 200, 8, 3
x = random.normal(size=(rows, features)) @ random.normal(size=(features, features))
x -= x.mean(0)
kernel = random.normal(size=(outputs, features))
gram = x.T @ x / rows
ridged = gram + 1e-3 * np.trace(gram) / features * np.eye(features)


def fit(kept):
    """The map from the features kept that comes nearest to the kernel, and its error; both with the ridge."""
    best = np.zeros_like(kernel)
    # Rows whose second moments are the gram with its ridge: the problem as numpy's lstsq wants it.
    root = np.linalg.cholesky(ridged).T
    best[:, kept] = np.linalg.lstsq(root[:, kept], root @ kernel.T, rcond=None)[0].T
    return best, ((root @ (kernel - best).T) ** 2).sum()


def text(values, indent):
    lines, line = [], " " * indent
    for value in np.ravel(values):
        word = f"{value!r},".replace("np.float64(", "").replace(")", "")
        if len(line) + len(word) > 98:
            lines.append(line.rstrip())
            line = " " * indent
        line += word + " "
    return "\n".join(lines + [line.rstrip()])


steps, gone, before = [], [], 0.0
for removed in ([3], [0, 6], [2, 5, 7]):
    gone += removed
    best, error = fit([f for f in range(features) if f not in gone])
    steps.append(
        f"""        Step(
            removed: {removed}, cost: {float(error - before)!r},
            kernel: [
{text(best, 16)}
            ]),"""
    )
    before = error
out = f"""/// Made by `Tests/Reference/make_elimination.py`: least squares with features missing.
enum EliminationReference {{
    /// Features taken away, by how much the error grows, and the map with the rest.
    struct Step: Sendable {{
        var removed: [Int]
        var cost: Double
        var kernel: [Double]
    }}

    static let gram: [Double] = [
{text(gram, 8)}
    ]
    static let kernel: [Double] = [
{text(kernel, 8)}
    ]
    static let steps = [
{chr(10).join(steps)}
    ]
}}
"""
path = pathlib.Path(__file__).parents[1] / "LinearAlgebraTests" / "EliminationReference.swift"
path.write_text(out)
