"""Runs channels-first models where TensorFlow cannot: it has no such kernels for a CPU.

Every layer with `data_format="channels_first"` (Keras's kernels have one layout for both formats)
is called through a channels-last twin of itself with the same weights, between two transpositions.
The model that is saved stays channels-first throughout.
"""

import keras

# Flatten and the reductions of global pooling run in either format.
RUN_AS_THEY_ARE = (
    keras.layers.Flatten,
    keras.layers.GlobalAveragePooling1D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalAveragePooling3D,
    keras.layers.GlobalMaxPooling1D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.GlobalMaxPooling3D,
)


def channels_last(x):
    return keras.ops.moveaxis(x, 1, -1)


def channels_first(x):
    return keras.ops.moveaxis(x, -1, 1)


def run_through_twins(model):
    """Replaces the calls of the channels-first layers of `model` by calls of their twins."""
    for layer in model._flatten_layers(include_self=False):
        if getattr(layer, "data_format", None) != "channels_first":
            continue
        if isinstance(layer, RUN_AS_THEY_ARE):
            continue
        layer.call = twin_call(layer)


def twin_call(layer):
    config = layer.get_config() | {"data_format": "channels_last"}

    def call(x, *_, **__):
        twin = type(layer).from_config(config)
        x = channels_last(x)
        twin.build(x.shape)
        for mine, its in zip(layer.weights, twin.weights, strict=True):
            its.assign(mine)
        return channels_first(twin(x))

    return call
