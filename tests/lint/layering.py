#!/usr/bin/env python3
"""Includes follow the arrows of the house.

layering.py ROOT

A file may include headers of its own room and of the rooms named here, spelled
from the root.  Other includes in quotes, and headers that do not exist, are
errors; libraries and the standard are written with angle brackets.
"""

import os
import re
import sys

BASE = ["core/base"]
TENSOR = BASE + ["core/tensor"]
NN = TENSOR + ["core/nn"]
DIFFUSION = NN + ["core/diffusion"]
MODEL = DIFFUSION + ["core/model"]
STREAM = MODEL + ["core/stream"]
AUDIO = TENSOR + ["core/audio"]
SERIES = TENSOR + ["core/series"]
ENGINE = STREAM + ["core/audio", "core/engine"]
PICTURE = BASE + ["core/picture"]
FORECAST = STREAM + ["core/series", "core/forecast"]
TRAIN = FORECAST + ["core/audio", "core/picture", "core/train"]

ROOMS = {
    "core/base": BASE,
    "core/tensor": TENSOR,
    "core/nn": NN,
    "core/diffusion": DIFFUSION,
    "core/model": MODEL,
    "core/stream": STREAM,
    "core/audio": AUDIO,
    "core/series": SERIES,
    "core/engine": ENGINE,
    "core/picture": PICTURE,
    "core/forecast": FORECAST,
    "core/train": TRAIN,
    "core/cli": sorted(set(ENGINE + TRAIN + SERIES + ["core/cli"])),
    "plugin": sorted(set(ENGINE + FORECAST + ["plugin"])),
}
EVERYTHING = sorted(ROOMS) + ["tests"]

# The heavy ones are named by one file each, the rest by few
LIBRARIES = {
    "cblas.h": ["core/tensor", "tests"],
    "lapacke.h": ["core/tensor", "core/audio", "tests"],
    "fftw3.h": ["core/audio"],
    "sndfile.h": ["core/audio", "tests"],
    "samplerate.h": ["core/audio", "core/train"],
    "jansson.h": ["core/nn", "core/model", "core/train"],
    "cairo.h": ["core/picture", "tests"],
    "jack/jack.h": ["tests"],
    "lo/lo.h": ["plugin", "tests"],
    "lilv/lilv.h": ["tests"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    fits = [room for room in EVERYTHING if path.startswith(room + "/")]
    return max(fits, key=len) if fits else None


def check(root, path, errors):
    room = room_of(path)
    if room is None:
        errors.append(f"{path}: in no room")
        return
    allowed = EVERYTHING if room == "tests" else ROOMS[room]
    with open(os.path.join(root, path), encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            kind, name = found.groups()
            where = f"{path}:{number}"
            if kind == "<":
                homes = LIBRARIES.get(name)
                if homes is not None and room not in homes:
                    errors.append(f"{where}: {room} may not use <{name}>")
                if name.startswith("lv2/") and room not in ("plugin", "tests"):
                    errors.append(f"{where}: {room} knows nothing of LV2")
            elif not os.path.isfile(os.path.join(root, name)):
                errors.append(f'{where}: "{name}" is no path from the root')
            elif room_of(name) not in allowed:
                errors.append(f'{where}: {room} may not include "{name}"')


def main():
    root = sys.argv[1]
    errors = []
    count = 0
    for top in ("core", "plugin", "tests"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    path = os.path.relpath(os.path.join(folder, name), root)
                    check(root, path, errors)
                    count += 1
    print("\n".join(errors + [f"{count} files, {len(errors)} errors"]))
    return 1 if errors or count == 0 else 0


sys.exit(main())
