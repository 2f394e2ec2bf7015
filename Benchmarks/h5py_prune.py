"""Magnitude pruning as a Python user would write it: h5py and numpy, one threshold for all kernels.

    python Benchmarks/h5py_prune.py SOURCE TARGET LEVEL      # gzip level; 0 stores plainly
"""

import sys

import h5py
import numpy as np


def main(source, target, level, share=0.8):
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        kernels = []
        old.visititems(lambda name, item: kernels.append(name) if isinstance(item, h5py.Dataset) and "kernel" in name else None)
        values = np.concatenate([np.abs(old[name][()]).ravel() for name in kernels])
        threshold = np.partition(values, int(share * values.size))[int(share * values.size)]
        del values
        new.attrs.update(old.attrs)
        for name, item in old["model_weights"].attrs.items():
            new.require_group("model_weights").attrs[name] = item

        def copy(name, item):
            if isinstance(item, h5py.Group):
                new.require_group(name).attrs.update(item.attrs)
                return
            value = item[()]
            if name in kernels:
                value[np.abs(value) < threshold] = 0
            options = {"compression": "gzip", "compression_opts": level, "shuffle": True} if level and value.ndim else {}
            new.create_dataset(name, data=value, **options)

        old.visititems(copy)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
