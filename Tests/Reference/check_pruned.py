#!/usr/bin/env python3
"""Prunes every network of a directory, and has stock Keras say whether the result is right.

    .venv/bin/python Tests/Reference/check_pruned.py PRUNE DIRECTORY

For each `NAME.keras` (or `NAME.h5`, where there is no other) that `make_zoo.py` made: PRUNE halves the multiply-adds by channels, and
writes the variant and the masked model, which has the shapes of the original. Keras loads both and predicts on the same random inputs.

Exit status: 0, the variant of every network is smaller and equals its masked model to 1e-4; 1, otherwise.
"""

import pathlib
import subprocess
import sys
import tempfile

import keras
from keras.src.applications.convnext import LayerScale
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from reference import difference, outputs_of, seed_of, suitable_inputs

NAMED = {"LayerScale": LayerScale, "CustomScaleLayer": CustomScaleLayer}
TOLERANCE = 1e-4


def check(prune, path, directory):
    variant, masked = directory / f"variant{path.suffix}", directory / f"masked{path.suffix}"
    run = subprocess.run(
        [prune, "--model", path, "--budget", "mac-fraction=0.5", "--granularity", "channel",
         "--output", variant, "--masked-output", masked, "--force", "--format", "json"],
        capture_output=True, text=True)
    if run.returncode != 0:
        return f"prune ended with {run.returncode}: {run.stderr.strip()}", False
    models = [keras.models.load_model(p, compile=False, custom_objects=NAMED) for p in (variant, masked)]
    inputs = suitable_inputs(models[1], seed_of(path.name))
    small, whole = (outputs_of(model, inputs) for model in models)
    worst = difference(small, whole)
    parameters = [model.count_params() for model in models]
    text = f"{worst:.1e} of the output, {parameters[1]:,} → {parameters[0]:,} parameters"
    return text, worst <= TOLERANCE and parameters[0] < parameters[1]


def main(prune, zoo):
    zoo = pathlib.Path(zoo)
    names = sorted({p.stem for p in zoo.iterdir() if not p.name.endswith(".reference.h5") and p.suffix in (".h5", ".keras")})
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        for name in names:
            path = zoo / f"{name}.keras"
            if not path.exists():
                path = zoo / f"{name}.h5"
            text, good = check(prune, path, pathlib.Path(directory))
            print(f"{'✓' if good else '✗'} {name}: {text}", flush=True)
            failed += not good
            keras.backend.clear_session()
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
