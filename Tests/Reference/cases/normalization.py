"""Normalisations, and layers that scale and shift."""

from functools import partial

import numpy as np
from keras import Input, Model, layers
from keras.src.applications.convnext import LayerScale
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from cases import case, single

BatchNorm = layers.BatchNormalization
LayerNorm = layers.LayerNormalization
GroupNorm = layers.GroupNormalization

single("batch_normalization", (4, 5, 3), BatchNorm)
single("batch_normalization_pixels", (16, 16, 3), BatchNorm)
single("batch_normalization_vector", (5,), partial(BatchNorm, epsilon=1e-5))
single("batch_normalization_sequence", (4, 3), partial(BatchNorm, momentum=0.9))
single("batch_normalization_volume", (3, 2, 4, 3), BatchNorm)
single("batch_normalization_no_scale", (4, 5, 3), partial(BatchNorm, scale=False))
single("batch_normalization_no_center", (4, 5, 3), partial(BatchNorm, center=False))
single("batch_normalization_plain", (4, 5, 3), partial(BatchNorm, center=False, scale=False))
single("batch_normalization_axis1", (3, 4, 5), partial(BatchNorm, axis=1))
single("batch_normalization_axis2", (3, 4, 5), partial(BatchNorm, axis=2, epsilon=0.1))

single("layer_normalization", (4, 5), LayerNorm)
single("layer_normalization_image", (3, 4, 5), partial(LayerNorm, epsilon=1e-6))
single("layer_normalization_axes", (3, 4, 5), partial(LayerNorm, axis=[-2, -1]))
single("layer_normalization_axis1", (3, 4, 5), partial(LayerNorm, axis=1))
single("layer_normalization_no_scale", (4, 5), partial(LayerNorm, scale=False))
single("layer_normalization_no_center", (4, 5), partial(LayerNorm, center=False))
single("layer_normalization_plain", (4, 5), partial(LayerNorm, center=False, scale=False))

single("group_normalization", (4, 5, 6), partial(GroupNorm, 3))
single("group_normalization_sequence", (4, 6), partial(GroupNorm, 2, epsilon=1e-5))
single("group_normalization_vector", (6,), partial(GroupNorm, 2))
single("group_normalization_layer", (4, 5, 6), partial(GroupNorm, 1))
single("group_normalization_instance", (4, 5, 6), partial(GroupNorm, -1))
single("group_normalization_plain", (4, 5, 6), partial(GroupNorm, 3, center=False, scale=False))
single("group_normalization_axis1", (6, 4, 5), partial(GroupNorm, 3, axis=1))

single("unit_normalization", (4, 5), layers.UnitNormalization)
single("unit_normalization_axes", (3, 4, 5), partial(layers.UnitNormalization, axis=[-2, -1]))
single("rms_normalization", (4, 5), layers.RMSNormalization)
single("rms_normalization_image", (3, 4, 5), partial(layers.RMSNormalization, epsilon=1e-3))

single("normalization_constants", (4, 5, 3),
       partial(layers.Normalization, mean=[0.5, -0.25, 1.0], variance=[0.25, 2.0, 0.5]))
single("normalization_constants_inverted", (5, 3),
       partial(layers.Normalization, mean=0.5, variance=2.25, invert=True))
single("normalization_weights", (4, 5, 3), layers.Normalization)
single("normalization_no_axis", (4, 3), partial(layers.Normalization, axis=None))


@case
def normalization_adapted():
    layer = layers.Normalization(name="normalization")
    layer.adapt(np.random.default_rng(7).normal(1, 2, (20, 4, 3)).astype(np.float32))
    x = Input((4, 3), name="x")
    return Model(x, layers.Dense(2, name="dense")(layer(x)), name="normalization_adapted")


single("rescaling", (4, 5, 3), partial(layers.Rescaling, 1 / 127.5, -1.0))
single("rescaling_channels", (4, 5, 3),
       partial(layers.Rescaling, [0.5, 2.0, 0.25], [0.1, 0.2, -0.3]))
single("layer_scale", (4, 5, 3), partial(LayerScale, 0.1, 3))


@case
def custom_scale():
    x, y = Input((4, 5, 3), name="x"), Input((4, 5, 3), name="y")
    return Model([x, y], CustomScaleLayer(0.17, name="scale")([x, y]), name="custom_scale")
