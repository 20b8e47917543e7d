#!/usr/bin/env python3
"""What `dforce forecast` writes as .npy is what it writes as CSV, to NumPy.

test_npy.py DFORCE TABLE.csv
"""

import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    sys.exit(77)  # meson: skipped

dforce, table = sys.argv[1:3]
D, H, N = 4, 24, 20


def run(*words):
    subprocess.run([dforce, *words], check=True, stdout=subprocess.DEVNULL)


with tempfile.TemporaryDirectory() as folder:
    model = folder + "/m.safetensors"
    run("train", "series", "--threads", "1", "--steps", "2", "--validation-windows", "2",
        "--config", "width=16,mlp=16,clips=2", "--out", model, table)
    common = ["forecast", "--model", model, "--samples", str(N), "--quantiles", ".1,.5,.9"]
    for name, more in (("q.csv", []), ("q.npy", []), ("p.npy", ["--paths"]),
                       ("c.npy", ["--paths", "--horizon", "5"])):
        run(*common, *more, "--out", folder + "/" + name, table)
    quantiles = numpy.load(folder + "/q.npy")
    paths = numpy.load(folder + "/p.npy")
    assert quantiles.shape == (3, H, D) and quantiles.dtype == numpy.float64
    assert paths.shape == (N, H, D)
    assert (numpy.load(folder + "/c.npy") == paths[:, :5]).all()
    # NumPy's own quantiles of the paths: both in doubles
    assert numpy.allclose(numpy.quantile(paths, [.1, .5, .9], axis=0), quantiles, rtol=1e-12)
    with open(folder + "/q.csv") as file:
        rows = [line.strip().split(",")[2:] for line in file][1:]
    text = numpy.array(rows, float).reshape(H, D, 3).transpose(2, 0, 1)
    assert numpy.allclose(text, quantiles, rtol=1e-6)  # CSV has 7 digits

    # A gap in a .npy is filled in place, in the type of the file
    values = numpy.genfromtxt(table, delimiter=",", skip_header=1)[:, 1:].astype("<f4")
    values[2000:2003, 1] = numpy.nan
    numpy.save(folder + "/gap.npy", values)
    run("impute", "--model", model, "--freq", "H", "--start", "2019-03-01",
        "--out", folder + "/full.npy", folder + "/gap.npy")
    full = numpy.load(folder + "/full.npy")
    gap = numpy.isnan(values)
    assert full.dtype == numpy.float32 and not numpy.isnan(full).any()
    assert (full[~gap] == values[~gap]).all()

    for out, given, form in (("x.npy", table, "CSV"), ("x.csv", folder + "/gap.npy", r"*.npy")):
        refused = subprocess.run([dforce, "impute", "--model", model, "--out",
                                  folder + "/" + out, given], stderr=subprocess.PIPE, text=True)
        assert refused.returncode == 2 and "table's form, " + form in refused.stderr

    refused = subprocess.run([dforce, *common, "--paths", "--out", folder + "/x.csv", table],
                             stderr=subprocess.PIPE, text=True)
    assert refused.returncode == 2 and "want --out *.npy" in refused.stderr
