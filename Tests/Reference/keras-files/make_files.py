"""Writes small models in every file kind, and what Keras itself says of their weights.

Run in an environment with keras 3, tensorflow and tf_keras:

    python Tests/Reference/keras-files/make_files.py

`expected.json` holds, for each model, the layers with weights (their path within nested models), and of
each weight the shape, type and CRC-32 of the bytes, in Keras's order.
"""

import json
import os
import pathlib
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tf_keras

HERE = pathlib.Path(__file__).parent


def randomize(model, seed):
    """Gives every weight values that no initializer makes, so that a mix-up shows."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        shape = tuple(weight.shape)
        values = rng.uniform(0.1, 1.0, shape)
        weight.assign(values.astype("float32"))


def leaves(model, prefix=()):
    for layer in model.layers:
        if hasattr(layer, "layers") and not hasattr(layer, "forward_layer"):
            yield from leaves(layer, prefix + (layer.name,))
        elif layer.weights:
            yield "/".join(prefix + (layer.name,)), layer


def numpy_of(weight):
    return np.asarray(weight.numpy() if hasattr(weight, "numpy") else weight)


def describe(model):
    layers = {}
    for path, layer in leaves(model):
        layers[path] = [
            {
                "shape": list(weight.shape),
                "type": str(numpy_of(weight).dtype),
                "crc32": zlib.crc32(numpy_of(weight).tobytes()),
            }
            for weight in layer.weights
        ]
    return layers


def nested(K):
    """A shared nested model, a nested Sequential, operations, wrappers, several outputs; compiled."""
    L = K.layers
    image = K.Input((8, 8, 3), name="image")
    x = L.Conv2D(4, 3, name="stem")(image)
    x = L.BatchNormalization(name="norm")(x)
    inner = K.Input((6, 6, 4), name="inner")
    y = L.Conv2D(5, 1, name="point")(inner)
    y = L.BatchNormalization(name="inner_norm")(y)
    backbone = K.Model(inner, y, name="backbone")
    if K is keras:
        a, b = backbone(x), backbone(K.ops.relu(x))
    else:
        a, b = backbone(x), backbone(L.ReLU(name="relu")(x))
    z = L.Add(name="sum")([a, b])
    head = K.Sequential(
        [L.DepthwiseConv2D(3, name="depth"), L.ReLU(name="rectify")], name="head"
    )
    z = head(z)
    if K is keras:
        z = z * 0.5
    z = L.Reshape((-1, 5), name="rows")(z)
    z = L.MultiHeadAttention(2, 3, name="attention")(z, value=z)
    z = L.Bidirectional(L.LSTM(3, return_sequences=True), name="both")(z)
    z = L.TimeDistributed(L.Dense(4), name="each")(z)
    g = L.GRU(3, name="state")(z)
    p = L.Dense(2, name="logits")(g)
    model = K.Model({"image": image}, {"logits": p, "state": g}, name="nested")
    model.compile("adam", "mse")
    model.fit(
        {"image": np.zeros((2, 8, 8, 3))},
        {"logits": np.zeros((2, 2)), "state": np.zeros((2, 3))},
        verbose=0,
    )
    return model


def sequential(K):
    L = K.layers
    return K.Sequential(
        [
            K.Input((8, 8, 3)),
            L.Conv2D(4, 3, activation="relu", use_bias=False, name="conv"),
            L.SeparableConv2D(6, 3, name="separable"),
            L.Flatten(name="flat"),
            L.Dense(3, activation="softmax", name="dense"),
        ],
        name="sequential",
    )


def deep(K):
    """Models in models in models, one of them frozen, one called by two others."""
    L = K.layers

    def dense(model):
        # Keras 2 cannot store two layers of one name below one model.
        return L.Dense(6, name="dense" if K is keras else f"{model}_dense")

    leaf_in = K.Input((6,), name="leaf_in")
    leaf = K.Model(leaf_in, dense("leaf")(leaf_in), name="leaf")
    middle = K.Sequential(
        [K.Input((6,)), leaf, L.BatchNormalization(name="norm"), dense("middle")],
        name="middle",
    )
    outer_in = K.Input((6,), name="outer_in")
    outer = K.Model(outer_in, L.Add(name="add")([middle(outer_in), outer_in]), name="outer")
    frozen = K.Sequential([K.Input((6,)), dense("frozen")], name="frozen")
    frozen.trainable = False
    i1, i2 = K.Input((6,), name="b_input"), K.Input((6,), name="a_input")
    x = L.Concatenate(name="join")([outer(i1), outer(frozen(i2)), frozen(i1)])
    return K.Model([i1, i2], [L.Dense(2, name="logits")(x), outer(i2)], name="deep")


def dtypes(K):
    L = K.layers
    x = inputs = K.Input((5,), name="inputs")
    for dtype in ("float16", "bfloat16", "float64"):
        x = L.Dense(5, dtype=dtype, name=dtype)(x)
    return K.Model(inputs, x, name="dtypes")


def long_names(K):
    """Names that need more than the 64 KiB of an object header."""
    L = K.layers
    x = inputs = K.Input((3,), name="inputs")
    for index in range(18):
        x = L.ReLU(name="n" * 4000 + str(index))(x)
    return K.Model(inputs, L.Dense(2, name="logits")(x), name="long_names")


def save(K, generation, name, model, kinds, expected, seed):
    randomize(model, seed)
    stem = f"{name}-keras{generation}"
    for kind in kinds:
        if kind == "json":
            (HERE / f"{stem}.json").write_text(model.to_json())
        elif kind == "h5":
            model.save(HERE / f"{stem}.h5")
        elif kind == "keras":
            model.save(HERE / f"{stem}.keras")
        elif kind == "weights":
            model.save_weights(str(HERE / f"{stem}.weights.h5"))
        elif kind == "legacy":
            model.save_weights(str(HERE / f"{stem}-legacy.h5"), save_format="h5")
    expected[stem] = describe(model)


def main():
    expected = {}
    all3 = ["h5", "keras", "weights", "json"]
    all2 = ["h5", "keras", "weights", "legacy", "json"]
    for seed, build in enumerate((nested, sequential, deep)):
        keras.utils.clear_session()
        save(keras, 3, build.__name__, build(keras), all3, expected, seed)
        tf_keras.backend.clear_session()
        save(tf_keras, 2, build.__name__, build(tf_keras), all2, expected, seed + 100)
    save(keras, 3, "dtypes", dtypes(keras), ["h5", "keras", "weights", "json"], expected, 7)
    save(keras, 3, "long_names", long_names(keras), ["h5"], expected, 8)
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
