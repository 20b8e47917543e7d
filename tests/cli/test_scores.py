#!/usr/bin/env python3
"""What `dforce eval` prints is what NumPy makes of the same paths by the
definitions of core/series/score.h, with values missing of the truth and of the
past, too; and a forecast reads nothing from its origin on.

test_scores.py DFORCE TABLE.csv
"""

import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    sys.exit(77)  # meson: skipped

dforce, table = sys.argv[1:3]
H, WINDOWS, SAMPLES = 24, 3, 40


def run(*words):
    done = subprocess.run([dforce, *words], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def crps(samples, y):
    """Quantile losses of .05 .. .95, the k-th smallest of n for k = floor(q n)."""
    ordered = numpy.sort(samples)
    n = len(ordered)
    loss = 0.0
    for i in range(1, 20):
        yq = ordered[max(n * i // 20, 1) - 1]
        loss += 2.0 * abs((yq - y) * ((1.0 if y <= yq else 0.0) - i / 20.0)) / 19.0
    return loss


def covered(samples, y, share):
    """Within the order statistics that leave (1 - share) / 2 (n - 1) out at each end."""
    ordered = numpy.sort(samples)
    n = len(ordered)
    low = int(0.5 * (1.0 - share) * (n - 1))
    return ordered[low] <= y <= ordered[n - 1 - low]


def scores(windows):
    """As a line of eval: CRPS_sum, CRPS, energy, four shares in percent."""
    total = {key: [0.0, 0.0] for key in ("sum", "each", "energy", 50, 80, 90, "own")}

    def add(key, value, size):
        total[key][0] += value
        total[key][1] += size

    for paths, truth in windows:
        for h in range(H):
            known = ~numpy.isnan(truth[h])
            x, y = paths[:, h, known], truth[h, known]
            for d in range(known.sum()):
                add("each", crps(x[:, d], y[d]), abs(y[d]))
                add("own", covered(x[:, d], y[d], 0.9), 1)
            if not known.any():
                continue
            add("sum", crps(x.sum(axis=1), y.sum()), abs(y.sum()))
            for percent in (50, 80, 90):
                add(percent, covered(x.sum(axis=1), y.sum(), percent / 100.0), 1)
            off = numpy.linalg.norm(x - y, axis=1).mean()
            wide = numpy.linalg.norm(x[:, None] - x[None], axis=2).mean()
            add("energy", off - wide / 2.0, numpy.linalg.norm(y))
    shares = [100.0 * total[key][0] / total[key][1] for key in (50, 80, 90, "own")]
    return [total[key][0] / total[key][1] for key in ("sum", "each", "energy")] + shares


with tempfile.TemporaryDirectory() as folder:
    with open(table) as file:
        lines = file.read().splitlines()[:1201]
    rows = [line.split(",") for line in lines[1:]]
    for i in range(len(rows)):  # single gaps, all of a row, and a whole series' day
        rows[i][1 + i % 4] = "" if i % 7 == 3 else rows[i][1 + i % 4]
        rows[i][2] = "" if i >= len(rows) - H else rows[i][2]
    rows[-30][1:] = [""] * 4
    count = len(rows)
    origins = [count - w * H for w in range(WINDOWS, 0, -1)]

    def write(name, until):
        path = folder + "/" + name
        with open(path, "w") as to:
            for line in lines[:1] + [",".join(row) for row in rows[:until]]:
                to.write(line + "\n")
        return path

    whole = write("whole.csv", count)
    model = folder + "/m.safetensors"
    run("train", "series", "--threads", "1", "--steps", "2", "--validation-windows", "2",
        "--leave", str(WINDOWS * H), "--config", "width=16,mlp=16,clips=2", "--out", model, whole)
    text = run("eval", "--windows", str(WINDOWS), "--validation", "2", "--samples", str(SAMPLES),
               "--model", model, whole)
    found = {line[:16].strip(): [float(word) for word in line[16:].split()]
             for line in text.splitlines()[2:]}
    values = numpy.array([[float(word or "nan") for word in row[1:]] for row in rows])

    # The model's paths of each window, from a table that ends there
    windows = []
    last = []
    for origin in origins:
        out = folder + "/p.npy"
        run("forecast", "--model", model, "--samples", str(SAMPLES), "--paths", "--out", out,
            write("cut.csv", origin))
        truth = values[origin:origin + H]
        windows.append((numpy.load(out), truth))
        past = values[:origin]
        newest = [past[~numpy.isnan(past[:, d]), d][-1] for d in range(4)]
        last.append((numpy.tile(newest, (SAMPLES, H, 1)), truth))
    for name, mine in (("model", scores(windows)), ("last value", scores(last))):
        # five digits after the point, whole percents; the energy sums otherwise
        assert numpy.allclose(found[name][:3], mine[:3], rtol=0, atol=6e-6), (name, found, mine)
        assert numpy.allclose(found[name][3:7], mine[3:], rtol=0, atol=.51), (name, found, mine)
    assert numpy.isnan(values[origins[0]:]).any()
    assert found["model"][0] < found["last value"][0]
