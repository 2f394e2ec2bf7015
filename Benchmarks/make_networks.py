"""Makes the networks that the benchmarks run on: keras.applications with seeded random weights, as whole-model .h5.

    python Benchmarks/make_networks.py DIRECTORY
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras  # noqa: E402
import numpy as np  # noqa: E402

NETWORKS = {
    "vgg16": keras.applications.VGG16,
    "resnet50": keras.applications.ResNet50,
    "mobilenetv2": keras.applications.MobileNetV2,
    "efficientnetb0": keras.applications.EfficientNetB0,
}


def main(directory):
    os.makedirs(directory, exist_ok=True)
    for name, build in NETWORKS.items():
        path = os.path.join(directory, f"{name}.h5")
        if os.path.exists(path):
            continue
        keras.utils.set_random_seed(1)
        model = build(weights=None)
        random = np.random.default_rng(1)
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                # Statistics of a network that was trained are not the initial 0 and 1.
                shape = layer.moving_mean.shape
                layer.moving_mean.assign(random.normal(0, 0.2, shape))
                layer.moving_variance.assign(random.uniform(0.5, 1.5, shape))
        model.save(path, include_optimizer=False)
        print(path, os.path.getsize(path) // 2**20, "MiB")


if __name__ == "__main__":
    main(sys.argv[1])
