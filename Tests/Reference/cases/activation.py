"""Every activation function by name, and every activation layer."""

from functools import partial

import keras
from keras import layers
from keras.src.activations import ALL_OBJECTS_DICT

from cases import single

# `threshold` cannot be had by name, for it insists on two arguments; `swish` and `hard_swish` are
# saved under their other names.
for name in sorted(set(ALL_OBJECTS_DICT) - {"threshold", "swish", "hard_swish"}):
    single(f"activation_{name}", (3, 6), partial(layers.Activation, name))

for name in ("gelu", "softmax"):
    single(f"dense_{name}_sequence", (3, 4), partial(layers.Dense, 6, activation=name))

single("relu", (3, 5), layers.ReLU)
single("relu_max_value6", (3, 50), partial(layers.ReLU, 1.5))
single("relu_negative_slope", (3, 5), partial(layers.ReLU, negative_slope=0.1))
single("relu_threshold", (3, 5), partial(layers.ReLU, threshold=0.5))
single("relu_all", (3, 20), partial(layers.ReLU, 1.2, 0.1, 0.25))
single("leaky_relu", (3, 5), layers.LeakyReLU)
single("leaky_relu_slope", (3, 5), partial(layers.LeakyReLU, negative_slope=0.01))
single("prelu_vector", (5,), layers.PReLU)
single("prelu", (4, 5, 3), layers.PReLU)
single("prelu_shared", (4, 5, 3), partial(layers.PReLU, shared_axes=[1, 2]))
single("elu", (3, 5), layers.ELU)
single("elu_alpha", (3, 5), partial(layers.ELU, alpha=0.3))
single("softmax", (3, 5), layers.Softmax)
single("softmax_axis1", (3, 5), partial(layers.Softmax, axis=1))
single("softmax_axes", (3, 4, 5), partial(layers.Softmax, axis=[1, 2]))


def operation(name, function, shape=(3, 6)):
    """An activation as an operation node, with arguments that the layer cannot have."""
    single(name, shape, lambda: function)


operation("ops_gelu_approximate", lambda x: keras.ops.gelu(x, approximate=True))
operation("ops_gelu_exact", lambda x: keras.ops.gelu(x, approximate=False))
operation("ops_leaky_relu", lambda x: keras.ops.leaky_relu(x, 0.3))
operation("ops_softmax_axis1", lambda x: keras.ops.softmax(x, axis=1))
operation("ops_relu6", keras.ops.relu6)
operation("ops_sigmoid", keras.ops.sigmoid)
operation("ops_tanh", keras.ops.tanh)
operation("ops_silu", keras.ops.silu)
operation("ops_relu", keras.ops.relu)
operation("ops_hard_silu", keras.ops.hard_silu)
operation("ops_threshold", lambda x: keras.ops.threshold(x, 0.3, -1.0))
operation("ops_celu_alpha", lambda x: keras.ops.celu(x, alpha=0.5))
