"""Convolutions: 1-D to 3-D, plain, grouped, dilated, transposed, depthwise, separable."""

from functools import partial

from keras import layers

from cases import single

SHAPES = {1: (9, 3), 2: (7, 9, 3), 3: (5, 4, 5, 2)}
FIRST = {1: (3, 9), 2: (3, 7, 9), 3: (2, 5, 4, 5)}


def add(name, shape, cls, *arguments, **settings):
    single(name, shape, partial(cls, *arguments, **settings))


for rank in (1, 2, 3):
    conv = getattr(layers, f"Conv{rank}D")
    name, shape = f"conv{rank}d", SHAPES[rank]
    add(f"{name}_valid", shape, conv, 4, 3)
    add(f"{name}_same", shape, conv, 4, 3, padding="same")
    add(f"{name}_same_strides2", shape, conv, 4, 3, padding="same", strides=2)
    add(f"{name}_valid_strides2", shape, conv, 4, 3, strides=2)
    add(f"{name}_same_even_kernel_strides3", shape, conv, 4, 4, padding="same", strides=3)
    add(f"{name}_dilation2", shape, conv, 4, 2, dilation_rate=2, padding="same")
    add(f"{name}_dilation2_valid", shape, conv, 4, 2, dilation_rate=2)
    add(f"{name}_pointwise_no_bias", shape, conv, 4, 1, use_bias=False)
    add(f"{name}_channels_first", FIRST[rank], conv, 4, 3, strides=2, padding="same",
        activation="relu", data_format="channels_first")

add("conv1d_causal", (9, 3), layers.Conv1D, 4, 3, padding="causal")
add("conv1d_causal_dilation2", (9, 3), layers.Conv1D, 4, 3, padding="causal", dilation_rate=2)
add("conv1d_causal_strides2", (9, 3), layers.Conv1D, 4, 3, padding="causal", strides=2)
add("conv1d_groups2", (9, 4), layers.Conv1D, 6, 3, groups=2)
add("conv2d_groups3", (7, 9, 6), layers.Conv2D, 9, 3, groups=3, padding="same")
add("conv2d_groups_depthwise", (7, 9, 4), layers.Conv2D, 4, 3, groups=4, strides=2)
add("conv2d_groups2_channels_first", (4, 7, 9), layers.Conv2D, 6, 3, groups=2,
    data_format="channels_first")
add("conv3d_groups2", (3, 4, 3, 4), layers.Conv3D, 4, 2, groups=2)
add("conv2d_rectangular", (7, 9, 3), layers.Conv2D, 4, (3, 5), strides=(2, 1), padding="same")
add("conv2d_dilation_rectangular", (9, 9, 2), layers.Conv2D, 3, (3, 2), dilation_rate=(1, 3))
add("conv2d_activation", (7, 9, 3), layers.Conv2D, 4, 3, activation="silu")
add("conv2d_softmax", (5, 5, 3), layers.Conv2D, 4, 1, activation="softmax")

for rank in (1, 2, 3):
    conv = getattr(layers, f"Conv{rank}DTranspose")
    name, shape = f"conv{rank}d_transpose", {1: (5, 3), 2: (4, 5, 3), 3: (2, 3, 2, 2)}[rank]
    filters = 5 - rank
    add(f"{name}_valid", shape, conv, filters, 3)
    add(f"{name}_same", shape, conv, filters, 3, padding="same")
    add(f"{name}_valid_strides2", shape, conv, filters, 3, strides=2)
    add(f"{name}_same_strides2", shape, conv, filters, 3, padding="same", strides=2)
    add(f"{name}_same_strides3_kernel2", shape, conv, filters, 2, padding="same", strides=3)
    add(f"{name}_valid_strides3_kernel2", shape, conv, filters, 2, strides=3)
    add(f"{name}_even_kernel_strides2", shape, conv, filters, 4, padding="same", strides=2)
    add(f"{name}_dilation2", shape, conv, filters, 3, dilation_rate=2)
    add(f"{name}_dilation2_same", shape, conv, filters, 3, dilation_rate=2, padding="same")

add("conv1d_transpose_output_padding", (5, 3), layers.Conv1DTranspose, 4, 3, strides=2,
    output_padding=1, padding="same")
add("conv2d_transpose_output_padding", (4, 5, 3), layers.Conv2DTranspose, 4, 3, strides=2,
    output_padding=1, padding="same")
add("conv2d_transpose_output_padding_valid", (4, 5, 3), layers.Conv2DTranspose, 4, 3, strides=3,
    output_padding=(1, 2))
add("conv2d_transpose_output_padding0", (4, 5, 3), layers.Conv2DTranspose, 4, 3, strides=2,
    output_padding=0, padding="same")
add("conv3d_transpose_output_padding", (2, 3, 2, 2), layers.Conv3DTranspose, 2, 3, strides=2,
    output_padding=1, padding="same")
add("conv2d_transpose_rectangular", (4, 5, 3), layers.Conv2DTranspose, 2, (2, 3), strides=(3, 2),
    use_bias=False, activation="relu")
add("conv2d_transpose_channels_first", (3, 4, 5), layers.Conv2DTranspose, 2, 3, strides=2,
    padding="same", data_format="channels_first")

add("depthwise_conv1d", (9, 3), layers.DepthwiseConv1D, 3)
add("depthwise_conv1d_multiplier2_strides2", (9, 3), layers.DepthwiseConv1D, 3, strides=2,
    depth_multiplier=2, padding="same")
add("depthwise_conv2d", (7, 9, 3), layers.DepthwiseConv2D, 3)
add("depthwise_conv2d_same_strides2", (7, 8, 3), layers.DepthwiseConv2D, 3, strides=2,
    padding="same", use_bias=False)
add("depthwise_conv2d_multiplier2", (7, 9, 3), layers.DepthwiseConv2D, 3, depth_multiplier=2,
    activation="relu6")
add("depthwise_conv2d_dilation2", (7, 9, 3), layers.DepthwiseConv2D, 3, dilation_rate=2)
add("depthwise_conv2d_rectangular", (7, 9, 3), layers.DepthwiseConv2D, (5, 2), padding="same")
add("depthwise_conv2d_channels_first", (3, 7, 9), layers.DepthwiseConv2D, 3, depth_multiplier=2,
    padding="same", data_format="channels_first")

add("separable_conv1d", (9, 3), layers.SeparableConv1D, 4, 3)
add("separable_conv1d_multiplier2_strides2", (9, 3), layers.SeparableConv1D, 4, 3, strides=2,
    depth_multiplier=2, padding="same")
add("separable_conv2d", (7, 9, 3), layers.SeparableConv2D, 4, 3)
add("separable_conv2d_same_strides2", (7, 9, 3), layers.SeparableConv2D, 4, 3, strides=2,
    padding="same", use_bias=False, activation="relu")
add("separable_conv2d_multiplier2", (7, 9, 3), layers.SeparableConv2D, 4, 3, depth_multiplier=2)
add("separable_conv2d_dilation2", (7, 9, 3), layers.SeparableConv2D, 4, 3, dilation_rate=2)
add("separable_conv2d_channels_first", (3, 7, 9), layers.SeparableConv2D, 4, 3,
    data_format="channels_first")
