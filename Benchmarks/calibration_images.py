"""Writes the 55,000 images that models/train.py trains with, and none of those that validate or test, as bytes.

    python Benchmarks/calibration_images.py FILE.npz [DATA]
"""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models"))
import train


def main(target, data=train.DEBIAN_DATA):
    (images, _), *_ = train.load(pathlib.Path(data))
    np.savez(target, x=np.rint(images * 255).astype(np.uint8))


if __name__ == "__main__":
    main(*sys.argv[1:])
