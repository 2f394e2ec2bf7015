"""Operations that stand in a graph as nodes though they are not layers, as in MobileNetV3."""

import keras
from keras import Input, Model, layers, ops

from cases import case


def on_two(name, function, shapes=((4, 5, 3), (4, 5, 3))):
    def build():
        xs = [Input(shape, name=f"x{index}") for index, shape in enumerate(shapes)]
        return Model(xs, function(*xs), name=name)

    build.__name__ = name
    case(build)


def on_one(name, function, shape=(4, 5, 3)):
    on_two(name, function, (shape,))


on_two("ops_plus", lambda x, y: x + y)
on_two("ops_minus", lambda x, y: x - y)
on_two("ops_times", lambda x, y: x * y)
on_two("ops_divide", lambda x, y: x / (y * y + 1.0))
on_two("ops_plus_broadcast", lambda x, y: x + y, ((4, 5, 3), (1, 1, 3)))
on_two("ops_times_broadcast", lambda x, y: x * y, ((4, 5, 3), (1, 1, 3)))
on_two("ops_maximum", ops.maximum)
on_two("ops_minimum", ops.minimum)
on_two("ops_concatenate", lambda x, y: ops.concatenate([x, y], axis=-1))
on_two("ops_matmul", ops.matmul, ((3, 4), (4, 2)))
on_one("ops_plus_scalar", lambda x: x + 3.0)
on_one("ops_scalar_plus", lambda x: 3.0 + x)
on_one("ops_times_scalar", lambda x: x * (1.0 / 6.0))
on_one("ops_scalar_minus", lambda x: 1.0 - x)
on_one("ops_divide_scalar", lambda x: x / 6.0)
on_one("ops_negative", lambda x: -x)
on_one("ops_mean", lambda x: ops.mean(x, axis=[1, 2], keepdims=True))
on_one("ops_sum", lambda x: ops.sum(x, axis=-1))
on_one("ops_max", lambda x: ops.max(x, axis=[1, 2]))
on_one("ops_reshape", lambda x: ops.reshape(x, (-1, 20, 3)))
on_one("ops_transpose", lambda x: ops.transpose(x, (0, 3, 1, 2)))
on_one("ops_square", ops.square)
on_one("ops_sqrt", lambda x: ops.sqrt(ops.abs(x)))
on_one("ops_exp", ops.exp)
on_one("ops_clip", lambda x: ops.clip(x, -0.5, 1.0))
on_one("ops_split", lambda x: ops.split(x, 3, axis=-1)[1])
on_one("ops_slice", lambda x: x[:, 1:3, :, 1:])
on_one("ops_expand_dims", lambda x: ops.expand_dims(x, 1))
on_one("ops_squeeze", lambda x: ops.squeeze(x, 1), (1, 5, 3))


@case
def ops_hard_swish():
    """The hard swish of MobileNetV3: x · relu6(x + 3) / 6."""
    x = Input((5, 5, 4), name="x")
    y = layers.Conv2D(6, 1, name="expand")(x)
    y = layers.Multiply(name="times")([y, layers.ReLU(6.0, name="relu6")(y + 3.0) * (1.0 / 6.0)])
    y = layers.GlobalAveragePooling2D(keepdims=True, name="pool")(y)
    return Model(x, layers.Conv2D(3, 1, name="head")(y), name="ops_hard_swish")


@case
def ops_residual():
    x = Input((6, 6, 4), name="x")
    y = layers.Conv2D(4, 3, padding="same", use_bias=False, name="conv1")(x)
    y = layers.BatchNormalization(name="bn")(y)
    y = ops.relu(x + y)
    y = keras.layers.Conv2D(3, 3, name="conv2")(y)
    return Model(x, ops.mean(y, axis=(1, 2)), name="ops_residual")
