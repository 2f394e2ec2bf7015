"""Writes layer_shapes.json: what Keras makes of many layers, for ModelGraph's tests.

Each line of "layers" is one layer with its settings, the shapes that it is given, the shapes that it
gives and its weights; "operations" are nodes of saved graphs that are not layers; "activations" are
values of each activation function on a grid. Run with Keras 3 on any backend:

    python make_shapes.py
"""

import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers as L
from keras import ops

cases = []


def shape_of(tensor):
    return [None if size is None else int(size) for size in tensor.shape]


def settings(config):
    """A configuration without what has nothing to do with shapes."""
    if isinstance(config, list):
        return [settings(value) for value in config]
    if not isinstance(config, dict):
        return config
    noise = ("_initializer", "_regularizer", "_constraint")
    return {
        key: settings(value)
        for key, value in config.items()
        if not key.endswith(noise) and key not in ("name", "trainable", "dtype", "module",
                                                   "registered_name", "build_config", "seed")
    }


def case(layer, *inputs, dtype="float32", **kwargs):
    """One layer called on inputs of these shapes (without the batch)."""
    tensors = [keras.Input(shape, dtype=dtype) for shape in inputs]
    merges = isinstance(
        layer,
        (L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum, L.Concatenate, L.Dot,
         L.Attention, L.AdditiveAttention),
    )
    outputs = layer(tensors, **kwargs) if merges else layer(*tensors, **kwargs)
    record(layer, tensors, outputs, kwargs)


def record(layer, tensors, outputs, kwargs):
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    cases.append(
        {
            "class_name": type(layer).__name__,
            "config": settings(
                json.loads(json.dumps(keras.saving.serialize_keras_object(layer)["config"]))
            ),
            "input_shapes": [shape_of(tensor) for tensor in tensors],
            "keywords": kwargs,
            "output_shapes": [shape_of(tensor) for tensor in outputs],
            "weights": [
                [weight.path.split("/", 1)[-1], [int(size) for size in weight.shape]]
                for weight in layer.weights
                if "seed_generator" not in weight.path
            ],
        }
    )


def convolutions():
    for padding in ["valid", "same", "causal"]:
        for kernel, strides, dilation in [(3, 1, 1), (3, 2, 1), (2, 3, 1), (3, 1, 2), (1, 1, 1)]:
            case(L.Conv1D(5, kernel, strides=strides, dilation_rate=dilation, padding=padding),
                 (17, 4))
    for padding in ["valid", "same"]:
        for kernel, strides, dilation in [
            (3, 1, 1), ((3, 5), (2, 1), 1), (2, 2, 1), ((5, 3), 1, (2, 3)), (1, 2, 1)
        ]:
            case(L.Conv2D(6, kernel, strides=strides, dilation_rate=dilation, padding=padding,
                          use_bias=kernel != 2), (19, 16, 4))
            case(L.Conv2DTranspose(6, kernel, strides=strides if dilation == 1 else 1,
                                   dilation_rate=dilation, padding=padding), (9, 7, 4))
            if strides in (1, 2):
                case(L.DepthwiseConv2D(kernel, strides=strides, dilation_rate=dilation,
                                       padding=padding, depth_multiplier=3), (19, 16, 4))
                case(L.SeparableConv2D(6, kernel, strides=strides, dilation_rate=dilation,
                                       padding=padding, depth_multiplier=2), (19, 16, 4))
        case(L.Conv3D(3, (2, 3, 4), strides=(1, 2, 3), padding=padding), (9, 10, 11, 2))
        case(L.Conv3DTranspose(3, (2, 3, 4), strides=(1, 2, 3), padding=padding), (4, 5, 6, 2))
        case(L.Conv1DTranspose(3, 4, strides=3, padding=padding), (10, 2))
        case(L.Conv1DTranspose(3, 2, strides=3, padding=padding, use_bias=False), (10, 2))
        case(L.Conv1DTranspose(3, 4, strides=3, padding=padding, output_padding=2), (10, 2))
        case(L.Conv2DTranspose(3, (4, 3), strides=3, padding=padding, output_padding=(1, 2)),
             (10, 6, 2))
        case(L.DepthwiseConv1D(3, strides=2, padding=padding, depth_multiplier=2), (11, 3))
        case(L.SeparableConv1D(7, 3, strides=2, padding=padding), (11, 3))
        for format in ["channels_last", "channels_first"]:
            case(L.Conv2D(6, 3, strides=2, padding=padding, groups=2, data_format=format),
                 (4, 16, 8) if format == "channels_first" else (16, 8, 4))
            case(L.Conv2DTranspose(6, 3, strides=2, padding=padding, data_format=format),
                 (4, 8, 4))
            case(L.DepthwiseConv2D(3, padding=padding, data_format=format), (4, 8, 4))
            case(L.SeparableConv2D(5, 3, padding=padding, data_format=format), (4, 8, 4))
    case(L.Conv2D(8, 3, groups=4), (None, None, 12))
    case(L.Conv1D(8, 3, padding="same", strides=2), (None, 12))
    case(L.Conv2DTranspose(8, 3, strides=2, padding="same"), (None, None, 12))
    case(L.Conv1D(8, 3, groups=4, data_format="channels_first"), (12, 20))


def products():
    case(L.Dense(5), (7,))
    case(L.Dense(5, use_bias=False, activation="relu"), (3, 7))
    case(L.Dense(5), (None, 4, 7))
    for equation, output, bias, shape in [
        ("ab,bc->ac", 9, "c", (7,)),
        ("abc,cd->abd", (None, 9), None, (5, 7)),
        ("abc,cde->abde", (5, 3, 4), "de", (5, 7)),
        ("...x,xy->...y", 9, "y", (5, 7)),
        ("...bc,cd->...bd", (5, 9), "d", (2, 5, 7)),
        ("ab...,bc->ac...", 9, "c", (7, 3)),
        ("abde,dec->abc", (None, 6), "c", (5, 3, 4)),
    ]:
        case(L.EinsumDense(equation, output_shape=output, bias_axes=bias), shape)
    case(L.Embedding(50, 8), (6,), dtype="int32")
    case(L.Embedding(50, 8, mask_zero=True), (None, 3), dtype="int32")
    case(L.Embedding(50, 8), (), dtype="int32")


def pooling():
    for name in ["MaxPooling", "AveragePooling"]:
        for padding in ["valid", "same"]:
            for rank, shape in [(1, (11, 3)), (2, (11, 8, 3)), (3, (7, 8, 9, 3))]:
                layer = getattr(L, f"{name}{rank}D")
                case(layer(2, padding=padding), shape)
                case(layer(pool_size=3, strides=2, padding=padding), shape)
            case(getattr(L, f"{name}2D")((3, 2), strides=1, padding=padding,
                                         data_format="channels_first"), (3, 11, 8))
            case(getattr(L, f"{name}2D")((3, 2), padding=padding), (None, 8, 3))
    for name in ["GlobalMaxPooling", "GlobalAveragePooling"]:
        for keeps in [False, True]:
            for rank, shape in [(1, (11, 3)), (2, (11, 8, 3)), (3, (7, 8, 9, 3))]:
                layer = getattr(L, f"{name}{rank}D")
                case(layer(keepdims=keeps), shape)
                case(layer(keepdims=keeps, data_format="channels_first"), shape)
    for name in ["AdaptiveMaxPooling", "AdaptiveAveragePooling"]:
        case(getattr(L, f"{name}1D")(4), (11, 3))
        case(getattr(L, f"{name}2D")((4, 3)), (11, 8, 3))
        case(getattr(L, f"{name}2D")(2, data_format="channels_first"), (3, 11, 8))
        case(getattr(L, f"{name}3D")(2), (7, 8, 9, 3))


def normalization():
    for axis, shape in [(-1, (5, 6, 4)), (1, (5, 6, 4)), (-1, (7,)), (2, (5, 6, 4))]:
        for center, scale in [(True, True), (False, True), (True, False), (False, False)]:
            case(L.BatchNormalization(axis=axis, center=center, scale=scale), shape)
    for axis in [-1, [1, 2], [-2, -1], 1, [3]]:
        case(L.LayerNormalization(axis=axis), (5, 6, 4))
        case(L.RMSNormalization(axis=axis), (5, 6, 4))
        case(L.UnitNormalization(axis=axis), (5, 6, 4))
    case(L.LayerNormalization(center=False), (5, 4))
    case(L.LayerNormalization(scale=False), (5, 4))
    case(L.LayerNormalization(), (None, None, 4))
    for groups, axis in [(2, -1), (-1, -1), (1, -1), (5, 1), (4, -1)]:
        case(L.GroupNormalization(groups, axis=axis), (5, 6, 4))
    case(L.GroupNormalization(2, center=False, scale=False), (5, 6, 4))
    for axis in [-1, None, (1, 3), 2]:
        case(L.Normalization(axis=axis), (5, 6, 4))
    case(L.Normalization(mean=0.5, variance=2.0), (5, 6, 4))
    case(L.Normalization(mean=[1.0, 2.0], variance=[1.0, 3.0]), (5, 2))
    case(L.Rescaling(1 / 255.0), (5, 6, 4))
    case(L.Rescaling([1.0, 2.0, 3.0], offset=[0.0, 1.0, 2.0]), (5, 6, 3))


def activations():
    for name in ["relu", "softmax", "gelu", "hard_silu", "log_softmax", "sparsemax"]:
        case(L.Activation(name), (5, 4))
    case(L.ReLU(6.0), (5, 4))
    case(L.ReLU(negative_slope=0.1, threshold=1.0), (5, 4))
    case(L.LeakyReLU(0.2), (5, 4))
    case(L.ELU(0.7), (5, 4))
    case(L.Softmax(axis=1), (5, 4))
    case(L.Softmax(axis=[1, 2]), (5, 4, 3))
    case(L.PReLU(), (5, 6, 4))
    case(L.PReLU(shared_axes=[1, 2]), (5, 6, 4))
    case(L.PReLU(shared_axes=[1, 2]), (None, None, 4))


def merging():
    for layer in [L.Add, L.Multiply, L.Average, L.Maximum, L.Minimum]:
        case(layer(), (5, 6, 4), (5, 6, 4), (5, 6, 4))
        case(layer(), (5, 6, 4), (1, 1, 4))
        case(layer(), (5, 6, 4), (5, 6, 1))
        case(layer(), (4,), (5, 6, 4))
    case(L.Subtract(), (5, 4), (5, 4))
    case(L.Add(), (None, None, 4), (1, 1, 4))
    case(L.Add(), (None, None, 4), (None, None, 4))
    case(L.Concatenate(), (5, 4), (5, 3), (5, 1))
    case(L.Concatenate(axis=1), (5, 4), (2, 4))
    case(L.Concatenate(axis=-2), (5, 2, 4), (5, 7, 4))
    case(L.Concatenate(axis=-1), (None, None, 4), (None, 7, 4))
    case(L.Concatenate(axis=1), (None, 4), (2, 4))
    case(L.Dot(axes=1), (5,), (5,))
    case(L.Dot(axes=(2, 1)), (3, 5), (5, 4))
    case(L.Dot(axes=-1, normalize=True), (3, 5), (4, 5))
    case(L.Dot(axes=1), (5, 3), (5, 4))


def reshaping():
    for format in ["channels_last", "channels_first"]:
        case(L.Flatten(data_format=format), (5, 6, 4))
        case(L.Flatten(data_format=format), (5,))
        case(L.Flatten(data_format=format), ())
        case(L.Flatten(data_format=format), (None, 4))
        case(L.ZeroPadding2D(((1, 2), (3, 4)), data_format=format), (5, 6, 4))
        case(L.Cropping2D(((1, 2), (1, 0)), data_format=format), (5, 6, 7))
        case(L.UpSampling2D((2, 3), data_format=format), (5, 6, 4))
        case(L.UpSampling3D((2, 3, 1), data_format=format), (5, 6, 4, 3))
        case(L.ZeroPadding3D(((1, 2), (0, 0), (1, 1)), data_format=format), (5, 6, 4, 3))
        case(L.Cropping3D((1, 2, 1), data_format=format), (5, 6, 7, 3))
        case(L.ZeroPadding1D((2, 1), data_format=format), (5, 4))
    case(L.Reshape((-1,)), (5, 6, 4))
    case(L.Reshape((3, -1, 2)), (5, 6, 4))
    case(L.Reshape((10, 12)), (5, 6, 4))
    case(L.Reshape((-1, 4)), (None, 6, 4))
    case(L.Reshape((6, 4)), (None, 4))
    case(L.Permute((2, 1)), (5, 4))
    case(L.Permute((3, 1, 2)), (5, 6, 4))
    case(L.Permute((1, 3, 2)), (None, 6, 4))
    case(L.RepeatVector(3), (5,))
    case(L.ZeroPadding2D(), (5, 6, 4))
    case(L.ZeroPadding2D((1, 2)), (5, None, 4))
    case(L.ZeroPadding1D(3), (5, 4))
    case(L.Cropping1D((1, 2)), (5, 4))
    case(L.Cropping1D(2), (5, 4))
    case(L.Cropping2D(1), (5, None, 4))
    case(L.UpSampling1D(3), (5, 4))
    case(L.UpSampling2D(2, interpolation="bilinear"), (None, 6, 4))
    case(L.Resizing(8, 9), (5, 6, 4))
    case(L.Identity(), (5, 4))
    case(L.Masking(), (5, 4))
    for layer in [L.Dropout(0.5), L.AlphaDropout(0.5), L.GaussianDropout(0.5),
                  L.GaussianNoise(0.5), L.ActivityRegularization(l2=0.1),
                  L.SpatialDropout1D(0.5)]:
        case(layer, (5, 4))
    case(L.SpatialDropout2D(0.5), (5, 6, 4))
    for layer in [L.RandomFlip(), L.RandomRotation(0.1), L.RandomZoom(0.1),
                  L.RandomTranslation(0.1, 0.1), L.RandomContrast(0.1), L.RandomBrightness(0.1)]:
        case(layer, (5, 6, 3))


def recurrent():
    for sequences in [False, True]:
        for state in [False, True]:
            for layer in [L.LSTM, L.GRU, L.SimpleRNN]:
                case(layer(6, return_sequences=sequences, return_state=state), (5, 4))
    case(L.LSTM(6, use_bias=False), (5, 4))
    case(L.GRU(6, reset_after=False), (5, 4))
    case(L.GRU(6, use_bias=False), (5, 4))
    case(L.LSTM(6, return_sequences=True, go_backwards=True), (None, 4))
    for layer in [L.LSTM, L.GRU, L.SimpleRNN]:
        for mode in ["concat", "sum", "mul", "ave", None]:
            case(L.Bidirectional(layer(6, return_sequences=mode != "sum"), merge_mode=mode),
                 (5, 4))
    case(L.Bidirectional(L.LSTM(6, return_state=True)), (5, 4))
    case(L.Bidirectional(L.GRU(6, return_state=True, return_sequences=True), merge_mode="sum"),
         (None, 4))
    case(L.TimeDistributed(L.Dense(3)), (5, 4))
    case(L.TimeDistributed(L.Conv2D(3, 3, padding="same")), (5, 8, 9, 4))
    case(L.TimeDistributed(L.BatchNormalization()), (5, 8, 4))
    case(L.TimeDistributed(L.Flatten()), (None, 8, 4))
    case(L.TimeDistributed(L.GlobalAveragePooling2D()), (5, 8, 9, 4))


def attention():
    case(L.MultiHeadAttention(3, 8), (5, 6), (7, 4))
    case(L.MultiHeadAttention(3, 8), (5, 6), (7, 4), (7, 9))
    case(L.MultiHeadAttention(3, 8, value_dim=5, use_bias=False), (5, 6), (7, 4))
    case(L.MultiHeadAttention(3, 8, output_shape=11), (5, 6), (7, 4))
    case(L.MultiHeadAttention(3, 8, use_gate=True, value_dim=5), (5, 6), (7, 4))
    case(L.MultiHeadAttention(3, 8, attention_axes=(2,)), (5, 2, 6), (5, 7, 4))
    case(L.MultiHeadAttention(3, 8), (5, 6), (5, 6), return_attention_scores=True)
    case(L.Attention(), (5, 6), (7, 6))
    case(L.Attention(use_scale=True), (5, 6), (7, 3), (7, 6))
    case(L.Attention(score_mode="concat", use_scale=True), (5, 6), (7, 6))
    case(L.Attention(), (5, 6), (7, 6), return_attention_scores=True)
    case(L.AdditiveAttention(), (5, 6), (7, 6))
    case(L.AdditiveAttention(use_scale=False), (5, 6), (7, 6))


operation_cases = []


def argument(value):
    """An argument as the graph holds it, with tensors replaced by "T"."""
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        return "T"
    if isinstance(value, dict):
        return {key: argument(inner) for key, inner in value.items()}
    return [argument(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def operation(function, *shapes):
    """The last node of a small graph of operations."""
    tensors = [keras.Input(shape) for shape in shapes]
    result = function(*tensors)
    outputs = result if isinstance(result, (list, tuple)) else [result]
    model = keras.Model(tensors, outputs)
    node = [
        layer for layer in json.loads(model.to_json())["config"]["layers"]
        if layer["class_name"] != "InputLayer"
    ]
    assert len(node) == 1, node
    call = node[0]["inbound_nodes"][0]
    operation_cases.append(
        {
            "class_name": node[0]["class_name"],
            "config": node[0]["config"],
            "input_shapes": [shape_of(tensor) for tensor in tensors],
            "arguments": argument(call["args"]),
            "keywords": argument(call["kwargs"]),
            "output_shapes": [shape_of(tensor) for tensor in outputs],
        }
    )


def operations():
    image = (4, 6, 8)
    vector = np.arange(8, dtype="float32")
    for function in [
        lambda x: x + 1.0, lambda x: 2 * x, lambda x: 1 - x, lambda x: x / 2, lambda x: 2 / x,
        lambda x: x * vector, lambda x: x**2, lambda x: ops.maximum(x, 0.0),
        lambda x: ops.minimum(x, 6.0), lambda x: -x,
        lambda x: ops.mean(x, axis=(1, 2)), lambda x: ops.mean(x, axis=[1, 2], keepdims=True),
        lambda x: ops.mean(x, axis=-1), lambda x: ops.max(x, axis=(1, 2)),
        lambda x: ops.min(x, axis=1), lambda x: ops.sum(x, axis=1, keepdims=True),
        lambda x: ops.var(x, axis=1), lambda x: ops.std(x, axis=-1), lambda x: ops.prod(x, axis=2),
        lambda x: ops.transpose(x, (0, 3, 1, 2)), lambda x: ops.swapaxes(x, 1, 3),
        lambda x: ops.moveaxis(x, 1, -1), lambda x: ops.reshape(x, (-1, 24, 8)),
        lambda x: ops.reshape(x, (-1, 4, 48)), lambda x: ops.expand_dims(x, 1),
        lambda x: ops.expand_dims(x, -1), lambda x: x[:, 1:, ::2], lambda x: x[:, 0],
        lambda x: x[..., :3], lambda x: x[:, -1, 1:-1],
        lambda x: ops.relu(x), lambda x: ops.relu6(x), lambda x: ops.sigmoid(x),
        lambda x: ops.silu(x), lambda x: ops.tanh(x), lambda x: ops.exp(x), lambda x: ops.log(x),
        lambda x: ops.sqrt(x), lambda x: ops.rsqrt(x), lambda x: ops.square(x),
        lambda x: ops.abs(x), lambda x: ops.clip(x, 0, 6), lambda x: ops.leaky_relu(x, 0.1),
        lambda x: ops.elu(x), lambda x: ops.gelu(x), lambda x: ops.hard_silu(x),
        lambda x: ops.hard_sigmoid(x), lambda x: ops.softplus(x), lambda x: ops.softmax(x),
        lambda x: ops.log_softmax(x), lambda x: ops.selu(x), lambda x: ops.cast(x, "float16"),
        lambda x: ops.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]]),
        lambda x: ops.split(x, 2, axis=-1), lambda x: ops.split(x, [1, 4], axis=2),
        lambda x: ops.normalize(x), lambda x: ops.image.resize(x, (8, 12)),
        lambda x: ops.repeat(x, 2, axis=1), lambda x: ops.tile(x, (1, 2, 1, 1)),
        lambda x: ops.depth_to_space(x, 2), lambda x: ops.space_to_depth(x, 2),
        lambda x: ops.flip(x, axis=1),
        lambda x: ops.stop_gradient(x), lambda x: ops.threshold(x, 0.5, 0.1),
    ]:
        operation(function, image)
    operation(lambda x: ops.squeeze(x, 1), (1, 6, 8))
    operation(lambda x: ops.squeeze(x, (1, 2)), (1, 1, 8))
    for function in [lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y,
                     lambda x, y: x / y, ops.maximum, ops.minimum,
                     lambda x, y: ops.concatenate([x, y], axis=-1),
                     lambda x, y: ops.concatenate([x, y], axis=1),
                     lambda x, y: ops.stack([x, y], axis=1)]:
        operation(function, image, image)
    operation(lambda x, y: x * y, image, (1, 1, 8))
    operation(lambda x, y: x + y, (8,), (8,))
    operation(ops.matmul, (5, 4), (4, 7))
    operation(ops.matmul, (2, 5, 4), (2, 4, 7))
    operation(lambda x, y: ops.einsum("bhwc,bhwd->bcd", x, y), image, image)


grid = [-6.0, -3.5, -3.0, -2.5, -1.5, -1.0, -0.7, -0.5, -0.2, 0.0, 0.1, 0.5, 0.51, 0.9, 1.0, 1.3,
        2.0, 2.5, 3.0, 3.2, 6.0, 7.5]


def functions():
    values = []
    for name in ["linear", "relu", "relu6", "leaky_relu", "sigmoid", "tanh", "softplus",
                 "softsign", "exponential", "mish", "silu", "swish", "gelu", "elu", "celu", "selu",
                 "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "hard_shrink",
                 "soft_shrink", "tanh_shrink", "log_sigmoid", "sparse_plus", "sparse_sigmoid",
                 "squareplus", "softmax", "log_softmax", "sparsemax", "glu"]:
        function = keras.activations.get(name)
        result = np.array(function(np.array([grid], dtype="float32")))[0]
        values.append({"activation": name, "values": [float(value) for value in result]})
    for layer in [L.ReLU(6.0), L.ReLU(negative_slope=0.1, threshold=1.0),
                  L.ReLU(max_value=2.0, negative_slope=0.25), L.LeakyReLU(0.3), L.ELU(0.7)]:
        result = np.array(layer(np.array([grid], dtype="float32")))[0]
        described = keras.saving.serialize_keras_object(layer)
        values.append(
            {
                "activation": settings(json.loads(json.dumps(described))),
                "values": [float(value) for value in result],
            }
        )
    return values


for group in [convolutions, products, pooling, normalization, activations, merging, reshaping,
              recurrent, attention]:
    group()
operations()
lines = [
    '"keras": ' + json.dumps(keras.__version__),
    '"grid": ' + json.dumps(grid),
    '"layers": [\n' + ",\n".join(json.dumps(each) for each in cases) + "\n]",
    '"operations": [\n' + ",\n".join(json.dumps(each) for each in operation_cases) + "\n]",
    '"activations": [\n' + ",\n".join(json.dumps(each) for each in functions()) + "\n]",
]
path = pathlib.Path(__file__).parent / "layer_shapes.json"
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(len(cases), "layers,", len(operation_cases), "operations")
