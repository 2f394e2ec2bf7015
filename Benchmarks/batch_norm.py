"""Gives a network the batch-norm statistics of calibration images: what many do after pruning, in place of training.

    python Benchmarks/batch_norm.py IMAGES.npz COUNT SOURCE.h5 TARGET.h5...

The n-th target is made with COUNT images that are drawn with seed n. All of them are one batch, so that every normalisation is
given the mean and variance of what reaches it when those before it have theirs.
"""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np


def main(images, count, source, *targets):
    images = np.load(images)["x"]
    for seed, target in enumerate(targets, start=1):
        model = keras.models.load_model(source, compile=False)
        normalisations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
        momenta = [layer.momentum for layer in normalisations]
        for layer in normalisations:
            layer.momentum = 0.0
        drawn = np.random.default_rng(seed).choice(len(images), int(count), replace=False)
        model(images[drawn].astype(np.float32) / 255, training=True)
        for layer, momentum in zip(normalisations, momenta):
            layer.momentum = momentum
        model.save(target, include_optimizer=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
