"""Writes constants.json: what Keras layers make of channels that carry a constant.

"folding" holds layers that sum over their input channels. Some input channels carry constants, then
zeros; the difference of the outputs before the activation is what a shift of the bias must replace. For each
output channel its value far from the border and its extremes anywhere are kept.

"emission" holds layers that pass channels on, fed with constant channels (plus a disturbance within
"edge" at some places): for each output channel the range of what comes out.

Run with Keras 3 on any backend: python make_constants.py
"""

import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers as L

rng = np.random.default_rng(7)
folding, emission = [], []


def settings(layer):
    noise = ("_initializer", "_regularizer", "_constraint")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)["config"]))

    def clean(value):
        if isinstance(value, list):
            return [clean(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        return {
            key: clean(inner)
            for key, inner in value.items()
            if not key.endswith(noise)
            and key not in ("name", "trainable", "dtype", "module", "registered_name",
                            "build_config", "seed")
        }

    return clean(config)


def randomize(layer):
    for weight in layer.weights:
        if "seed_generator" in weight.path:
            continue
        value = rng.normal(size=weight.shape)
        if "variance" in weight.path:
            value = np.abs(value) + 0.1
        weight.assign(np.round(value, 3).astype("float32"))


def stored_weights(layer):
    return [
        [weight.path.split("/", 1)[-1], [int(size) for size in weight.shape],
         [round(float(value), 3) for value in np.array(weight).ravel()]]
        for weight in layer.weights
        if "seed_generator" not in weight.path
    ]


def fold(layer, shape, axis=-1, call=None):
    """Differences that constants on every second channel make."""
    call = call or layer
    live = rng.normal(size=(1, *shape)).astype("float32")
    call(live)
    randomize(layer)
    channels = live.shape[axis]
    values = np.round(rng.normal(size=channels), 3)
    values[::2] = np.nan
    full, empty = live.copy(), live.copy()
    index = [slice(None)] * live.ndim
    for channel in range(1, channels, 2):
        index[axis] = channel
        full[tuple(index)] = values[channel]
        empty[tuple(index)] = 0
    difference = np.array(call(full)) - np.array(call(empty))
    moved = np.moveaxis(difference, axis, -1)
    # The middle of a large input sees no border.
    middle = moved[tuple(size // 2 for size in moved.shape[:-1])]
    flat = moved.reshape(-1, moved.shape[-1])
    folding.append(
        {
            "class_name": type(layer).__name__,
            "config": settings(layer),
            "input_shape": [None, *shape],
            "axis": axis % live.ndim,
            "constants": [None if np.isnan(value) else float(value) for value in values],
            "weights": stored_weights(layer),
            "middle": [float(value) for value in middle],
            "low": [float(value) for value in flat.min(axis=0)],
            "high": [float(value) for value in flat.max(axis=0)],
        }
    )


def emit(layer, *shapes, axis=-1, output_axis=-1, edge=0.25, merges=False):
    """The range of each output channel over inputs whose channels are constant up to the edge."""
    inputs, constants = [], []
    for shape in shapes:
        channels = shape[axis if axis < 0 else axis - 1]
        values = np.round(rng.normal(size=channels) * 2, 3)
        broad = [1] * (len(shape) + 1)
        broad[axis] = channels
        tensor = np.broadcast_to(values.reshape(broad), (64, *shape)).astype("float32").copy()
        disturbance = rng.uniform(-edge, edge, size=tensor.shape)
        # Half of the samples are disturbed anywhere, some to the bound itself.
        disturbance[:32] = 0
        disturbance[32:40] = edge
        disturbance[40:48] = -edge
        tensor += disturbance.astype("float32")
        constants.append([float(value) for value in values])
        inputs.append(tensor)
    build = [tensor[:1] for tensor in inputs]
    layer(build if merges else build[0])
    randomize(layer)
    result = np.array(layer(inputs if merges else inputs[0]))
    moved = np.moveaxis(result, output_axis, -1).reshape(result.shape[0], -1,
                                                       result.shape[output_axis])
    flat = moved.reshape(-1, moved.shape[-1])
    emission.append(
        {
            "class_name": type(layer).__name__,
            "config": settings(layer),
            "input_shapes": [[None, *shape] for shape in shapes],
            "axis": axis % (len(shapes[0]) + 1),
            "output_axis": output_axis % result.ndim,
            "output_shape": [None, *result.shape[1:]],
            "constants": constants,
            "edge": edge,
            "weights": stored_weights(layer),
            "middle": [float(value) for value in moved[0, len(moved[0]) // 2]],
            "low": [float(value) for value in flat.min(axis=0)],
            "high": [float(value) for value in flat.max(axis=0)],
        }
    )


def all_folding():
    for padding in ["valid", "same"]:
        fold(L.Conv2D(3, 3, padding=padding), (9, 9, 4))
        fold(L.Conv2D(3, (2, 5), strides=2, padding=padding), (13, 13, 4))
        fold(L.Conv2D(3, 3, dilation_rate=2, padding=padding), (13, 13, 4))
        fold(L.Conv2D(3, 2, strides=2, padding=padding), (8, 8, 4))
        fold(L.Conv2D(3, 1, strides=2, padding=padding), (7, 7, 4))
        fold(L.Conv3D(2, 3, padding=padding), (7, 7, 7, 4))
        fold(L.SeparableConv2D(3, 3, padding=padding, depth_multiplier=2), (9, 9, 4))
        fold(L.SeparableConv1D(3, 3, padding=padding), (11, 4))
        fold(L.Conv2DTranspose(3, 3, padding=padding), (9, 9, 4))
        fold(L.Conv2DTranspose(3, 2, strides=2, padding=padding), (5, 5, 4))
        fold(L.Conv2DTranspose(3, 3, strides=2, padding=padding), (7, 7, 4))
        fold(L.Conv2DTranspose(3, 2, strides=3, padding=padding), (5, 5, 4))
        fold(L.Conv1DTranspose(3, 4, strides=2, padding=padding), (9, 4))
    fold(L.Conv1D(3, 3, padding="causal", dilation_rate=2), (15, 4))
    fold(L.Dense(3), (4,))
    fold(L.Dense(3), (5, 4))
    fold(L.EinsumDense("abc,cde->abde", output_shape=(None, 1, 3), bias_axes="de"), (5, 4))
    fold(L.TimeDistributed(L.Dense(3)), (5, 4))


def all_emission():
    image = (5, 6, 3)
    for name in ["relu", "tanh", "sigmoid", "silu", "gelu", "hard_silu", "elu", "selu", "softplus",
                 "mish", "exponential", "softsign", "hard_sigmoid", "relu6", "leaky_relu",
                 "celu", "squareplus", "sparse_plus", "tanh_shrink", "soft_shrink", "hard_shrink",
                 "log_sigmoid"]:
        emit(L.Activation(name), image)
    emit(L.ReLU(max_value=2.0, negative_slope=0.25, threshold=0.5), image)
    emit(L.LeakyReLU(1.7), image)
    emit(L.PReLU(shared_axes=[1, 2]), image)
    emit(L.BatchNormalization(), image)
    emit(L.BatchNormalization(axis=1, scale=False), (3, 5, 6), axis=1, output_axis=1)
    emit(L.BatchNormalization(center=False), image)
    emit(L.GroupNormalization(-1), image, edge=0.0)
    emit(L.GroupNormalization(2), (5, 6, 4), edge=0.0)
    for padding in ["valid", "same"]:
        emit(L.MaxPooling2D(3, strides=2, padding=padding), image)
        emit(L.AveragePooling2D(3, strides=2, padding=padding), image)
        emit(L.AveragePooling1D(2, padding=padding), (5, 3))
    emit(L.GlobalAveragePooling2D(), image)
    emit(L.GlobalMaxPooling2D(keepdims=True), image)
    emit(L.AdaptiveAveragePooling2D(2), image)
    emit(L.ZeroPadding2D(1), image)
    emit(L.ZeroPadding1D(2), (5, 3))
    emit(L.Cropping2D(1), image)
    emit(L.UpSampling2D(2), image)
    emit(L.UpSampling2D(2, interpolation="bilinear"), image)
    emit(L.UpSampling2D(2, interpolation="bicubic"), image)
    emit(L.Rescaling(0.3, offset=-1.0), image)
    emit(L.Dropout(0.5), image)
    emit(L.Flatten(), (2, 2, 3))
    emit(L.Flatten(data_format="channels_first"), (3, 2, 2), axis=1)
    emit(L.Reshape((10, 9)), (10, 3, 3), axis=2, output_axis=-1)
    emit(L.Reshape((30, 3)), image)
    emit(L.Reshape((15, 2, 3)), image)
    emit(L.Permute((3, 1, 2)), image, output_axis=1)
    emit(L.RepeatVector(4), (3,))
    for layer in [L.Add, L.Multiply, L.Average, L.Maximum, L.Minimum]:
        emit(layer(), image, image, merges=True)
        emit(layer(), image, (1, 1, 3), merges=True)
        emit(layer(), image, (3,), merges=True)
    emit(L.Subtract(), image, image, merges=True)
    emit(L.Concatenate(), image, (5, 6, 2), merges=True)
    emit(L.Attention(), (5, 3), (6, 3), merges=True)
    emit(L.TimeDistributed(L.BatchNormalization()), image)
    emit(L.TimeDistributed(L.Activation("silu")), (4, 2, 3))


all_folding()
all_emission()


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return value


lines = [
    '"keras": ' + json.dumps(keras.__version__),
    '"folding": [\n' + ",\n".join(json.dumps(rounded(each)) for each in folding) + "\n]",
    '"emission": [\n' + ",\n".join(json.dumps(rounded(each)) for each in emission) + "\n]",
]
path = pathlib.Path(__file__).parent / "constants.json"
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(len(folding), "foldings,", len(emission), "emissions")
