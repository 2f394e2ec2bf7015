"""Small networks: nested, shared, branching, and the blocks that keras.applications is made of."""

from keras import Input, Model, Sequential, layers
from keras.src.applications.convnext import LayerScale

from cases import case


def conv_bn(x, channels, name, size=3, strides=1, activation="relu", padding="same"):
    x = layers.Conv2D(channels, size, strides, padding, use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(name=f"{name}_bn")(x)
    return layers.Activation(activation, name=f"{name}_act")(x) if activation else x


@case
def sequential():
    return Sequential(
        [
            Input((8, 8, 2), name="x"),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dense(3, activation="softmax", name="head"),
        ],
        name="sequential",
    )


@case
def residual_projection():
    x = Input((9, 9, 3), name="x")
    stem = conv_bn(x, 4, "stem")
    y = conv_bn(stem, 6, "a", strides=2)
    y = conv_bn(y, 6, "b", activation=None)
    shortcut = conv_bn(stem, 6, "s", 1, 2, activation=None)
    y = layers.ReLU(name="out")(layers.Add(name="add")([y, shortcut]))
    y = layers.GlobalAveragePooling2D(name="pool")(y)
    return Model(x, layers.Dense(3, name="head")(y), name="residual_projection")


@case
def inverted_residual():
    """MobileNetV2's block: expand, depthwise, project, add; stride 2 after a one-sided padding."""
    x = Input((8, 8, 4), name="x")
    y = conv_bn(x, 12, "expand", 1, activation="relu6")
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(y)
    y = layers.ReLU(6.0, name="relu")(layers.BatchNormalization(name="depthwise_bn")(y))
    y = conv_bn(y, 4, "project", 1, activation=None)
    y = layers.Add(name="add")([x, y])
    y = layers.ZeroPadding2D(((0, 1), (0, 1)), name="pad")(y)
    y = layers.DepthwiseConv2D(3, 2, use_bias=False, name="down")(y)
    return Model(x, y, name="inverted_residual")


@case
def squeeze_excitation():
    x = Input((6, 6, 4), name="x")
    y = conv_bn(x, 8, "in", activation="silu")
    s = layers.GlobalAveragePooling2D(name="squeeze")(y)
    s = layers.Reshape((1, 1, 8), name="reshape")(s)
    s = layers.Conv2D(3, 1, activation="silu", name="reduce")(s)
    s = layers.Conv2D(8, 1, activation="sigmoid", name="expand")(s)
    y = layers.multiply([y, s], name="excite")
    return Model(x, layers.Conv2D(3, 1, name="out")(y), name="squeeze_excitation")


@case
def blocked_images():
    """Enough 3×3 convolutions of 32 channels for blocked layouts, among layers that know none."""
    x = Input((20, 20, 3), name="x")
    stem = conv_bn(x, 32, "stem")
    y = conv_bn(conv_bn(stem, 32, "a1"), 32, "a2", activation=None)
    y = layers.ReLU(name="out1")(layers.Add(name="add1")([y, stem]))
    z = conv_bn(y, 32, "b1", strides=2)
    z = conv_bn(conv_bn(z, 32, "b2"), 32, "b3", activation="silu")
    s = conv_bn(y, 32, "s", 1, 2, activation=None)
    y = layers.ReLU(name="out2")(layers.Add(name="add2")([z, s]))
    y = layers.DepthwiseConv2D(3, padding="same", activation="relu", name="depthwise")(y)
    y = layers.MaxPooling2D(2, 1, "same", name="max")(conv_bn(y, 32, "c1"))
    narrow = conv_bn(y, 24, "narrow")
    y = layers.Concatenate(name="concat")([conv_bn(y, 16, "c2"), narrow])
    gate = layers.GlobalAveragePooling2D(keepdims=True, name="squeeze")(y)
    gate = layers.Conv2D(40, 1, activation="sigmoid", name="gate")(gate)
    y = conv_bn(layers.multiply([y, gate], name="gated"), 32, "d1", padding="valid")
    y = layers.AveragePooling2D(2, name="mean")(conv_bn(y, 32, "d2"))
    head = layers.Dense(3, name="head")(layers.Flatten(name="flatten")(y))
    return Model(x, [head, z], name="blocked_images")


@case
def reshaped_images():
    """Images that are rows before and after convolutions in blocks."""
    x = Input((3200,), name="x")
    y = layers.Reshape((10, 10, 32), name="image")(x)
    for name in ("a", "b", "c"):
        y = conv_bn(y, 32, name)
    y = layers.Reshape((20, 5, 32), name="longer")(y)
    y = conv_bn(conv_bn(y, 32, "d"), 32, "e")
    return Model(x, layers.Reshape((100, 32), name="rows")(y), name="reshaped_images")


@case
def dense_block():
    """DenseNet: concatenations of concatenations, normalised before the convolution."""
    x = y = Input((6, 6, 4), name="x")
    for index in range(3):
        z = layers.BatchNormalization(name=f"bn{index}")(y)
        z = layers.Activation("relu", name=f"relu{index}")(z)
        z = layers.Conv2D(3, 3, padding="same", use_bias=False, name=f"conv{index}")(z)
        y = layers.Concatenate(name=f"concat{index}")([y, z])
    y = layers.AveragePooling2D(2, name="pool")(y)
    y = layers.Flatten(name="flatten")(y)
    return Model(x, layers.Dense(3, name="head")(y), name="dense_block")


@case
def inception_block():
    x = Input((7, 7, 3), name="x")
    a = conv_bn(x, 2, "a", 1)
    b = conv_bn(conv_bn(x, 2, "b1", 1), 3, "b2")
    c = conv_bn(conv_bn(x, 2, "c1", (1, 5)), 2, "c2", (5, 1))
    d = layers.AveragePooling2D(3, 1, "same", name="pool")(x)
    d = conv_bn(d, 2, "d", 1)
    y = layers.concatenate([a, b, c, d], name="mixed")
    return Model(x, layers.Conv2D(3, 1, name="out")(y), name="inception_block")


@case
def convnext_block():
    x = Input((6, 6, 4), name="x")
    y = layers.Conv2D(4, 7, padding="same", groups=4, name="depthwise")(x)
    y = layers.LayerNormalization(epsilon=1e-6, name="norm")(y)
    y = layers.Dense(16, name="expand")(y)
    y = layers.Activation("gelu", name="gelu")(y)
    y = layers.Dense(4, name="project")(y)
    y = LayerScale(1e-1, 4, name="scale")(y)
    return Model(x, x + y, name="convnext_block")


@case
def nested_functional():
    a = Input((8, 8, 3), name="inner_x")
    inner = Model(a, conv_bn(conv_bn(a, 4, "one"), 5, "two", strides=2), name="backbone")
    x = Input((8, 8, 3), name="x")
    y = layers.GlobalAveragePooling2D(name="pool")(inner(x))
    return Model(x, layers.Dense(3, name="head")(y), name="nested_functional")


@case
def nested_twice():
    """Sequential in Functional in Functional."""
    block = Sequential([Input((6, 6, 3)), layers.Conv2D(4, 3, name="conv"),
                        layers.BatchNormalization(name="bn")], name="block")
    a = Input((6, 6, 3), name="inner_x")
    inner = Model(a, layers.ReLU(name="relu")(block(a)), name="inner")
    x = Input((6, 6, 3), name="x")
    y = layers.Flatten(name="flatten")(inner(x))
    return Model(x, layers.Dense(2, name="head")(y), name="nested_twice")


@case
def nested_shared():
    """One inner model called on two inputs, as in Siamese networks."""
    encoder = Sequential([Input((5,)), layers.Dense(6, activation="relu", name="hidden"),
                          layers.Dense(4, name="code")], name="encoder")
    x, y = Input((5,), name="x"), Input((5,), name="y")
    z = layers.Subtract(name="difference")([encoder(x), encoder(y)])
    return Model([x, y], layers.Dense(1, activation="sigmoid", name="head")(z),
                 name="nested_shared")


@case
def nested_several():
    """An inner model with two inputs and two outputs."""
    a, b = Input((4,), name="a"), Input((3,), name="b")
    total = layers.Concatenate(name="both")([a, b])
    inner = Model([a, b], [layers.Dense(5, name="p")(total), layers.Dense(2, name="q")(a)],
                  name="inner")
    x = Input((4,), name="x")
    p, q = inner([x, layers.Dense(3, name="pre")(x)])
    return Model(x, [layers.Dense(2, name="head")(p), q], name="nested_several")


@case
def nested_sequentials():
    inner = Sequential([layers.Dense(6, activation="relu", name="a"), layers.Dense(5, name="b")],
                       name="inner")
    return Sequential([Input((4,), name="x"), inner, layers.Dense(3, name="head")],
                      name="nested_sequentials")


@case
def shared_layer():
    conv = layers.Conv2D(3, 3, padding="same", activation="relu", name="shared")
    x = Input((6, 6, 3), name="x")
    y = conv(conv(x))
    return Model(x, layers.Conv2D(2, 1, name="head")(y), name="shared_layer")


@case
def shared_branches():
    dense = layers.Dense(4, activation="tanh", name="shared")
    x, y = Input((5,), name="x"), Input((5,), name="y")
    z = layers.Concatenate(name="both")([dense(x), dense(y)])
    return Model([x, y], layers.Dense(2, name="head")(z), name="shared_branches")


@case
def several_outputs():
    x, y = Input((6, 6, 3), name="image"), Input((4,), name="facts")
    a = layers.Conv2D(4, 3, activation="relu", name="conv")(x)
    pooled = layers.GlobalMaxPooling2D(name="pool")(a)
    both = layers.Concatenate(name="both")([pooled, layers.Dense(3, name="embed")(y)])
    return Model([x, y], [layers.Dense(2, name="first")(both), a,
                          layers.Dense(3, activation="softmax", name="second")(both)],
                 name="several_outputs")


@case
def input_is_output():
    x = Input((4,), name="x")
    return Model(x, [x, layers.Dense(2, name="dense")(x)], name="input_is_output")


@case
def same_output_twice():
    x = Input((4,), name="x")
    y = layers.Dense(3, name="dense")(x)
    return Model(x, [y, layers.ReLU(name="relu")(y), y], name="same_output_twice")


@case
def dictionary():
    """Inputs and outputs by name."""
    x, y = Input((4,), name="x"), Input((3,), name="y")
    z = layers.Concatenate(name="both")([x, y])
    return Model({"x": x, "y": y}, {"b": layers.Dense(2, name="b")(z),
                                    "a": layers.Dense(3, name="a")(z)}, name="dictionary")


@case
def channels_first_network():
    first = {"data_format": "channels_first"}
    x = Input((3, 8, 8), name="x")
    y = layers.Conv2D(4, 3, padding="same", name="conv1", **first)(x)
    y = layers.BatchNormalization(axis=1, name="bn1")(y)
    y = layers.ReLU(name="relu1")(y)
    z = layers.DepthwiseConv2D(3, padding="same", name="depthwise", **first)(y)
    y = layers.Add(name="add")([y, z])
    y = layers.Concatenate(axis=1, name="concat")([y, z])
    y = layers.MaxPooling2D(name="pool", **first)(y)
    y = layers.Conv2D(3, 3, activation="relu", name="conv2", **first)(y)
    y = layers.Flatten(name="flatten", **first)(y)
    return Model(x, layers.Dense(3, name="head")(y), name="channels_first_network")
