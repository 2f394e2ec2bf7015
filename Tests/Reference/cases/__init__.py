"""The cases of `make_layers.py`: a name and a function that builds a small model, each."""

import keras

CASES = {}


def case(build):
    """Registers a function that builds a model; its name is the case's."""
    assert build.__name__ not in CASES, build.__name__
    CASES[build.__name__] = build
    return build


def single(name, shape, layer, dtype=None):
    """Registers a model of one input of `shape` (without batch) and the layer that `layer` makes."""

    def build():
        x = keras.Input(shape, dtype=dtype, name="x")
        return keras.Model(x, layer()(x), name=name)

    build.__name__ = name
    case(build)


def merged(name, shapes, layer):
    """Registers a model of several inputs and the layer that joins them."""

    def build():
        xs = [keras.Input(shape, name=f"x{index}") for index, shape in enumerate(shapes)]
        return keras.Model(xs, layer()(xs), name=name)

    build.__name__ = name
    case(build)


from cases import (  # noqa: E402,F401
    activation,
    attention,
    convolution,
    dense,
    merge,
    network,
    normalization,
    operation,
    pooling,
    recurrent,
    reshaping,
)
