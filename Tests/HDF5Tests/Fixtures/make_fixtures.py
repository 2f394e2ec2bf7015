"""Writes the HDF5 files that the tests read. Needs h5py, numpy, ml_dtypes.

    python3 make_fixtures.py [directory]
"""

import pathlib
import sys

import h5py
import ml_dtypes
import numpy as np

out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)


def create(name, **options):
    return h5py.File(out / name, "w", **options)


# Every element type, 2 x 3, values 0..5 unless negative or fractional ones say more.
with create("types.h5") as f:
    for kind in ["i1", "i2", "i4", "i8"]:
        for order, word in [("<", "little"), (">", "big")]:
            f[f"{word}/{kind}"] = np.array([[-3, -2, -1], [0, 1, 2]], dtype=order + kind)
    for kind in ["u1", "u2", "u4", "u8"]:
        for order, word in [("<", "little"), (">", "big")]:
            top = np.iinfo(kind).max
            f[f"{word}/{kind}"] = np.array([[0, 1, 2], [3, 4, top]], dtype=order + kind)
    for kind in ["f2", "f4", "f8"]:
        for order, word in [("<", "little"), (">", "big")]:
            f[f"{word}/{kind}"] = np.array([[-1.5, 0.25, 3], [65504, 0, -2]], dtype=order + kind)
    f["bool"] = np.array([True, False, True])
    # As Keras writes it: two opaque bytes, an attribute that says what they are.
    d = f.create_dataset("bfloat16", data=np.array([1, -2, 3.5], dtype=ml_dtypes.bfloat16))
    d.attrs["dtype"] = "bfloat16"
    # As a float of its own.
    t = h5py.h5t.IEEE_F32LE.copy()
    t.set_fields(15, 7, 8, 0, 7)
    t.set_size(2)
    t.set_ebias(127)
    d = h5py.h5d.create(f.id, b"bfloat16-float", t, h5py.h5s.create_simple((3,)))
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, -2, 3.5], dtype="<f4"))
    f["scalar"] = np.float32(7)
    f["empty"] = np.zeros((0, 4), dtype="f4")
    f["null"] = h5py.Empty("f4")
    f["strings"] = np.array(["a", "Größe", ""], dtype=h5py.string_dtype())
    f["fixed-strings"] = np.array([b"abc", b"de"], dtype="S4")
    f["compound"] = np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])
    f.create_dataset("never-written", shape=(2, 2), dtype="f4", fillvalue=9)
    f["named-type"] = np.dtype("f8")

# Storage: every layout and filter.
with create("storage.h5") as f:
    values = np.arange(60, dtype="f4").reshape(10, 6)
    f["contiguous"] = values
    f.create_dataset("chunked", data=values, chunks=(4, 4))
    f.create_dataset("gzip", data=values, chunks=(4, 4), compression="gzip", compression_opts=6)
    f.create_dataset("shuffle-gzip", data=values, chunks=(4, 6), shuffle=True, compression="gzip")
    f.create_dataset("fletcher", data=values, chunks=(10, 6), fletcher32=True)
    d = f.create_dataset("partly", shape=(10, 6), dtype="f4", chunks=(4, 4), fillvalue=-1)
    d[0:4, 0:4] = values[0:4, 0:4]
    # A filter that is not there: LZF is registered by h5py only.
    f.create_dataset("lzf", data=np.zeros((64, 64), dtype="f4"), chunks=(64, 64), compression="lzf")
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    d = h5py.h5d.create(
        f.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((3,)), dcpl=plist)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 2, 3], dtype="f4"))
    f["bytes"] = np.arange(5, dtype="u1")

# Attributes.
with create("attributes.h5") as f:
    a = f.attrs
    a["text"] = "Größe"
    a["bytes"] = np.bytes_(b"plain")
    a["texts"] = ["conv", "größer", ""]
    a["fixed-texts"] = np.array([b"kernel:0", b"bias:0"])
    a["no-texts"] = []
    a["null"] = h5py.Empty("S1")
    a["int"] = 42
    a["ints"] = np.array([[1, 2], [3, 4]], dtype=">i2")
    a["big"] = np.uint64(2**64 - 1)
    a["float"] = np.float32(0.5)
    a["floats"] = np.array([0.5, -1.25], dtype="f8")
    a["half"] = np.float16(1.5)
    a["bool"] = True
    a["bools"] = np.array([True, False])
    a["not-utf-8"] = np.bytes_(b"\xff\xfe")
    a["reference"] = f.ref
    for word, padding in [("null-terminated", h5py.h5t.STR_NULLTERM),
                          ("space-padded", h5py.h5t.STR_SPACEPAD)]:
        t = h5py.h5t.C_S1.copy()
        t.set_size(6)
        t.set_strpad(padding)
        raw = {"null-terminated": b"abc\0de", "space-padded": b"ab c  "}[word]
        h5py.h5a.create(f.id, word.encode(), t, h5py.h5s.create(h5py.h5s.SCALAR)).write(
            np.array(raw, dtype="S6"), mtype=t)
    f.create_dataset("d", data=[1]).attrs["on"] = "dataset"

# Links and foreign storage.
with create("links.h5", track_order=True) as f:
    f.create_group("b/inner")
    f.create_group("a")
    f["b/inner/values"] = np.arange(3, dtype="i4")
    f["again"] = f["b/inner/values"]
    f["soft"] = h5py.SoftLink("/b/inner")
    f["dangling"] = h5py.SoftLink("/nowhere")
    f["external"] = h5py.ExternalLink("types.h5", "/little")
    f["b/soft"] = h5py.SoftLink("inner")

with create("cycle.h5") as f:
    f.create_group("a/b")
    f["a/b/back"] = f["a"]

with create("diamonds.h5") as f:
    below = f.create_group("g0")
    for level in range(1, 40):
        g = f.create_group(f"tmp{level}")
        g["left"] = below
        g["right"] = below
        below = g
    for name in list(f):
        if name != "tmp39":
            del f[name]

with create("deep.h5") as f:
    f.create_group("/".join(["d"] * 70))

with create("external-storage.h5") as f:
    f.create_dataset("outside", shape=(4,), dtype="u1", external=[("passwd", 0, 4)])
    f["inside"] = np.arange(4, dtype="u1")

with create("virtual.h5", libver="v110") as f:
    layout = h5py.VirtualLayout(shape=(2, 3), dtype="i4")
    layout[0] = h5py.VirtualSource("types.h5", "little/i4", shape=(2, 3))[0]
    f.create_virtual_dataset("virtual", layout)

# Claims of terabytes with nothing behind them.
with create("bomb.h5") as f:
    f.create_dataset("contiguous", shape=(2**40,), dtype="f4")
    f.create_dataset("chunked", shape=(2**40,), dtype="f4", chunks=(2**20,), compression="gzip")
    f.create_dataset("overflow", shape=(2**31, 2**31, 2**31), dtype="f4", chunks=(1, 1, 1))
    f.create_dataset("chunk", shape=(4,), maxshape=(None,), dtype="f4", chunks=(2**29,))

# Everything stands 512 bytes further than the addresses say.
with create("userblock.h5", userblock_size=512) as f:
    f["x"] = np.arange(4, dtype="f4")
    f.create_dataset("chunked", data=np.arange(4, dtype="f4"), chunks=(2,))
    f.attrs["texts"] = ["a", "bc"]

# A text dataset, one object of two names, references.
with create("copies.h5", track_order=True) as f:
    f["g/texts"] = np.array(["a", "Größe", ""], dtype=h5py.string_dtype())
    f["g/texts"].attrs["names"] = ["x", "y"]
    f["g/again"] = f["g/texts"]
    f["g/sub/values"] = np.arange(6, dtype=">f4")
    f["g/sub/values"].attrs["unit"] = "m"
    f["g/sub"].attrs["empty"] = []
    f["g/gzip"] = f.create_dataset("gzip", data=np.arange(9), chunks=(4,), compression="gzip")
    f["g/no-texts"] = h5py.Empty(h5py.string_dtype())
    f["references"] = np.array([f.ref], dtype=h5py.ref_dtype)
    f["lists"] = np.array([np.arange(2), np.arange(3)], dtype=h5py.vlen_dtype("i4"))

# The newest format that libhdf5 1.10 reads.
with create("v110.h5", libver=("v110", "v110")) as f:
    f["x"] = np.arange(4, dtype="f4")
    f.attrs["large"] = np.zeros(66_000, dtype="u1")

whole = (out / "types.h5").read_bytes()
(out / "truncated.h5").write_bytes(whole[: len(whole) // 2])
(out / "garbage.h5").write_bytes(bytes(range(256)) * 8)
(out / "empty.h5").write_bytes(b"")

# One feature each, as small as may be: what fuzzing starts from.
seeds = out / "fuzz-seeds"
seeds.mkdir(exist_ok=True)


def seed(name, write, **options):
    with h5py.File(seeds / f"{name}.h5", "w", **options) as f:
        write(f)


small = np.arange(6, dtype="f4").reshape(2, 3)
seed("contiguous", lambda f: f.create_dataset("x", data=small))
seed("chunked", lambda f: f.create_dataset("x", data=small, chunks=(1, 2)))
seed("gzip", lambda f: f.create_dataset(
    "x", data=small, chunks=(2, 3), compression="gzip", shuffle=True))
seed("texts", lambda f: f.create_dataset("x", data=["a", "bc"], dtype=h5py.string_dtype()))
seed("fixed-texts", lambda f: f.create_dataset("x", data=np.array([b"a", b"bc"])))
seed("bool", lambda f: f.create_dataset("x", data=np.array([True, False])))
seed("compound", lambda f: f.create_dataset(
    "x", data=np.zeros(2, dtype=[("a", "i4"), ("b", "f8", (2,))])))
seed("text-attribute", lambda f: f.attrs.__setitem__("a", "text"))
seed("texts-attribute", lambda f: f.attrs.__setitem__("a", ["a", "bc"]))
seed("fixed-texts-attribute", lambda f: f.attrs.__setitem__("a", np.array([b"a", b"bc"])))
seed("number-attributes", lambda f: f.attrs.update(a=1, b=np.arange(3.0), c=True))
seed("groups", lambda f: f.create_group("a/b/c"))
seed("fill", lambda f: f.create_dataset("x", shape=(4,), dtype="f4", fillvalue=2))
seed("soft", lambda f: f.__setitem__("a", h5py.SoftLink("/b")))
seed("v110-group", lambda f: f.create_group("a/b"), libver="v110", track_order=True)
seed("v110-chunks", lambda f: f.create_dataset("x", data=small, chunks=(1, 2)), libver="v110")
