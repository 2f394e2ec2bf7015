"""Attention."""

from functools import partial

from keras import Input, Model, layers

from cases import case, merged, single

MultiHead = partial(layers.MultiHeadAttention, name="attention")


def attend(name, shapes, layer, **arguments):
    """Registers a model that calls attention with its inputs as query, value and, third, key."""

    def build():
        xs = [Input(shape, name=f"x{index}") for index, shape in enumerate(shapes)]
        ys = xs * 2 if len(xs) == 1 else xs
        return Model(xs, layer()(*ys, **arguments), name=name)

    build.__name__ = name
    case(build)


attend("multi_head_attention", [(5, 6)], partial(MultiHead, 2, 3))
attend("multi_head_attention_one_head", [(5, 6)], partial(MultiHead, 1, 4, use_bias=False))
attend("multi_head_attention_cross", [(5, 6), (4, 3)], partial(MultiHead, 3, 2))
attend("multi_head_attention_key", [(5, 6), (4, 3), (4, 2)], partial(MultiHead, 3, 2))
attend("multi_head_attention_value_dim", [(5, 6)], partial(MultiHead, 2, 3, value_dim=5))
attend("multi_head_attention_output_shape", [(5, 6)],
       partial(MultiHead, 2, 3, value_dim=2, output_shape=7))
attend("multi_head_attention_causal", [(5, 6)], partial(MultiHead, 2, 3), use_causal_mask=True)
attend("multi_head_attention_axes", [(3, 4, 6)],
       partial(MultiHead, 2, 3, attention_axes=(2,)))
attend("group_query_attention", [(5, 6)],
       lambda: layers.GroupQueryAttention(3, 4, 2, name="attention"))

merged("attention", [(5, 3), (4, 3)], layers.Attention)
merged("attention_key", [(5, 3), (4, 6), (4, 3)], layers.Attention)
merged("attention_scale", [(5, 3), (4, 3)], partial(layers.Attention, use_scale=True))
merged("attention_concat", [(5, 3), (4, 3)], partial(layers.Attention, score_mode="concat"))
merged("additive_attention", [(5, 3), (4, 3)], layers.AdditiveAttention)


@case
def transformer_block():
    x = Input((5, 6), name="x")
    y = layers.LayerNormalization(epsilon=1e-6, name="norm1")(x)
    y = layers.MultiHeadAttention(2, 3, name="attention")(y, y)
    x1 = layers.Add(name="add1")([x, y])
    y = layers.LayerNormalization(epsilon=1e-6, name="norm2")(x1)
    y = layers.Dense(12, activation="gelu", name="expand")(y)
    y = layers.Dropout(0.1, name="dropout")(y)
    y = layers.Dense(6, name="project")(y)
    y = layers.Add(name="add2")([x1, y])
    y = layers.GlobalAveragePooling1D(name="pool")(y)
    return Model(x, layers.Dense(3, name="head")(y), name="transformer_block")
