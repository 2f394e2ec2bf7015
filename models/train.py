#!/usr/bin/env python3
"""Trains the networks that `models/` ships, on Fashion-MNIST, and writes them as Keras `.h5`.

    python3 -m venv .venv && .venv/bin/pip install -r models/requirements.txt
    .venv/bin/python models/train.py --out models

The images come from Debian's package `dataset-fashion-mnist` (or any directory with its four
`.gz` files, by `--data`). 55,000 of the 60,000 training images train, the other 5,000 validate;
the 10,000 official test images are looked at once, at the end, for the number in the README.
Every random choice is seeded. `--evaluate` trains nothing and scores the files that are there.
"""

import argparse
import gzip
import hashlib
import os
import pathlib
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Two threads, whatever the machine: sums are split by thread, so their number decides the last bits.
os.environ.setdefault("OMP_NUM_THREADS", "2")

import absl.logging
import keras
import numpy as np
import tensorflow as tf
from keras import layers

absl.logging.set_verbosity(absl.logging.ERROR)

SEED = 20240229
BATCH = 128
DEBIAN_DATA = "/usr/share/datasets/fashion-mnist"


# --- Data -----------------------------------------------------------------------------------


def read_idx(path):
    """Reads one IDX file of unsigned bytes: magic number, sizes (big-endian), bytes."""
    with gzip.open(path, "rb") as file:
        data = file.read()
    dimensions = data[3]
    shape = np.frombuffer(data, ">i4", dimensions, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def load(directory):
    """(images, labels) for train, validation and test; images as float32 NHWC in [0, 1]."""

    def pair(stem):
        images = read_idx(directory / f"{stem}-images-idx3-ubyte.gz")
        labels = read_idx(directory / f"{stem}-labels-idx1-ubyte.gz")
        return (images[..., None].astype(np.float32) / 255), labels.astype(np.int32)

    images, labels = pair("train")
    order = np.random.default_rng(SEED).permutation(len(images))
    train, validation = order[:55_000], order[55_000:]
    return (
        (images[train], labels[train]),
        (images[validation], labels[validation]),
        pair("t10k"),
    )


def augmented(images, random):
    """Each image shifted by up to two pixels in both directions, and mirrored half of the time."""
    count, height, width, _ = images.shape
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
    down, right = random.integers(0, 5, (2, count, 1))
    rows = down + np.arange(height)
    columns = right + np.arange(width)
    mirrored = random.random((count, 1)) < 0.5
    columns = np.where(mirrored, columns[:, ::-1], columns)
    return padded[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


# --- Networks -------------------------------------------------------------------------------


def head(x):
    x = layers.Dense(10, name="logits")(x)
    return layers.Activation("softmax", name="probabilities")(x)


def residual():
    """ResNet of three stages of two blocks, 16, 32 and 64 channels wide."""

    def conv(x, channels, size, stride, name):
        return layers.Conv2D(
            channels, size, stride, "same", use_bias=False, kernel_initializer="he_normal", name=name
        )(x)

    def block(x, channels, stride, name):
        shortcut = x
        x = conv(x, channels, 3, stride, f"{name}_conv1")
        x = layers.BatchNormalization(name=f"{name}_bn1")(x)
        x = layers.Activation("relu", name=f"{name}_relu1")(x)
        x = conv(x, channels, 3, 1, f"{name}_conv2")
        x = layers.BatchNormalization(name=f"{name}_bn2")(x)
        if stride != 1 or shortcut.shape[-1] != channels:
            shortcut = conv(shortcut, channels, 1, stride, f"{name}_shortcut")
            shortcut = layers.BatchNormalization(name=f"{name}_shortcut_bn")(shortcut)
        x = layers.Add(name=f"{name}_add")([x, shortcut])
        return layers.Activation("relu", name=f"{name}_out")(x)

    image = x = keras.Input((28, 28, 1), name="image")
    x = conv(x, 16, 3, 1, "stem_conv")
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.Activation("relu", name="stem_relu")(x)
    for index, (channels, stride) in enumerate(
        [(16, 1), (16, 1), (32, 2), (32, 1), (64, 2), (64, 1)], start=1
    ):
        x = block(x, channels, stride, f"block{index}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, head(x), name="fashion-resnet")


def plain():
    """VGG-like: pairs of 3x3 convolutions and max pooling, flattened into two dense layers."""
    image = x = keras.Input((28, 28, 1), name="image")
    for index, channels in enumerate([32, 64, 128], start=1):
        for part in (1, 2):
            x = layers.Conv2D(
                channels,
                3,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                name=f"block{index}_conv{part}",
            )(x)
        x = layers.MaxPooling2D(2, name=f"block{index}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(0.3, seed=SEED, name="flatten_dropout")(x)
    x = layers.Dense(256, activation="relu", kernel_initializer="he_normal", name="hidden")(x)
    x = layers.Dropout(0.3, seed=SEED + 1, name="hidden_dropout")(x)
    return keras.Model(image, head(x), name="fashion-vgg")


def separable():
    """MobileNet-like: depthwise 3x3 and pointwise 1x1 convolutions, ReLU capped at 6."""

    def normalised(x, name):
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
        return layers.ReLU(6.0, name=f"{name}_relu")(x)

    image = x = keras.Input((28, 28, 1), name="image")
    x = layers.Conv2D(32, 3, padding="same", use_bias=False, name="stem_conv")(x)
    x = normalised(x, "stem")
    for index, (channels, stride) in enumerate(
        [(64, 2), (128, 1), (128, 1), (256, 2), (256, 1)], start=1
    ):
        name = f"block{index}_depthwise"
        x = layers.DepthwiseConv2D(3, stride, "same", use_bias=False, name=name)(x)
        x = normalised(x, name)
        name = f"block{index}_pointwise"
        x = layers.Conv2D(channels, 1, use_bias=False, name=name)(x)
        x = normalised(x, name)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(0.1, seed=SEED, name="dropout")(x)
    return keras.Model(image, head(x), name="fashion-mobilenet")


# name: (builder, architecture in words, epochs, peak learning rate)
NETWORKS = {
    "fashion-resnet": (
        residual,
        "residual: stem, three stages of two blocks (16, 32, 64 channels), projection shortcuts, "
        "batch normalisation, global average pooling",
        6,
        3e-3,
    ),
    "fashion-vgg": (
        plain,
        "plain: three pairs of 3×3 convolutions (32, 64, 128 channels) with max pooling, no batch "
        "normalisation, flatten, dense 256",
        6,
        1e-3,
    ),
    "fashion-mobilenet": (
        separable,
        "depthwise-separable: stem 32, five blocks (64, 128, 128, 256, 256 channels), batch "
        "normalisation (momentum 0.9), ReLU6, global average pooling",
        8,
        3e-3,
    ),
}


def multiply_adds(model):
    """Multiplications with a kernel's element, for one image: convolutions and dense layers."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            total += int(np.prod(layer.kernel.shape))
        elif isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D)):
            total += int(np.prod(layer.kernel.shape)) * int(np.prod(layer.output.shape[1:3]))
    return total


# --- Training -------------------------------------------------------------------------------


def train(name, epochs, data):
    build, _, default_epochs, rate = NETWORKS[name]
    epochs = epochs or default_epochs
    keras.backend.clear_session()
    keras.utils.set_random_seed(SEED)
    random = np.random.default_rng(SEED)
    (images, labels), (validation_images, validation_labels), _ = data
    steps = len(images) // BATCH * epochs
    model = build()
    model.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                rate / 10, steps - steps // 10, warmup_target=rate, warmup_steps=steps // 10
            ),
            weight_decay=0.004,
        ),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
        metrics=["accuracy"],
    )
    targets = np.eye(10, dtype=np.float32)
    started = time.monotonic()
    for epoch in range(epochs):
        order = random.permutation(len(images))[: len(images) // BATCH * BATCH]
        # The last epoch sees the images as they are, so that batch normalisation ends on them.
        shown = augmented(images, random) if epoch + 1 < epochs else images
        history = model.fit(
            shown[order], targets[labels[order]], BATCH, shuffle=False, verbose=0
        ).history
        print(
            f"{name} epoch {epoch + 1}/{epochs}: loss {history['loss'][0]:.4f}, "
            f"training accuracy {history['accuracy'][0]:.4f}, "
            f"validation accuracy {accuracy(model, validation_images, validation_labels):.4f}, "
            f"{time.monotonic() - started:.0f} s",
            flush=True,
        )
    return model


def accuracy(model, images, labels):
    return float(np.mean(np.argmax(model.predict(images, 500, verbose=0), -1) == labels))


# --- Report ---------------------------------------------------------------------------------


def write_readme(directory, data):
    """Scores the files in `directory` and writes their table."""
    rows, details = [], []
    for name, (_, architecture, *_) in NETWORKS.items():
        path = directory / f"{name}.h5"
        if not path.exists():
            continue
        model = keras.models.load_model(path, compile=False)
        validation, test = accuracy(model, *data[1]), accuracy(model, *data[2])
        print(f"{name}: validation accuracy {validation:.4f}, test accuracy {test:.4f}")
        rows.append(
            f"| `{path.name}` | {model.count_params():,} | {multiply_adds(model):,} "
            f"| {path.stat().st_size / 1024:,.0f} KiB | {validation:.4f} | **{test:.4f}** |"
        )
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        details.append(f"- `{path.name}`: {architecture}.\n  sha256 `{digest}`")
    (directory / "README.md").write_text(
        README.format(rows="\n".join(rows), details="\n".join(details), keras=keras.__version__)
    )


README = """\
# Networks to prune

Three small networks, trained on real images by [`train.py`](train.py), which also writes this page.

| file | parameters | multiply-adds | size | validation accuracy | test accuracy |
|---|---:|---:|---:|---:|---:|
{rows}

{details}

**Data**: [Fashion-MNIST](https://github.com/zalandoresearch/fashion-mnist), 28×28 grey images of
clothing in ten classes, © Zalando SE, MIT licence. 55,000 of its training images train, the other
5,000 validate (fixed seed); the test accuracy is over all 10,000 official test images. Debian has it:
`apt-get install dataset-fashion-mnist`.

**Input**: `image`, float32 in [0, 1], shape (batch, 28, 28, 1). **Output**: `probabilities` over T-shirt,
trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot; the layer before is `logits`.

**Format**: Keras {keras} whole-model HDF5, float32, without optimizer state.

**Licence**: as the rest of the project.

To train them again:

```sh
python3 -m venv .venv && .venv/bin/pip install -r models/requirements.txt
.venv/bin/python models/train.py --out models
```
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the files go")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(DEBIAN_DATA))
    parser.add_argument("--network", choices=NETWORKS, action="append", help="default: all")
    parser.add_argument("--epochs", type=int, help="instead of each network's own number")
    parser.add_argument("--evaluate", action="store_true", help="only score what is there")
    arguments = parser.parse_args()

    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.threading.set_inter_op_parallelism_threads(2)
    tf.config.experimental.enable_op_determinism()
    data = load(arguments.data)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in [] if arguments.evaluate else arguments.network or NETWORKS:
        model = train(name, arguments.epochs, data)
        model.save(arguments.out / f"{name}.h5", include_optimizer=False)
    write_readme(arguments.out, data)


if __name__ == "__main__":
    main()
