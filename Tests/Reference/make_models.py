#!/usr/bin/env python3
"""Writes what Keras computes with the networks of `models/` for two seeded inputs each.

    .venv/bin/python Tests/Reference/make_models.py

Into `Tests/Reference/models/NAME.reference.h5`, as `reference.py` describes.
"""

import pathlib

import keras
import numpy as np

from reference import outputs_of, seed_of, write_reference

ROOT = pathlib.Path(__file__).resolve().parent

for name in ("fashion-resnet", "fashion-vgg", "fashion-mobilenet"):
    model = keras.models.load_model(ROOT.parent.parent / "models" / f"{name}.h5", compile=False)
    inputs = [np.random.default_rng(seed_of(name)).random((2, 28, 28, 1), dtype=np.float32)]
    target = ROOT / "models" / f"{name}.reference.h5"
    target.parent.mkdir(exist_ok=True)
    # `write_reference` adds to a file.
    target.unlink(missing_ok=True)
    write_reference(target, inputs, outputs_of(model, inputs))
