#!/usr/bin/env python3
"""Writes `layers/*.h5`: one small Keras 3 model per case, with what Keras computes from it.

    .venv/bin/pip install -r models/requirements.txt
    .venv/bin/python Tests/Reference/make_layers.py [NAME…]

Each file is a whole-model `.h5` as Keras saves it, but in the layout of HDF5 1.8, which is smaller,
and with the group `espalier_reference` (see `reference.py`). Weights and inputs are seeded by the
case's name; two runs differ in HDF5's timestamps alone.
"""

import argparse
import pathlib

import keras

from cases import CASES
from channels_first import run_through_twins
from reference import (
    difference,
    finalise,
    outputs_of,
    random_inputs,
    randomise,
    read_reference,
    save_small,
    seed_of,
)

HERE = pathlib.Path(__file__).parent


def make(name, directory):
    """Writes one case and says whether Keras reads its own file back to the same numbers."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = CASES[name]()
    randomise(model, seed_of(name))
    path = directory / f"{name}.h5"
    inputs = random_inputs(model, seed_of(name))
    run_through_twins(model)
    save_small(path, model, inputs, outputs_of(model, inputs))
    try:
        again = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras cannot read some of what it writes: operation nodes.
        return f"Keras cannot reload: {str(error).splitlines()[0][:100]}"
    run_through_twins(again)
    finalise(again)
    inputs_again, outputs = read_reference(path)
    if any(tuple(x.shape) != tuple(y.shape) for x, y in zip(inputs, inputs_again, strict=True)):
        return "inputs differ"
    apart = difference(outputs_of(again, inputs), outputs)
    return None if apart <= 1e-6 else f"reloaded model differs by {apart}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all cases")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "layers")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in arguments.names or CASES:
        try:
            remark = make(name, arguments.out)
        except Exception as error:
            (arguments.out / f"{name}.h5").unlink(missing_ok=True)
            remark = f"FAILED: {type(error).__name__}: {str(error)[:300]}"
            failed += 1
        if remark:
            print(f"{name}: {remark}", flush=True)
    files = list(arguments.out.glob("*.h5"))
    print(f"{len(files)} files, {sum(file.stat().st_size for file in files):,} bytes")
    return failed > 0


if __name__ == "__main__":
    raise SystemExit(main())
