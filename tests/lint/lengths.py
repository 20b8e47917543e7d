#!/usr/bin/env python3
"""How long the files are.

lengths.py ROOT

A file is one idea, most near 150 lines; past 600 it is two, and an error.
"""

import os
import sys

MOST = 600


def main():
    root = sys.argv[1]
    lengths = []
    for top in ("core", "plugin", "tests"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                if name.endswith((".c", ".h", ".py", ".sh")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as lines:
                        count = sum(1 for _ in lines)
                    lengths.append((count, os.path.relpath(path, root)))
    lengths.sort(reverse=True)
    for count, path in lengths[:20]:
        print(f"{count:5d}  {path}")
    counts = [count for count, _ in lengths]
    print(
        f"{len(counts)} files, {sum(counts)} lines, "
        f"median {counts[len(counts) // 2]}"
    )
    long = [path for count, path in lengths if count > MOST]
    for path in long:
        print(f"{path}: more than {MOST} lines")
    return 1 if long else 0


sys.exit(main())
