"""Writes the files that the tests of Datasets read, and what numpy, Keras and the Python Imaging
Library make of them (expected.json).

    python make_fixtures.py          # needs numpy, h5py, pillow, keras with tensorflow

Run it beside the tests; it changes nothing outside of its folder. The 64 clothes come from
Fashion-MNIST (MIT licence, Zalando SE), as Debian packs it (dataset-fashion-mnist).
"""

import gzip
import json
import os
import struct
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
from PIL import Image

HERE = Path(__file__).parent
MODELS = HERE.parents[2] / "models"
FASHION = Path("/usr/share/datasets/fashion-mnist")
random = np.random.default_rng(7)
expected = {}


def numbers(array):
    return [float(value) for value in np.asarray(array, dtype=np.float64).ravel()]


def arrays():
    """Each type of element in both byte orders, and both orders of axes."""
    base = (np.arange(24).reshape(4, 3, 2) * 5 - 40) % 120
    for name in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "b1"]:
        for order in "<>":
            values = base.astype(order + name) if name != "b1" else base % 3 == 0
            if name in ("i1", "i2", "i4", "i8"):
                values = (values - 50).astype(order + name)
            if name[0] == "f":
                values = ((base - 50) / 8).astype(order + name)
            for layout in "CF":
                file = f"{'le' if order == '<' else 'be'}-{name}-{layout}.npy"
                np.save(HERE / "npy" / file, np.asarray(values, order=layout))
                expected[f"npy/{file}"] = numbers(values)
    version_two = HERE / "npy" / "version-2.npy"
    with open(version_two, "wb") as out:
        np.lib.format.write_array(out, base.astype("<i4"), version=(2, 0))
    expected["npy/version-2.npy"] = numbers(base)


def named():
    x = random.integers(0, 256, (6, 4, 5), dtype=np.uint8)
    y = np.array([3, 1, 4, 1, 5, 0])
    np.savez(HERE / "stored.npz", x=x, y=y)
    np.savez_compressed(HERE / "packed.npz", x=x, y=y)
    onehot = np.eye(6, dtype=np.float32)[y]
    np.savez_compressed(
        HERE / "splits.npz", x_test=x[:2], y_test=onehot[:2], x_train=x[2:], y_train=onehot[2:]
    )
    with h5py.File(HERE / "arrays.h5", "w") as file:
        file.create_dataset("x", data=(x / 255).astype(">f8"), chunks=(2, 4, 5), compression="gzip")
        file.create_dataset("y", data=y.astype(np.int16).reshape(-1, 1))
        file.create_dataset("group/images", data=x)
        file.create_dataset("group/short", data=y[:3])
    np.save(HERE / "x_pair.npy", x)
    np.save(HERE / "y_pair.npy", y)
    expected["named"] = {"x": numbers(x), "y": y.tolist()}

    broken = x.astype(np.float32)
    broken[4, 1, 1] = np.nan
    np.savez(HERE / "nan.npz", x=broken, y=y)
    np.savez(HERE / "bad-labels.npz", x=x, y=y[:5])
    np.savez(HERE / "half-labels.npz", x=x, y=y + 0.5)
    np.savez(HERE / "negative-labels.npz", x=x, y=y - 1)
    np.savez(HERE / "empty.npz", x=x[:0], y=y[:0])
    np.savez(HERE / "objects.npz", x=np.array([{"a": 1}], dtype=object))
    np.savez(HERE / "complex.npz", x=x.astype(np.complex64))


def idx():
    folder = HERE / "idx"
    folder.mkdir(exist_ok=True)
    x = random.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    y = np.array([9, 0, 2, 2, 1], dtype=np.uint8)
    images = struct.pack(">HBB3I", 0, 8, 3, *x.shape) + x.tobytes()
    labels = struct.pack(">HBBI", 0, 8, 1, len(y)) + y.tobytes()
    (folder / "train-images-idx3-ubyte").write_bytes(images)
    (folder / "train-labels-idx1-ubyte").write_bytes(labels)
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(images, mtime=0))
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels, mtime=0))
    floats = (x / 7 - 3).astype(">f4")
    (folder / "floats.idx").write_bytes(struct.pack(">HBB3I", 0, 0x0D, 3, *x.shape) + floats.tobytes())
    expected["idx"] = {"x": numbers(x), "y": y.tolist(), "floats": numbers(floats)}


def resized():
    """Keras's own resizing, to more and to fewer pixels."""
    x = random.integers(0, 256, (2, 7, 5, 3), dtype=np.uint8)
    np.savez(HERE / "resize.npz", x=x)
    expected["resize"] = {}
    for height, width in [(12, 9), (3, 4), (7, 10), (14, 2), (1, 1)]:
        for method in ["bilinear", "nearest"]:
            result = keras.ops.image.resize(
                x.astype(np.float32), (height, width), interpolation=method, antialias=False
            )
            expected["resize"][f"{height}x{width}-{method}"] = numbers(result)


def pictures():
    """Image files of each kind, and their pixels as the Python Imaging Library decodes them."""
    folder = HERE / "pictures"
    folder.mkdir(exist_ok=True)
    smooth = np.add.outer(np.arange(13) * 9, np.arange(11) * 7)
    colours = np.stack([smooth, 255 - smooth, (smooth * 2) % 256], axis=-1).astype(np.uint8)
    grey = smooth.astype(np.uint8)
    alpha = np.concatenate([colours, (255 - grey)[..., None]], axis=-1)
    images = {
        "rgb.png": Image.fromarray(colours),
        "grey.png": Image.fromarray(grey),
        "alpha.png": Image.fromarray(alpha),
        "grey-alpha.png": Image.fromarray(np.stack([grey, 255 - grey], axis=-1)),
        "palette.png": Image.fromarray(colours).quantize(16),
        "bits.png": Image.fromarray(grey > 100),
        "rgb.jpg": Image.fromarray(colours),
        "grey.jpg": Image.fromarray(grey),
        "half.jpeg": Image.fromarray(colours),
        "progressive.jpg": Image.fromarray(colours),
    }
    options = {
        "rgb.jpg": {"quality": 90, "subsampling": 0},
        "half.jpeg": {"quality": 85, "subsampling": 2},
        "progressive.jpg": {"quality": 80, "progressive": True},
    }
    pixels = {}
    for name, image in images.items():
        image.save(folder / name, **options.get(name, {}))
        decoded = Image.open(folder / name)
        mode = "L" if decoded.mode in ("L", "LA", "1") else "RGB"
        pixels[name] = np.asarray(decoded.convert(mode)).ravel().tolist()
    Image.fromarray(colours).convert("CMYK").save(folder / "printing.jpg")
    # 16 bits: rounded to 8 of them.
    deep = (smooth.astype(np.uint32) * 257 + 40).clip(0, 65535).astype(np.uint16)
    Image.fromarray(deep).save(folder / "deep.png")
    pixels["deep.png"] = np.round(deep / 257).astype(int).ravel().tolist()
    expected["pictures"] = pixels
    expected["grey-of-colours"] = np.asarray(Image.fromarray(colours).convert("L")).ravel().tolist()


def classes():
    """A folder with a sub-folder for each class, in which two images are damaged."""
    for label, name in enumerate(["ant", "bee", "cat"]):
        folder = HERE / "classes" / name
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(3):
            image = np.full((6, 6, 3), 40 * label + 10 * index, dtype=np.uint8)
            Image.fromarray(image).save(folder / f"{index}.png")
    bad = HERE / "classes" / "bee" / "1.png"
    bad.write_bytes(bad.read_bytes()[:50])
    (HERE / "classes" / "cat" / "2.png").write_bytes(b"no image")
    (HERE / "classes" / "cat" / "notes.txt").write_text("Not an image, and not meant to be.\n")


def normalised():
    """Keras's Normalization and a swap of channels, on colour images."""
    x = random.integers(0, 256, (3, 4, 4, 3), dtype=np.uint8)
    np.savez(HERE / "colours.npz", x=x)
    mean, deviation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    layer = keras.layers.Normalization(mean=mean, variance=np.square(deviation))
    result = np.asarray(layer((x / 255.0).astype(np.float32)))
    caffe = keras.applications.imagenet_utils.preprocess_input(
        x.astype(np.float32), data_format="channels_last", mode="caffe"
    )
    expected["colours"] = {
        "normalised": numbers(result),
        "channels-first": numbers(np.moveaxis(result, -1, 1)),
        "caffe": numbers(caffe),
    }


def clothes():
    """64 test images, and Keras's loss and accuracy of each shipped network on them."""
    with gzip.open(FASHION / "t10k-images-idx3-ubyte.gz") as file:
        x = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(FASHION / "t10k-labels-idx1-ubyte.gz") as file:
        y = np.frombuffer(file.read(), np.uint8, offset=8)
    x, y = x[500:564], y[500:564]
    np.savez_compressed(HERE / "clothes.npz", x=x, y=y)
    inputs = (x[..., None] / 255.0).astype(np.float32)
    results = {}
    for name in ["fashion-vgg", "fashion-resnet", "fashion-mobilenet"]:
        model = keras.models.load_model(MODELS / f"{name}.h5", compile=False)
        model.compile(
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(5)],
        )
        loss, accuracy, top_five = model.evaluate(inputs, y, batch_size=64, verbose=0)
        results[name] = {
            "loss": float(loss),
            "accuracy": float(accuracy),
            "top-5": float(top_five),
            "predictions": np.argmax(model.predict(inputs, verbose=0), axis=-1).tolist(),
        }
    expected["clothes"] = results


if __name__ == "__main__":
    (HERE / "npy").mkdir(exist_ok=True)
    for make in [arrays, named, idx, resized, pictures, classes, normalised, clothes]:
        make()
    (HERE / "expected.json").write_text(json.dumps(expected) + "\n")
