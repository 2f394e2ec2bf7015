#!/usr/bin/env python3
"""Prints the numbers that Tests/LinearAlgebraTests/MaskedLeastSquaresTests.swift expects (numpy)."""

import numpy as np

rows, features = 40, 6
x = np.array([[(i * i * 7 + j * 11 + i * j * 3) % 23 - 11 for j in range(features)] for i in range(rows)], float)
x -= x.mean(0)
y = np.array([(i * 5 + i * i) % 17 - 8 for i in range(rows)], float)
y -= y.mean()
gram, cross = x.T @ x / rows, x.T @ y / rows
ridge = 0.01 * np.trace(gram) / features
prior = np.array([0.5, -0.25, 0.125, 1, -1, 0.75])
h, b = gram + ridge * np.eye(features), cross + ridge * prior
for kept in [[0, 1, 2, 3, 4, 5], [0, 2, 5], [4]]:
    part = h[np.ix_(kept, kept)]
    print(kept, np.linalg.solve(part, b[kept]).tolist(), np.diag(np.linalg.inv(part)).tolist())
