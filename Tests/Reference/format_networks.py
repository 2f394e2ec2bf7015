"""The networks of `make_formats.py`, for Keras 3 and for Keras 2 (`tf_keras`)."""

import keras
import tf_keras

KERAS3 = {}
KERAS2 = {}


def keras3(build):
    KERAS3[build.__name__] = build
    return build


def keras2(build):
    KERAS2[build.__name__] = build
    return build


def little_network(library, name, data_format=None):
    """Convolutions of three kinds, a residual sum, a concatenation, two outputs."""
    layers = library.layers
    first = data_format == "channels_first"
    settings = {"data_format": data_format} if data_format else {}
    axis = 1 if first else -1

    x = image = library.Input((3, 8, 8) if first else (8, 8, 3), name="image")
    x = layers.Conv2D(4, 3, 2, "same", use_bias=False, name="stem", **settings)(x)
    x = layers.BatchNormalization(axis=axis, name="stem_bn")(x)
    y = x = layers.ReLU(6.0, name="stem_relu")(x)
    y = layers.DepthwiseConv2D(3, padding="same", name="depthwise", **settings)(y)
    y = layers.SeparableConv2D(4, 3, padding="same", name="separable", **settings)(y)
    y = layers.BatchNormalization(axis=axis, scale=False, name="separable_bn")(y)
    x = layers.Add(name="add")([x, y])
    x = layers.Concatenate(axis=axis, name="concat")([x, y])
    x = layers.Activation("relu", name="relu")(x)
    x = layers.GlobalAveragePooling2D(name="pool", **settings)(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    logits = layers.Dense(3, name="logits")(x)
    other = layers.Dense(2, activation="softmax", name="other")(x)
    return library.Model(image, [logits, other], name=name)


def sequential_network(library, name):
    layers = library.layers
    return library.Sequential(
        [
            library.Input((8, 8, 2), name="x"),
            layers.Conv2D(3, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dense(4, activation="relu", name="hidden"),
            layers.Dense(3, activation="softmax", name="head"),
        ],
        name=name,
    )


def nested_network(library, name):
    """Sequential in Functional in Functional, and one of the inner models called twice."""
    layers = library.layers
    block = library.Sequential(
        [
            library.Input((6, 6, 3)),
            layers.Conv2D(3, 3, padding="same", name="conv"),
            layers.BatchNormalization(name="bn"),
        ],
        name="block",
    )
    a = library.Input((6, 6, 3), name="inner_x")
    inner = library.Model(a, layers.ReLU(name="relu")(block(block(a))), name="inner")
    x = library.Input((6, 6, 3), name="x")
    y = layers.GlobalMaxPooling2D(name="pool")(inner(x))
    return library.Model(x, layers.Dense(2, name="head")(y), name=name)


def shared_network(library, name):
    layers = library.layers
    dense = layers.Dense(4, activation="tanh", name="shared")
    x, y = library.Input((5,), name="x"), library.Input((5,), name="y")
    z = layers.Concatenate(name="both")([dense(x), dense(y)])
    return library.Model([x, y], layers.Dense(2, name="head")(z), name=name)


def sequence_network(library, name):
    layers = library.layers
    tokens = library.Input((6,), dtype="int32", name="tokens")
    x = layers.Embedding(7, 4, name="embedding")(tokens)
    x = layers.Conv1D(4, 3, padding="causal", dilation_rate=2, name="conv")(x)
    x = layers.LayerNormalization(name="norm")(x)
    y = layers.MultiHeadAttention(2, 3, name="attention")(x, x)
    x = layers.Add(name="add")([x, y])
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True, name="lstm"), name="both")(x)
    x = layers.TimeDistributed(layers.Dense(4, name="dense"), name="each")(x)
    x = layers.GRU(3, name="gru")(x)
    return library.Model(tokens, layers.Dense(2, name="head")(x), name=name)


def automatic_network(library, name):
    """Names that the library gave, and inner names that repeat."""
    layers = library.layers
    x = image = library.Input((6, 6, 2))
    for _ in range(2):
        x = layers.Conv2D(3, 3, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.LeakyReLU()(x)
    x = layers.Conv2DTranspose(2, 3, strides=2)(x)
    return library.Model(image, layers.GlobalAveragePooling2D()(x), name=name)


@keras3
def little():
    return little_network(keras, "little")


for policy in ("float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16"):

    def build(name=f"little_{policy}"):
        return little_network(keras, name)

    KERAS3[f"little_{policy}"] = build


@keras3
def channels_first():
    return little_network(keras, "channels_first", "channels_first")


@keras3
def sequential():
    return sequential_network(keras, "sequential")


@keras3
def nested():
    return nested_network(keras, "nested")


@keras3
def shared():
    return shared_network(keras, "shared")


@keras3
def sequence():
    return sequence_network(keras, "sequence")


@keras3
def automatic():
    return automatic_network(keras, "automatic")


@keras.saving.register_keras_serializable(package="elsewhere")
class Mystery(keras.layers.Layer):
    """A layer class that nobody knows: rolls the channels and scales them."""

    def __init__(self, shift=1, **settings):
        super().__init__(**settings)
        self.shift = shift

    def build(self, shape):
        self.amount = self.add_weight(name="amount", shape=(shape[-1],))

    def call(self, x):
        return keras.ops.roll(x, self.shift, axis=-1) * self.amount

    def get_config(self):
        return super().get_config() | {"shift": self.shift}


@keras3
def unknown_class():
    x = keras.Input((6, 6, 2), name="x")
    y = keras.layers.Conv2D(4, 3, name="conv1")(x)
    y = Mystery(name="mystery")(y)
    y = keras.layers.Conv2D(3, 3, name="conv2")(y)
    return keras.Model(x, y, name="unknown_class")


@keras2
def keras2_little():
    return little_network(tf_keras, "keras2_little")


@keras2
def keras2_channels_first():
    """TensorFlow cannot run it on a CPU; its expected numbers are those of its twins."""
    return little_network(tf_keras, "keras2_channels_first", "channels_first")


@keras2
def keras2_sequential():
    return sequential_network(tf_keras, "keras2_sequential")


@keras2
def keras2_nested():
    return nested_network(tf_keras, "keras2_nested")


@keras2
def keras2_shared():
    return shared_network(tf_keras, "keras2_shared")


@keras2
def keras2_sequence():
    return sequence_network(tf_keras, "keras2_sequence")


@keras2
def keras2_automatic():
    return automatic_network(tf_keras, "keras2_automatic")


@keras2
def keras2_operations():
    """Operators on tensors, which Keras 2 saves as layers of class TFOpLambda."""
    layers = tf_keras.layers
    x = tf_keras.Input((6, 6, 2), name="x")
    y = layers.Conv2D(4, 1, name="expand")(x)
    y = y * layers.ReLU(6.0, name="relu6")(y + 3.0) / 6.0
    y = layers.Conv2D(2, 1, name="project")(y) + x
    return tf_keras.Model(x, y, name="keras2_operations")


@keras2
def keras2_hard_sigmoid():
    """Keras 2's hard sigmoid is clip(0.2·x + 0.5, 0, 1); Keras 3's is relu6(x + 3) / 6."""
    layers = tf_keras.layers
    x = tf_keras.Input((5, 3), name="x")
    y = layers.LSTM(4, recurrent_activation="hard_sigmoid", name="lstm")(x)
    z = layers.GRU(3, reset_after=False, recurrent_activation="hard_sigmoid", name="gru")(x)
    y = layers.Dense(6, activation="hard_sigmoid", name="dense")(y)
    y = layers.Concatenate(name="both")([y, layers.Activation("hard_sigmoid", name="act")(z)])
    return tf_keras.Model(x, y, name="keras2_hard_sigmoid")


@keras2
def keras2_merges():
    """Spellings of Keras 2 for merges, pooling, padding, up-sampling and activations."""
    layers = tf_keras.layers
    x, y = tf_keras.Input((6, 6, 3), name="x"), tf_keras.Input((3,), name="y")
    z = layers.Multiply(name="times")([x, layers.Reshape((1, 1, 3), name="reshape")(y)])
    z = layers.Maximum(name="maximum")([z, layers.LeakyReLU(alpha=0.2, name="leaky")(x)])
    z = layers.PReLU(shared_axes=[1, 2], name="prelu")(z)
    z = layers.ThresholdedReLU(theta=0.1, name="thresholded")(z)
    z = layers.ZeroPadding2D(((0, 1), (1, 0)), name="pad")(z)
    z = layers.UpSampling2D(2, interpolation="bilinear", name="up")(z)
    z = layers.Cropping2D(1, name="crop")(z)
    z = layers.AveragePooling2D(2, name="average")(z)
    z = layers.LayerNormalization(axis=-1, name="norm")(z)
    z = layers.DepthwiseConv2D(3, depth_multiplier=2, activation="swish", name="depthwise")(z)
    z = layers.Permute((3, 1, 2), name="permute")(z)
    return tf_keras.Model([x, y], layers.Softmax(name="softmax")(z), name="keras2_merges")
