"""Writes small networks with the outputs that Keras computes for them, as JSON.

    python make_fixtures.py        # writes *.json beside itself

Needs keras 3 with any backend. Weights and inputs are seeded; batch-norm statistics are not trivial.
"""

import json
import pathlib

import keras
import numpy as np
from keras import layers as L

HERE = pathlib.Path(__file__).parent


def randomised(model, seed):
    random = np.random.default_rng(seed)
    for layer in model.layers:
        values = []
        for weight in layer.weights:
            value = random.normal(0, 0.5, weight.shape)
            if "variance" in weight.path:
                value = random.uniform(0.5, 2, weight.shape)
            values.append(value.astype("float32"))
        layer.set_weights(values)
    return model


def write(name, model, seed=1, batch=2):
    randomised(model, seed)
    random = np.random.default_rng(seed + 1000)
    order = []
    nodes = []
    for layer in model.layers:
        node = layer._inbound_nodes[-1]
        sources = [t._keras_history.operation.name for t in node.input_tensors]
        order.append(layer.name)
        nodes.append({"layer": len(order) - 1, "inputs": [order.index(s) for s in sources]})
    inputs = [
        random.normal(0, 1, [batch] + list(i.shape[1:])).astype("float32") for i in model.inputs
    ]
    outputs = model(inputs if len(inputs) > 1 else inputs[0])
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]

    def tensor(value):
        value = np.asarray(value, "float32")
        return {"shape": list(value.shape), "values": [float(f"{v:.9g}") for v in value.ravel()]}

    fixture = {
        "name": name,
        "layers": [
            {
                "name": layer.name,
                "class": type(layer).__name__,
                "config": json.loads(json.dumps(layer.get_config(), default=str)),
                "weights": [dict(role=w.path.split("/")[-1], **tensor(w)) for w in layer.weights],
            }
            for layer in model.layers
        ],
        "nodes": nodes,
        "inputs": [order.index(i._keras_history.operation.name) for i in model.inputs],
        "outputs": [order.index(o._keras_history.operation.name) for o in model.outputs],
        "given": [tensor(i) for i in inputs],
        "expected": [tensor(o) for o in outputs],
    }
    (HERE / f"{name}.json").write_text(json.dumps(fixture, separators=(",", ":")))


def residual():
    i = keras.Input((13, 11, 3))
    x = L.ZeroPadding2D(((1, 2), (3, 1)))(i)
    x = L.Conv2D(8, 5, strides=2)(x)
    x = L.BatchNormalization()(x)
    x = L.ReLU()(x)
    x = L.MaxPooling2D(3, strides=2, padding="same")(x)
    y = L.Conv2D(16, 1, use_bias=False)(x)
    y = L.BatchNormalization()(y)
    y = L.ReLU()(y)
    y = L.Conv2D(24, 3, padding="same", dilation_rate=2)(y)
    y = L.BatchNormalization()(y)
    s = L.Conv2D(24, 1)(x)
    s = L.BatchNormalization()(s)
    x = L.ReLU()(L.Add()([s, y]))
    y = L.Conv2D(24, 3, padding="same", groups=4)(x)
    x = L.Add()([x, y])
    x = L.Concatenate()([x, L.AveragePooling2D(2, strides=1, padding="same")(x), y])
    x = L.BatchNormalization()(x)
    x = L.Activation("relu")(x)
    x = L.Flatten()(x)
    return keras.Model(i, L.Dense(7, activation="softmax")(x))


def mobile():
    i = keras.Input((16, 12, 3))
    x = L.Conv2D(16, 3, strides=2, padding="same", use_bias=False)(i)
    x = L.BatchNormalization()(x)
    x = L.ReLU(6.0)(x)
    x = L.DepthwiseConv2D(3, padding="same")(x)
    x = L.BatchNormalization(scale=False)(x)
    x = L.Activation("silu")(x)
    s = L.GlobalAveragePooling2D(keepdims=True)(x)
    s = L.Conv2D(4, 1, activation="relu")(s)
    s = L.Conv2D(16, 1, activation="sigmoid")(s)
    x = L.Multiply()([x, s])
    y = L.Conv2D(16, 1)(x)
    x = L.Add()([x, y])
    x = L.ZeroPadding2D(1)(x)
    x = L.DepthwiseConv2D(3, strides=2, depth_multiplier=2)(x)
    x = L.LeakyReLU()(x)
    x = L.SeparableConv2D(20, 3, padding="same", activation="gelu")(x)
    x = L.Cropping2D(((1, 0), (0, 1)))(x)
    a = L.GlobalAveragePooling2D()(x)
    b = L.GlobalMaxPooling2D()(x)
    x = L.Concatenate()([a, b])
    x = L.Dropout(0.5)(x)
    h = L.Dense(9, activation="tanh")(x)
    h = L.BatchNormalization(center=False)(h)
    return keras.Model(i, [L.Softmax()(L.Dense(5)(h)), L.Reshape((3, 3))(h)])


def chain():
    """Functions of one kind with several settings behind one convolution."""
    i = keras.Input((6, 5, 8))
    x = L.Conv2D(16, 1)(i)
    x = L.LeakyReLU(0.1)(x)
    x = L.Activation("tanh")(x)
    x = L.LeakyReLU(0.6)(x)
    x = L.Conv2D(12, 3)(x)
    x = L.ReLU(4.0)(x)
    x = L.Activation("hard_tanh")(x)
    y = L.Conv2D(12, 3, padding="same")(x)
    x = L.Add()([x, L.Activation("elu")(y)])
    x = L.ELU(0.3)(x)
    return keras.Model(i, x)


if __name__ == "__main__":
    write("residual", residual())
    write("mobile", mobile())
    write("chain", chain())
