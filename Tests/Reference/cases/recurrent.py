"""Recurrent layers and the wrappers around them."""

from functools import partial

from keras import Input, Model, Sequential, layers

from cases import case, single

SHAPE = (5, 3)

for kind in ("SimpleRNN", "LSTM", "GRU"):
    cls, name = getattr(layers, kind), kind.lower()
    single(name, SHAPE, partial(cls, 4))
    single(f"{name}_sequences", SHAPE, partial(cls, 4, return_sequences=True))
    single(f"{name}_backwards_sequences", SHAPE,
           partial(cls, 4, go_backwards=True, return_sequences=True))
    single(f"{name}_no_bias", SHAPE, partial(cls, 4, use_bias=False))
    single(f"{name}_activation", SHAPE, partial(cls, 4, activation="relu"))
    single(f"{name}_state", SHAPE, partial(cls, 4, return_state=True))

single("lstm_hard_sigmoid", SHAPE, partial(layers.LSTM, 4, recurrent_activation="hard_sigmoid"))
single("gru_reset_before", SHAPE, partial(layers.GRU, 4, reset_after=False))
single("gru_reset_before_no_bias", SHAPE,
       partial(layers.GRU, 4, reset_after=False, use_bias=False))
single("gru_hard_sigmoid", SHAPE,
       partial(layers.GRU, 4, recurrent_activation="hard_sigmoid", return_sequences=True))

for mode in ("concat", "sum", "mul", "ave"):
    single(f"bidirectional_{mode}", SHAPE, lambda mode=mode: layers.Bidirectional(
        layers.LSTM(4, name="lstm"), merge_mode=mode, name="both"))
    single(f"bidirectional_{mode}_sequences", SHAPE, lambda mode=mode: layers.Bidirectional(
        layers.GRU(4, return_sequences=True, name="gru"), merge_mode=mode, name="both"))
single("bidirectional_none", SHAPE, lambda: layers.Bidirectional(
    layers.LSTM(4, name="lstm"), merge_mode=None, name="both"))
single("bidirectional_rnn", SHAPE, lambda: layers.Bidirectional(
    layers.SimpleRNN(4, return_sequences=True, name="rnn"), name="both"))
single("bidirectional_unlike", SHAPE, lambda: layers.Bidirectional(
    layers.LSTM(4, name="there"),
    backward_layer=layers.LSTM(2, go_backwards=True, name="back"), name="both"))

single("time_distributed_dense", SHAPE,
       lambda: layers.TimeDistributed(layers.Dense(4, name="dense"), name="each"))
single("time_distributed_conv2d", (3, 5, 4, 2),
       lambda: layers.TimeDistributed(layers.Conv2D(3, 3, name="conv"), name="each"))
single("time_distributed_batch_normalization", (3, 4, 2),
       lambda: layers.TimeDistributed(layers.BatchNormalization(name="bn"), name="each"))
single("time_distributed_flatten", (3, 4, 2),
       lambda: layers.TimeDistributed(layers.Flatten(name="flatten"), name="each"))


@case
def time_distributed_model():
    inner = Sequential(
        [Input((4, 5, 2)), layers.Conv2D(3, 3, name="conv"), layers.Flatten(name="flatten")],
        name="encoder",
    )
    x = Input((3, 4, 5, 2), name="x")
    y = layers.TimeDistributed(inner, name="each")(x)
    return Model(x, layers.LSTM(4, name="lstm")(y), name="time_distributed_model")


@case
def lstm_stack():
    x = Input((6, 3), name="x")
    y = layers.LSTM(5, return_sequences=True, name="lower")(x)
    y = layers.LSTM(4, name="upper")(y)
    return Model(x, layers.Dense(2, name="head")(y), name="lstm_stack")


@case
def lstm_initial_state():
    x, h, c = Input((5, 3), name="x"), Input((4,), name="h"), Input((4,), name="c")
    y = layers.LSTM(4, name="lstm")(x, initial_state=[h, c])
    return Model([x, h, c], y, name="lstm_initial_state")


@case
def embedding_mask_lstm():
    tokens = Input((6,), dtype="int32", name="tokens")
    x = layers.Embedding(7, 3, mask_zero=True, name="embedding")(tokens)
    return Model(tokens, layers.LSTM(4, name="lstm")(x), name="embedding_mask_lstm")
