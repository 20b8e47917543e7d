#!/usr/bin/env python3
"""The top of the house holds what it should, and no file speaks of one machine.

contents.py ROOT

Only what git would keep is looked at; without git, all that is there.
"""

import os
import re
import subprocess
import sys

TOP = {
    ".ci",
    ".clang-format",
    ".gitignore",
    "LICENSE",
    "README.md",
    "core",
    "meson.build",
    "meson_options.txt",
    "plugin",
    "presets",
    "tests",
    "ttl",
}
NEEDED = TOP - {".ci", "README.md"}
MOST_BYTES = 8 << 20

# Folders that exist on the machine of whoever wrote this, and nowhere else
PRIVATE = re.compile(
    rb"(?<![\w.$}/])(/work|/root|/home/\w+|/Users/\w+|\.\./shared)(?=[/\s\"'`):;,.]|$)",
    re.MULTILINE,
)


def kept(root):
    try:
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"],
            capture_output=True,
            check=True,
        ).stdout.decode()
        paths = [path for path in listed.split("\0") if path]
        if paths:
            return [p for p in paths if os.path.isfile(os.path.join(root, p))]
    except (OSError, subprocess.CalledProcessError):
        pass
    return [
        os.path.relpath(os.path.join(folder, name), root)
        for folder, _, names in os.walk(root)
        for name in names
        if not os.path.relpath(folder, root).startswith((".git", "build", "out"))
    ]


def main():
    root = sys.argv[1]
    errors = []
    paths = kept(root)
    tops = {path.split("/")[0] for path in paths}
    errors += [f"{name}: not for the top folder" for name in sorted(tops - TOP)]
    errors += [f"{name}: missing" for name in sorted(NEEDED - tops)]
    for path in paths:
        full = os.path.join(root, path)
        if os.path.getsize(full) > MOST_BYTES:
            errors.append(f"{path}: more than {MOST_BYTES} bytes")
        with open(full, "rb") as file:
            text = file.read()
        if b"\0" in text[:8192] or path == "tests/lint/contents.py":
            continue
        for found in PRIVATE.finditer(text):
            number = text.count(b"\n", 0, found.start()) + 1
            errors.append(f"{path}:{number}: {found.group(1).decode()}")
        if text and not text.endswith(b"\n"):
            errors.append(f"{path}: no newline at its end")
    print("\n".join(errors + [f"{len(paths)} files, {len(errors)} errors"]))
    return 1 if errors else 0


sys.exit(main())
