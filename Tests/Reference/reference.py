"""What the scripts here share: seeded weights, seeded inputs, and reference groups in HDF5 files.

A reference is a group `espalier_reference` with one float32 dataset per input and output of a
model, `inputs/0`, `inputs/1`, … and `outputs/0`, …, in the order of `model.inputs` and
`model.outputs`, batch of 2. Keras ignores the group when it reads the file.
"""

import os
import zlib

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import absl.logging
import h5py
import keras
import numpy as np
from keras.src.legacy.saving.legacy_h5_format import save_model_to_hdf5

absl.logging.set_verbosity(absl.logging.ERROR)

GROUP = "espalier_reference"
BATCH = 2


def seed_of(name):
    """A number that depends on the name alone, so that cases can come and go."""
    return zlib.crc32(name.encode())


def random_weight(path, shape, random):
    """A value for the weight at `path`: non-trivial, and such that activations stay near 1."""
    last = path.rsplit("/", 1)[-1].removesuffix(":0")
    if "variance" in last or last in ("gamma", "scale"):
        return random.uniform(0.5, 1.5, shape)
    if len(shape) < 2:
        return random.normal(0, 0.2, shape)
    if "depthwise" in last:
        fan_in = np.prod(shape[:-2])
    else:
        fan_in = np.prod(shape[:-1])
    return random.normal(0, 1, shape) / np.sqrt(max(fan_in, 1))


def randomise(model, seed):
    """Gives every float weight of a Keras 2 or 3 model a seeded value, batch statistics included."""
    random = np.random.default_rng(seed)
    for weight in model.weights:
        if "float" not in str(weight.dtype):
            continue
        path = getattr(weight, "path", None) or weight.name
        value = random_weight(path, tuple(weight.shape), random)
        weight.assign(keras.ops.cast(value, keras.backend.standardize_dtype(weight.dtype)))
    finalise(model)


def finalise(model):
    """Lets Normalization layers see the statistics that were assigned: Keras caches them."""
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, keras.layers.Normalization) and layer.input_mean is None:
            layer.finalize_state()


def random_inputs(model, seed, batch=BATCH):
    """Standard normal floats, or small integers where the input is of integers."""
    random = np.random.default_rng(seed + 1)
    values = []
    for tensor in model.inputs:
        shape = (batch, *tensor.shape[1:])
        if "int" in str(tensor.dtype):
            values.append(random.integers(0, 5, shape).astype(np.int32))
        else:
            values.append(random.standard_normal(shape).astype(np.float32))
    return values


def suitable_inputs(model, seed):
    """Random inputs in the range that the model expects: images of 0 … 255 where it rescales them itself."""
    inputs = random_inputs(model, seed)
    if any(layer.__class__.__name__ == "Rescaling" for layer in model.layers):
        inputs = [127.5 + 64 * x for x in inputs]
    return inputs


def outputs_of(model, inputs):
    """The outputs at inference as a list of float32 arrays."""
    structure = getattr(model, "_inputs_struct", None)
    if structure is None:
        structure = inputs[0] if len(inputs) == 1 else inputs
    packed = keras.tree.pack_sequence_as(structure, inputs)
    outputs = keras.tree.flatten(model(packed, training=False))
    return [keras.ops.convert_to_numpy(keras.ops.cast(x, "float32")) for x in outputs]


def write_reference(path, inputs, outputs):
    """Adds the reference group to the HDF5 file at `path`, which is made if need be."""
    with h5py.File(path, "a", libver="v108") as file:
        add_reference(file, inputs, outputs)


def add_reference(file, inputs, outputs):
    group = file.create_group(GROUP)
    for kind, arrays in (("inputs", inputs), ("outputs", outputs)):
        subgroup = group.create_group(kind)
        for index, array in enumerate(arrays):
            subgroup.create_dataset(str(index), data=np.asarray(array, np.float32))


def save_small(path, model, inputs, outputs):
    """Saves a whole-model `.h5` as `model.save` does, and a reference, in a layout of less air."""
    with h5py.File(path, "w", libver="v108", meta_block_size=512) as file:
        save_model_to_hdf5(model, file, include_optimizer=False)
        add_reference(file, inputs, outputs)


def read_reference(path):
    """(inputs, outputs) of the reference group at `path`."""
    with h5py.File(path, "r") as file:
        group = file[GROUP]
        return tuple(
            [group[kind][str(index)][()] for index in range(len(group[kind]))]
            for kind in ("inputs", "outputs")
        )


def difference(actual, expected):
    """Largest difference, relative to the largest expected magnitude."""
    worst = 0.0
    for one, other in zip(actual, expected, strict=True):
        if one.shape != other.shape:
            return float("inf")
        scale = max(float(np.max(np.abs(other), initial=0)), 1e-6)
        worst = max(worst, float(np.max(np.abs(one - other), initial=0)) / scale)
    return worst
