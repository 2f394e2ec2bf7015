"""Pooling: maximum and average, local and global, 1-D to 3-D."""

from functools import partial

from keras import layers

from cases import single

SHAPES = {1: (9, 3), 2: (7, 8, 3), 3: (5, 4, 5, 2)}
FIRST = {1: (3, 9), 2: (3, 7, 8), 3: (2, 5, 4, 5)}

for rank in (1, 2, 3):
    for kind in ("Max", "Average"):
        pool = getattr(layers, f"{kind}Pooling{rank}D")
        name, shape = f"{kind.lower()}_pooling{rank}d", SHAPES[rank]
        single(f"{name}_valid", shape, partial(pool, 2))
        single(f"{name}_overlapping", shape, partial(pool, 3, 2))
        single(f"{name}_overlapping_same", shape, partial(pool, 3, 2, padding="same"))
        single(f"{name}_same_strides1", shape, partial(pool, 3, 1, padding="same"))
        single(f"{name}_channels_first", FIRST[rank],
               partial(pool, 3, 2, padding="same", data_format="channels_first"))
        pool = getattr(layers, f"Global{kind}Pooling{rank}D")
        name = f"global_{kind.lower()}_pooling{rank}d"
        single(name, shape, pool)
        single(f"{name}_keepdims", shape, partial(pool, keepdims=True))
        single(f"{name}_channels_first", FIRST[rank],
               partial(pool, data_format="channels_first"))

single("max_pooling2d_rectangular", (7, 8, 3), partial(layers.MaxPooling2D, (2, 3), (1, 2)))
single("average_pooling2d_rectangular", (7, 8, 3),
       partial(layers.AveragePooling2D, (3, 2), (2, 1), "same"))
