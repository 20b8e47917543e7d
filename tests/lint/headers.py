#!/usr/bin/env python3
"""Every header compiles alone, and twice; its guard is made of its path.

headers.py ROOT COMPILER [ARGUMENT...]
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def guard_of(path):
    words = re.sub(r"[^A-Za-z0-9]", "_", path[:-2]).upper()
    return "DF_" + words.removeprefix("CORE_") + "_H"


def check(root, path, compiler):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        text = file.read()
    guard = guard_of(path)
    if f"#ifndef {guard}\n#define {guard}\n" not in text:
        return f"{path}: no guard {guard}"
    run = subprocess.run(
        compiler
        + ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I", root]
        + ["-fsyntax-only", "-x", "c", "-"],
        input=f'#include "{path}"\n#include "{path}"\n',
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{path}:\n{run.stderr}" if run.returncode else None


def main():
    root, compiler = sys.argv[1], sys.argv[2:]
    headers = []
    for top in ("core", "plugin"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            headers += [
                os.path.relpath(os.path.join(folder, name), root)
                for name in sorted(names)
                if name.endswith(".h")
            ]
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda path: check(root, path, compiler), headers)
        errors = [error for error in found if error]
    print("\n".join(errors + [f"{len(headers)} headers, {len(errors)} errors"]))
    return 1 if errors or not headers else 0


sys.exit(main())
