"""Writes small networks with each kind of output and input that `prune evaluate` reads off the graph,
data for them, and what Keras says of both (expected.json).

    python make_heads.py             # needs numpy, keras with tensorflow

The comparison of two of the shipped networks is on the 64 clothes of DatasetsTests.
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
random = np.random.default_rng(3)
keras.utils.set_random_seed(3)
expected = {}

rows = random.normal(size=(37, 6)).astype(np.float32) * 2
three = random.integers(0, 3, 37)
two = random.integers(0, 2, 37)
images = random.integers(0, 256, (37, 4, 4, 3), dtype=np.uint8)
np.savez_compressed(HERE / "rows-three.npz", x=rows, y=three)
np.savez_compressed(HERE / "rows-two.npz", x=rows, y=two)
np.savez_compressed(HERE / "rows.npz", x=rows)
np.savez_compressed(HERE / "images-three.npz", x=images, y=three)


def save(name, inputs, outputs, x, y, loss, output=None):
    model = keras.Model(inputs, outputs, name=name)
    model.save(HERE / f"{name}.keras")
    prediction = model.predict(x, verbose=0)
    if output is not None:
        prediction = prediction[output]
    if prediction.shape[-1] == 1:
        threshold = 0.5 if name == "binary" else 0
        classes = (prediction[:, 0] > threshold).astype(int)
    else:
        classes = np.argmax(prediction, axis=-1)
    expected[name] = {
        "loss": float(loss(y, prediction)),
        "accuracy": float(np.mean(classes == y)),
        "predictions": classes.tolist(),
    }


sparse = keras.losses.SparseCategoricalCrossentropy
binary = keras.losses.BinaryCrossentropy


def body(inputs):
    return layers.Dense(8, activation="tanh", name="hidden")(inputs)


i = keras.Input((6,))
save("softmax", i, layers.Dense(3, activation="softmax")(body(i)), rows, three, sparse())
i = keras.Input((6,))
save(
    "late-softmax", i,
    layers.Dropout(0.1)(layers.Softmax()(layers.Reshape((3,))(layers.Dense(3)(body(i))))),
    rows, three, sparse(),
)
i = keras.Input((6,))
save("logits", i, layers.Dense(3, kernel_initializer="normal")(body(i)), rows, three, sparse(from_logits=True))
i = keras.Input((6,))
save("sigmoids", i, layers.Dense(3, activation="sigmoid")(body(i)), rows, three, sparse())
i = keras.Input((6,))
save("binary", i, layers.Dense(1, activation="sigmoid")(body(i)), rows, two, lambda y, p: binary()(y[:, None], p))
i = keras.Input((6,))
save(
    "binary-logit", i, layers.Dense(1)(body(i)), rows, two,
    lambda y, p: binary(from_logits=True)(y[:, None], p),
)
# Extreme probabilities are kept away from 0 and 1.
i = keras.Input((6,))
save(
    "certain", i,
    layers.Dense(3, activation="softmax", kernel_initializer=keras.initializers.RandomNormal(0, 60))(body(i)),
    rows, three, sparse(),
)
i = keras.Input((6,))
h = body(i)
save(
    "two-outputs", i,
    [layers.Reshape((4, 2), name="other")(h), layers.Dense(3, activation="softmax", name="classes")(h)],
    rows, three, sparse(), output=1,
)
# Rescaling within the model: bytes go in as they are.
i = keras.Input((4, 4, 3))
h = layers.Flatten()(layers.Rescaling(1 / 127.5, offset=-1)(layers.ZeroPadding2D(1)(i)))
save("rescaling", i, layers.Dense(3, activation="softmax")(h), images.astype(np.float32), three, sparse())
i = keras.Input((4, 4, 3))
h = layers.Flatten()(i / 255.0 - 0.5)
save("arithmetic", i, layers.Dense(3, activation="softmax")(h), images.astype(np.float32), three, sparse())
# Channels first.
i = keras.Input((3, 4, 4))
h = layers.Flatten()(i)
save(
    "channels-first", i, layers.Dense(3, activation="softmax")(h),
    np.moveaxis(images, -1, 1) / np.float32(255), three, sparse(),
)

# A batch that the model fixes: Keras judges a twin that takes any.
i = keras.Input((6,))
twin = keras.Model(i, layers.Dense(3, activation="softmax")(i), name="fixed-batch")
save("fixed-batch", twin.input, twin.output, rows, three, sparse())
fixed = keras.Input(batch_shape=(5, 6))
model = keras.Model(fixed, layers.Dense(3, activation="softmax")(fixed), name="fixed-batch")
model.set_weights(twin.get_weights())
model.save(HERE / "fixed-batch.keras")

clothes = np.load(ROOT / "Tests/DatasetsTests/Fixtures/clothes.npz")
x = clothes["x"][..., None] / np.float32(255)
p, q = (
    keras.models.load_model(ROOT / f"models/{name}.h5", compile=False).predict(x, verbose=0)
    for name in ["fashion-resnet", "fashion-mobilenet"]
)
expected["pair"] = {
    "agreement": float(np.mean(p.argmax(-1) == q.argmax(-1))),
    # KLDivergence clips to 1e-7 and does not normalise afterwards.
    "divergence": float(keras.losses.KLDivergence()(p.astype(np.float64), q.astype(np.float64))),
}
(HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
