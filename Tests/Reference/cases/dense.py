"""Dense layers on vectors and on sequences, embeddings, and what acts on training alone."""

from functools import partial

from keras import Input, Model, layers

from cases import case, single

single("dense", (5,), partial(layers.Dense, 4))
single("dense_no_bias", (5,), partial(layers.Dense, 4, use_bias=False))
single("dense_activation", (5,), partial(layers.Dense, 4, activation="tanh"))
single("dense_softmax", (5,), partial(layers.Dense, 4, activation="softmax"))
single("dense_sequence", (3, 5), partial(layers.Dense, 4, activation="relu"))
single("dense_image", (3, 2, 5), partial(layers.Dense, 4))
single("einsum_dense", (3, 4),
       partial(layers.EinsumDense, "abc,cde->abde", (None, 2, 3), bias_axes="de"))
single("einsum_dense_out", (3, 2, 4),
       partial(layers.EinsumDense, "abcd,cde->abe", (None, 5), bias_axes="e"))

single("embedding", (4,), partial(layers.Embedding, 7, 3), "int32")
single("embedding_matrix", (2, 3), partial(layers.Embedding, 7, 3), "int32")

for layer in (
    layers.Dropout(0.3, seed=1),
    layers.SpatialDropout1D(0.3, seed=1),
    layers.GaussianDropout(0.3, seed=1),
    layers.GaussianNoise(0.3, seed=1),
    layers.AlphaDropout(0.3, seed=1),
    layers.ActivityRegularization(0.1),
    layers.Identity(),
):
    cls, config = type(layer), layer.get_config()
    title = {"SpatialDropout1D": "spatial_dropout1d"}.get(cls.__name__)
    title = title or "".join("_" * c.isupper() + c.lower() for c in cls.__name__).strip("_")
    single(title, (4, 3), partial(cls.from_config, config | {"name": title}))

single("spatial_dropout2d", (4, 3, 2), partial(layers.SpatialDropout2D, 0.3, seed=1))
single("spatial_dropout3d", (4, 3, 2, 2), partial(layers.SpatialDropout3D, 0.3, seed=1))


@case
def embedding_dense():
    tokens = Input((6,), dtype="int32", name="tokens")
    x = layers.Embedding(9, 4, name="embedding")(tokens)
    x = layers.GlobalAveragePooling1D(name="pool")(x)
    return Model(tokens, layers.Dense(3, name="head")(x), name="embedding_dense")


@case
def masking_lstm():
    x = Input((5, 3), name="x")
    y = layers.LSTM(4, name="lstm")(layers.Masking(name="masking")(x))
    return Model(x, y, name="masking_lstm")
