"""Merging layers, equal shapes and broadcast ones."""

from functools import partial

from keras import layers

from cases import merged

for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
    cls, name = getattr(layers, kind), kind.lower()
    merged(name, [(4, 5, 3)] * 2, cls)
    merged(f"{name}_three", [(4, 3)] * 3, cls)
    merged(f"{name}_broadcast", [(4, 5, 3), (1, 1, 3)], cls)
    merged(f"{name}_broadcast_rank", [(4, 3), (3,)], cls)

for name, cls in (("add", layers.Add), ("multiply", layers.Multiply)):
    merged(f"{name}_broadcast_channels", [(4, 5, 3), (4, 5, 1)], cls)

merged("subtract", [(4, 5, 3)] * 2, layers.Subtract)
merged("subtract_broadcast", [(4, 5, 3), (1, 1, 3)], layers.Subtract)
merged("concatenate", [(4, 5, 3), (4, 5, 2)], layers.Concatenate)
merged("concatenate_three", [(4, 3), (4, 1), (4, 2)], layers.Concatenate)
merged("concatenate_axis1", [(4, 3), (2, 3)], partial(layers.Concatenate, axis=1))
merged("concatenate_vectors", [(4,), (2,)], partial(layers.Concatenate, axis=1))
merged("dot_vectors", [(5,), (5,)], partial(layers.Dot, axes=1))
merged("dot_normalized", [(5,), (5,)], partial(layers.Dot, axes=1, normalize=True))
merged("dot_matrices", [(3, 4), (4, 2)], partial(layers.Dot, axes=(2, 1)))
merged("dot_last", [(3, 4), (2, 4)], partial(layers.Dot, axes=-1))
merged("dot_axis1", [(3, 4), (3, 2)], partial(layers.Dot, axes=1))
