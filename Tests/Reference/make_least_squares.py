#!/usr/bin/env python3
"""Prints the numbers that Tests/LinearAlgebraTests/NormalEquationsTests.swift expects (numpy)."""

import numpy as np

random = np.random.default_rng(7)
rows, features, targets = 40, 5, 2
x = np.round(random.normal(size=(rows, features)) + [100, 0, -3, 0.5, 2], 3)
kernel = np.round(random.normal(size=(features, targets)), 3)
y = np.round(x @ kernel + random.normal(size=(rows, targets)) * 0.1, 3)
prior = np.round(random.normal(size=(features, targets)), 3)
centred_x, centred_y = x - x.mean(0), y - y.mean(0)
gram, cross = centred_x.T @ centred_x / rows, centred_x.T @ centred_y / rows
ridge = 0.01 * np.trace(gram) / features
solution = np.linalg.solve(gram + ridge * np.eye(features), cross + ridge * prior)
for name, values in {
    "features": x,
    "targets": y,
    "prior": prior.T,
    "solution": solution.T,
    "errors": ((centred_y - centred_x @ solution) ** 2).mean(0),
    "intercepts": y.mean(0) - x.mean(0) @ solution,
    "powers": ((centred_x @ solution) ** 2).mean(0),
}.items():
    print(name, values.ravel().tolist())
print("inverse", np.linalg.inv([[4, 2, 0.4], [2, 5, 1], [0.4, 1, 3]]).ravel().tolist())
