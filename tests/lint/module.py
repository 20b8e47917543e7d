#!/usr/bin/env python3
"""The plugin module gives hosts one symbol, and brings no BLAS into them.

module.py MODULE     needs readelf; else skipped (77)
"""

import shutil
import subprocess
import sys


def readelf(*words):
    return subprocess.run(
        ["readelf", "-W", *words], capture_output=True, text=True, check=True
    ).stdout.splitlines()


def main():
    if not shutil.which("readelf"):
        print("skipped: readelf is not installed")
        return 77
    module = sys.argv[1]
    given = []
    for line in readelf("--dyn-syms", module):
        words = line.split()
        if len(words) == 8 and words[6].isdigit():
            if words[4] in ("GLOBAL", "WEAK", "UNIQUE"):
                given.append(words[7])
    # The instrumented builds of some tools add their own
    given = [n for n in given if not n.startswith(("__asan", "__odr_asan"))]
    needed = [
        line.split("[")[1].rstrip("]")
        for line in readelf("-d", module)
        if "(NEEDED)" in line
    ]
    print("gives", *given)
    print("needs", *needed)
    heavy = ("blas", "lapack", "cairo", "sndfile", "gomp", "stdc++")
    bad = [name for name in needed if any(word in name for word in heavy)]
    return 1 if given != ["lv2_descriptor"] or bad else 0


sys.exit(main())
