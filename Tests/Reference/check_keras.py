#!/usr/bin/env python3
"""Says whether stock Keras loads a file and computes from it what a reference holds.

    .venv/bin/python Tests/Reference/check_keras.py FILE REFERENCE [FILE REFERENCE]…

FILE is a model (`.h5`, `.keras`), or weights alone with `--topology` (JSON, `.h5` or `.keras`).
REFERENCE is an HDF5 file with a reference group (see `reference.py`); a file of `layers/` is its own.
Prints one line per pair: the largest difference, relative to the largest magnitude of the outputs.

Exit status: 0, all agree; 1, some differ by more than the tolerance; 2, Keras cannot load some.
"""

import argparse
import pathlib
import sys

import h5py
import keras
from keras.src.applications.convnext import LayerScale
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from channels_first import run_through_twins
from reference import difference, finalise, outputs_of, read_reference

# Classes of keras.applications that Keras does not export, so that a file's user has to name them.
NAMED = {"LayerScale": LayerScale, "CustomScaleLayer": CustomScaleLayer}


def library_for(arguments):
    if not arguments.tf_keras:
        return keras
    import tf_keras

    return tf_keras


def topology(library, path):
    if path.suffix == ".json":
        return library.models.model_from_json(path.read_text(), custom_objects=NAMED)
    return library.models.load_model(path, compile=False, custom_objects=NAMED)


def load(library, path, topology_path):
    """The model of a file, whatever its format."""
    if topology_path:
        model = topology(library, topology_path)
        if model.weights:
            for weight in model.weights:
                weight.assign(keras.ops.zeros_like(weight))
        model.load_weights(path)
        return model
    if path.suffix != ".keras":
        with h5py.File(path, "r") as file:
            if "model_config" not in file.attrs:
                raise ValueError("the file has no model_config: say --topology")
    return library.models.load_model(path, compile=False, custom_objects=NAMED)


def check(library, path, reference, arguments):
    """(exit status, what to print) for one pair."""
    try:
        model = load(library, path, arguments.topology)
    except Exception as error:
        return 2, f"Keras cannot load it: {type(error).__name__}: {str(error).splitlines()[0]}"
    finalise(model)
    run_through_twins(model)
    inputs, expected = read_reference(reference)
    outputs = outputs_of(model, inputs)
    apart = difference(outputs, expected)
    status = 0 if apart <= arguments.tolerance else 1
    return status, f"{'agrees' if status == 0 else 'DIFFERS'}: {apart:.3g} of the outputs' scale"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="+", type=pathlib.Path, metavar="FILE REFERENCE")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="default: 1e-4")
    parser.add_argument("--topology", type=pathlib.Path, help="where FILE holds weights alone")
    parser.add_argument("--tf-keras", action="store_true", help="with Keras 2, from tf_keras")
    arguments = parser.parse_args()
    if len(arguments.paths) % 2:
        parser.error("each FILE needs its REFERENCE")
    library = library_for(arguments)
    worst = 0
    for path, reference in zip(arguments.paths[::2], arguments.paths[1::2]):
        status, words = check(library, path, reference, arguments)
        print(f"{path}: {words}", flush=True)
        worst = max(worst, status)
    return worst


if __name__ == "__main__":
    sys.exit(main())
