"""Read a safetensors file with NumPy alone and check the example in it.

Written from the format's description, not from our C.  Run by
tests/nn/test_weights.c; also a tool: safetensors.py FILE prints what is inside.
"""
import json
import struct
import sys

import numpy as np

TYPES = {"F16": "<f2", "F32": "<f4"}


def load(path):
    with open(path, "rb") as file:
        raw = file.read()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + length])
    texts = header.pop("__metadata__", {})
    data = raw[8 + length:]
    tensors = {}
    for name, item in header.items():
        begin, end = item["data_offsets"]
        kind = np.dtype(TYPES[item["dtype"]])
        assert begin % kind.itemsize == 0, name
        values = np.frombuffer(data[begin:end], kind)
        tensors[name] = values.reshape(item["shape"])
    return tensors, texts


if __name__ == "__main__":
    tensors, texts = load(sys.argv[1])
    if set(tensors) == {"matrix", "vector"}:
        want = np.array([[1, -2.5, 0], [3.25, 1e-3, 65504]], np.float16)
        assert tensors["matrix"].dtype == np.float16
        assert np.array_equal(tensors["matrix"], want)
        want = np.array([0.1, 1e30, -1e-30], np.float32)
        assert np.array_equal(tensors["vector"], want)
        assert texts["model.width"] == "192"
        assert texts["train.licence"] == "CC0 \u2014 \"quoted\"\nsecond line"
    else:
        for key, text in texts.items():
            print(f"{key}: {text}")
        for name, values in tensors.items():
            print(f"{name} {list(values.shape)} {values.dtype}")
