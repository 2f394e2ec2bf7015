"""Layers that move values: flattening, padding, cropping, repeating."""

from functools import partial

from keras import layers

from cases import single

single("flatten", (4, 5, 3), layers.Flatten)
single("flatten_vector", (5,), layers.Flatten)
single("flatten_channels_first", (3, 4, 5), partial(layers.Flatten, data_format="channels_first"))
single("reshape", (4, 6), partial(layers.Reshape, (2, 4, 3)))
single("reshape_unknown", (4, 6), partial(layers.Reshape, (-1, 3)))
single("reshape_image", (6,), partial(layers.Reshape, (1, 1, 6)))
single("permute", (2, 3, 4), partial(layers.Permute, (3, 1, 2)))
single("permute_sequence", (3, 4), partial(layers.Permute, (2, 1)))
single("repeat_vector", (4,), partial(layers.RepeatVector, 3))

single("zero_padding1d", (4, 3), layers.ZeroPadding1D)
single("zero_padding1d_pair", (4, 3), partial(layers.ZeroPadding1D, (2, 1)))
single("zero_padding2d", (3, 4, 2), partial(layers.ZeroPadding2D, 2))
single("zero_padding2d_pairs", (3, 4, 2), partial(layers.ZeroPadding2D, ((0, 1), (2, 3))))
single("zero_padding2d_symmetric", (3, 4, 2), partial(layers.ZeroPadding2D, (1, 2)))
single("zero_padding2d_channels_first", (2, 3, 4),
       partial(layers.ZeroPadding2D, (1, 2), data_format="channels_first"))
single("zero_padding3d", (2, 3, 2, 2), layers.ZeroPadding3D)
single("zero_padding3d_pairs", (2, 3, 2, 2),
       partial(layers.ZeroPadding3D, ((0, 1), (1, 0), (1, 2))))

single("cropping1d", (6, 3), partial(layers.Cropping1D, (1, 2)))
single("cropping2d", (6, 7, 2), partial(layers.Cropping2D, 1))
single("cropping2d_pairs", (6, 7, 2), partial(layers.Cropping2D, ((0, 2), (1, 3))))
single("cropping2d_channels_first", (2, 6, 7),
       partial(layers.Cropping2D, ((0, 2), (1, 3)), data_format="channels_first"))
single("cropping3d", (4, 5, 4, 2), partial(layers.Cropping3D, ((1, 0), (1, 2), (0, 1))))

single("up_sampling1d", (3, 2), partial(layers.UpSampling1D, 3))
single("up_sampling2d", (3, 4, 2), partial(layers.UpSampling2D, (2, 3)))
single("up_sampling2d_bilinear", (3, 4, 2),
       partial(layers.UpSampling2D, 2, interpolation="bilinear"))
single("up_sampling2d_bilinear_uneven", (3, 4, 2),
       partial(layers.UpSampling2D, (3, 2), interpolation="bilinear"))
single("up_sampling2d_channels_first", (2, 3, 4),
       partial(layers.UpSampling2D, 2, data_format="channels_first"))
single("up_sampling3d", (2, 3, 2, 2), partial(layers.UpSampling3D, (1, 2, 3)))
