#!/usr/bin/env python3
"""Writes `formats/CASE/`: the same network in every format that Keras 2 and 3 save.

    .venv/bin/pip install -r models/requirements.txt
    .venv/bin/pip install --no-deps tf_keras==2.21.0
    .venv/bin/python Tests/Reference/make_formats.py [CASE…]

All files of one directory describe one network with the same weights; `expected.h5` holds the
reference (see `reference.py`), computed from the model in memory.

- `whole.h5`: whole model. `with_optimizer.h5`: the same, compiled, with optimizer state.
- `legacy_weights.h5`: weights alone, in the layout of whole models; `topology.json` goes with it.
- `model.weights.h5`: weights alone, in the layout of Keras 3. `model.keras`: zip of both.
- `split.h5`: names spread over `layer_names0…n` and `weight_names0…n`, as Keras does over 64,512 bytes.
- `fixed_strings.h5`: names of fixed length and no versions, as early Keras 2 wrote them.
- `compressed.h5`: datasets in shuffled, deflated chunks. `latest.h5`: in HDF5's newest layout.
"""

import argparse
import contextlib
import pathlib
from unittest import mock

import h5py
import keras
import numpy as np
import tf_keras
from keras.src.legacy.saving import legacy_h5_format as keras3_h5
from tf_keras.src.saving.legacy import hdf5_format as keras2_h5

from channels_first import run_through_twins
from format_networks import KERAS2, KERAS3
from reference import difference, finalise, outputs_of, random_inputs, randomise, seed_of
from reference import write_reference

HERE = pathlib.Path(__file__).parent
FORMATS = ["whole.h5", "legacy_weights.h5", "model.weights.h5", "model.keras", "topology.json"]
FORMATS += ["with_optimizer.h5", "split.h5", "compressed.h5"]
# Where all formats would only repeat what another case shows, fewer of them.
KERAS3_FORMATS = ["whole.h5", "model.weights.h5", "model.keras"]
WHOLE = ["whole.h5"]
FORMATS_OF = {
    "little": [*FORMATS, "latest.h5"],
    "little_float16": WHOLE,
    "little_float64": ["whole.h5", "model.weights.h5"],
    "little_mixed_float16": WHOLE,
    "little_mixed_bfloat16": WHOLE,
    "channels_first": ["whole.h5", "model.keras"],
    "sequence": ["whole.h5", "model.weights.h5"],
    "nested": ["topology.json", *KERAS3_FORMATS],
    "unknown_class": ["whole.h5", "model.keras"],
    "keras2_little": [*FORMATS[:-1], "fixed_strings.h5"],
    "keras2_sequence": WHOLE,
    "automatic": ["whole.h5", "model.weights.h5"],
    "keras2_nested": ["whole.h5", "legacy_weights.h5", "topology.json"],
    "keras2_sequential": ["whole.h5", "model.keras"],
    "keras2_automatic": ["whole.h5", "legacy_weights.h5"],
    "keras2_channels_first": WHOLE,
    "keras2_shared": WHOLE,
    "keras2_operations": WHOLE,
    "keras2_hard_sigmoid": WHOLE,
    "keras2_merges": WHOLE,
}


def save(model, path):
    """Saves `model` in the format that the file's name says."""
    keras2 = not isinstance(model, keras.Model)
    match path.name:
        case "whole.h5" | "with_optimizer.h5":
            model.save(path, include_optimizer=path.name == "with_optimizer.h5")
        case "legacy_weights.h5" if keras2:
            model.save_weights(path)
        case "legacy_weights.h5":
            # Keras 3 reads this format and does not write it; its own function for the group does.
            with h5py.File(path, "w") as file:
                keras3_h5.save_weights_to_hdf5_group(file, model)
        case "model.weights.h5":
            model.save_weights(path)
        case "model.keras":
            model.save(path)
        case "topology.json":
            path.write_text(model.to_json())
        case "split.h5":
            module = keras2_h5 if keras2 else keras3_h5
            with mock.patch.object(module, "HDF5_OBJECT_HEADER_LIMIT", 60):
                model.save(path, include_optimizer=False)
        case "latest.h5":
            with h5py.File(path, "w", libver="latest") as file:
                keras3_h5.save_model_to_hdf5(model, file, include_optimizer=False)
        case "fixed_strings.h5":
            model.save(path, include_optimizer=False)
            with h5py.File(path, "a") as file:
                fix_strings(file)
        case "compressed.h5":
            rewrite(path.with_name("whole.h5"), path, compression="gzip", shuffle=True)


def fix_strings(file):
    """Turns every list of names into fixed-length strings and removes the versions."""

    def visit(_, item):
        for name in ("layer_names", "weight_names"):
            if name in item.attrs and len(item.attrs[name]):
                names = [x.encode() if isinstance(x, str) else x for x in item.attrs[name]]
                del item.attrs[name]
                item.attrs[name] = np.array(names, "S")

    file.visititems(visit)
    for item in (file, file["model_weights"]):
        for name in ("keras_version", "backend"):
            item.attrs.pop(name, None)
    config = file.attrs["model_config"]
    del file.attrs["model_config"]
    file.attrs["model_config"] = np.bytes_(config)


def rewrite(source, target, **storage):
    """Copies a file with its larger datasets in chunks of about half of each axis."""
    with h5py.File(source, "r") as old, h5py.File(target, "w") as new:
        new.attrs.update(old.attrs)

        def visit(name, item):
            if isinstance(item, h5py.Group):
                new.create_group(name).attrs.update(item.attrs)
            elif item.size > 16:
                chunks = tuple(max(1, size // 2 + 1) for size in item.shape)
                new.create_dataset(name, data=item[()], chunks=chunks, **storage)
            else:
                new.create_dataset(name, data=item[()])

        old.visititems(visit)


def compile_with_state(model):
    """Compiles with an optimizer whose state is not zero."""
    library = keras if isinstance(model, keras.Model) else tf_keras
    model.compile(library.optimizers.Adam(1e-3), loss="mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    random = np.random.default_rng(3)
    for variable in model.optimizer.variables[2:] if library is keras else []:
        variable.assign(random.random(tuple(variable.shape)).astype(np.float32))


def policy_of(name):
    return name.partition("little_")[2] or None


@contextlib.contextmanager
def dtype_policy(name):
    policy = policy_of(name)
    if policy:
        keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


def make(name, directory):
    """Writes one case and says what of it Keras cannot read back, or reads back differently."""
    build = KERAS3.get(name) or KERAS2[name]
    keras2 = name in KERAS2
    library = tf_keras if keras2 else keras
    library.backend.clear_session()
    library.utils.set_random_seed(1)
    directory = directory / name
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.iterdir():
        old.unlink()
    remarks = []
    with dtype_policy(name):
        model = build()
        randomise(model, seed_of(name))
        inputs = random_inputs(model, seed_of(name))
        for file in FORMATS_OF.get(name, KERAS3_FORMATS):
            if file == "with_optimizer.h5":
                compile_with_state(model)
            try:
                save(model, directory / file)
            except Exception as error:
                (directory / file).unlink(missing_ok=True)
                remarks.append(f"{file}: cannot be saved: {str(error).splitlines()[0][:150]}")
        run_through_twins(model)
        outputs = outputs_of(model, inputs)
        write_reference(directory / "expected.h5", inputs, outputs)
        for file in sorted(directory.iterdir()):
            if file.name == "topology.json" or file.name == "expected.h5":
                continue
            try:
                again = load(library, file, model)
            except Exception as error:
                remarks.append(f"{file.name}: cannot be reloaded: {str(error).splitlines()[0][:150]}")
                continue
            apart = difference(outputs_of(again, inputs), outputs)
            if apart > 1e-6:
                remarks.append(f"{file.name}: differs by {apart} when reloaded")
    return remarks


def load(library, path, model):
    """The model of a file, or a clone of `model` with the weights of a file."""
    if "weights" in path.name:
        model = library.models.clone_model(model)
        model.load_weights(path)
    else:
        model = library.models.load_model(path, compile=False)
    run_through_twins(model)
    finalise(model)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "formats")
    arguments = parser.parse_args()
    for name in arguments.cases or [*KERAS3, *KERAS2]:
        for remark in make(name, arguments.out):
            print(f"{name}/{remark}", flush=True)
    files = [file for file in arguments.out.rglob("*") if file.is_file()]
    print(f"{len(files)} files, {sum(file.stat().st_size for file in files):,} bytes")


if __name__ == "__main__":
    main()
