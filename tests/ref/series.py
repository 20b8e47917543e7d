#!/usr/bin/env python3
"""The linear base in NumPy, double, from core/series/base.h.  Run from the repository's root:

    python3 tests/ref/series.py > tests/golden/series.h

The table is three AR(1) factors and a wave of six rows in five series, driven by sin(0.7 i i)
for i = 0, 1, ..., which is as good as white; every 41st value is missing in the second fit.
"""
import numpy as np

ROWS, D, H, P, J = 720, 5, 3, 6, 28
WAVE = P
SPANS = (1, 2, 6, 24)
PARTS = 6  # of the season, whose origins have weights of their own: here all its rows
FEW = 48  # rows of a season of which there are too few for that


def table(holes):
    i = np.arange(ROWS * (D + 3), dtype=float)
    e = np.sin(0.7 * i * i).reshape(ROWS, D + 3)
    f = np.zeros(3)
    y = np.empty((ROWS, D))
    for t in range(ROWS):
        f = np.array([0.9, 0.7, -0.5]) * f + e[t, :3]
        for d in range(D):
            load = np.cos(1.3 * d + np.array([0.0, 1.0, 2.5])) * np.array([0.20, 0.15, 0.10])
            y[t, d] = 2 + 0.5 * np.sin(2 * np.pi * (t + d) / WAVE) + load @ f + 0.01 * (d + 1) * e[t, 3 + d]
    x = np.exp(y)
    if holes:
        x.ravel()[::41] = np.nan
    return x


def ridge(A, b, penalty, prior=0.0):
    """argmin of the quadratic form A, b and of penalty times the distance from the prior."""
    L = np.diag(np.broadcast_to(penalty, len(A)).astype(float))
    return np.linalg.solve(A + L, b + L @ np.broadcast_to(prior, b.shape))


def offsets():
    """Lags, and the rows of the means, as far back as a third of the rows."""
    day = P * -(-H // P)
    most = ROWS // 3
    lags = [l for l in dict.fromkeys([H, 2 * H, day, day + P, 7 * day]) if l <= most]
    means = [(day, P, 7), (day, P, 28), (7 * day, 7 * P, 4)]
    means = [m for m in means if m[0] + m[1] <= most]
    whole = [f + s * (n - 1) for f, s, n in means if f + s * (n - 1) <= most]
    return lags, means, max(lags + whole)


def features(z, t, d, lags, means, profile):
    def at(row):
        return z[row, d] if 0 <= row < ROWS else np.nan

    x = [np.nan_to_num(at(t - l)) for l in lags]
    for first, step, count in means:
        known = [v for v in (at(t - first - j * step) for j in range(count)) if not np.isnan(v)]
        x.append(np.mean(known) if known else 0.0)
    return np.array(x + ([] if profile is None else [profile[t % P, d]]) + [1.0])


def regress(z, begin, lags, means, profile):
    """Each series by a ridge that is held to the one of all together."""
    A, b = [], []
    for d in range(D):
        rows = [t for t in range(begin, ROWS) if not np.isnan(z[t, d])]
        X = np.array([features(z, t, d, lags, means, profile) for t in rows])
        A.append(X.T @ X)
        b.append(X.T @ z[rows, d])
    trace = np.trace(sum(A)) / len(A[0])
    pooled = ridge(sum(A), sum(b), 1e-3 * trace + 1e-9)
    return np.array([ridge(A[d], b[d], 0.05 * trace / D + 1e-9, pooled) for d in range(D)])


def rolling(r, begin, step, prior):
    """Scales of all rows and H more: J rows back that a forecast may know, and four of the prior."""
    out = np.full((ROWS + H, D), np.nan)
    for t in range(begin, ROWS + H):
        back = t - step * -(-H // step) - step * np.arange(J)
        seen = r[back[(back >= begin) & (back < ROWS)]]
        n = (~np.isnan(seen)).sum(0)
        out[t] = np.sqrt((np.nansum(seen**2, 0) + 4 * prior[t % len(prior)]) / (n + 4) + 1e-10)
    return out


def recent(f, o):
    return np.concatenate([f[o - s: o].mean(0) for s in SPANS])


def solve(U, miss, k, same, own, cross):
    """Weights [H,4k,k]: each factor held loosely to its own past, tightly to that of others."""
    mine = np.arange(len(SPANS) * k) % k
    return np.array([[ridge(U.T @ U, U.T @ miss[:, h, j], same / np.where(mine == j, own, cross)) for j in range(k)]
                     for h in range(H)]).transpose(0, 2, 1)


def direct(f, begin, k, parts, half=None):
    """Forecasts of any origin, [H,k] each, by weights from all origins or from those of a half;
    origins of the same part of the season correct what all say."""
    origins = np.array([o for o in range(begin + max(SPANS), ROWS - H + 1) if half is None or lies(o, begin) == half])
    U = np.array([recent(f, o) for o in origins])
    Y = np.array([f[o: o + H] for o in origins])
    W = [solve(U, Y, k, H, 1.0, 0.01)] * max(parts, 1)
    for part in range(parts):
        m = origins % P * parts // P == part
        miss = Y[m] - np.einsum("ti,hij->thj", U[m], W[part])
        W[part] = W[part] + solve(U[m], miss, k, min(-(-P // parts), H), 0.1, 0.01)
    return lambda o: np.einsum("i,hij->hj", recent(f, o), W[o % P * parts // P])


def lies(o, begin):
    """The half, 0 or 1, of the blocks of rows that an origin and all its horizon lie in, or None."""
    block = max((ROWS - begin) // 10, max(SPANS) + H + 1)
    first, last = (o - begin) // block % 2, (o + H - 1 - begin) // block % 2
    return first if first == last else None


def spreads(f, begin, k, parts):
    """How far factors lie from a forecast that has not seen them, [H,k]; and how much further in
    each phase, [P,k], from what a forecast misses that has seen all."""
    origins = range(begin + max(SPANS), ROWS - H + 1)
    miss = []
    for half in (0, 1):
        ahead = direct(f, begin, k, parts, 1 - half)
        miss += [f[o: o + H] - ahead(o) for o in origins if lies(o, begin) == half]
    spread = np.maximum(np.sqrt(np.mean(np.square(miss), 0)), 1e-3)
    ahead = direct(f, begin, k, parts)
    x = np.array([(f[o: o + H] - ahead(o)) / spread for o in origins])
    if P == 1:
        return spread, np.ones((1, k)), x
    phase = np.array([[(o + h) % P for h in range(H)] for o in origins])
    square = [(x[about(phase, p)]**2).sum(0) for p in range(P)]
    count = np.array([[about(phase, p).sum()] for p in range(P)])
    if few():
        all = (x**2).mean((0, 1))
        square, count = (square + 24 * H * all) / all, count + 24 * H
    return spread, np.maximum(np.sqrt(square / count), 0.1), x


def few():
    """Whether the rows after the first third hold fewer than 20 seasons."""
    return ROWS - ROWS // 3 < 20 * P


def about(phase, p):
    """Which phases count for one: itself, and neighbours where seasons are few."""
    away = np.abs((phase - p + P // 2) % P - P // 2)
    return away <= (P // 24 if few() else 0)


def volatility(x, by_phase, variance, unknown):
    """How far the newest horizons missed, each weighing .6 of the one after it, beside the last 28."""
    miss = []
    for o in range(ROWS - H, ROWS - 29 * H, -H):
        rows = np.arange(o, o + H)
        square = (x[o - ROWS + H - 1] / by_phase[rows % P])**2
        miss.append(min((square @ variance).sum() / variance.sum() / np.sum(1 - unknown[rows - ROWS]), 9))
    usual = (4 + sum(miss)) / (4 + len(miss))
    weight = 0.6**np.arange(len(miss))
    return np.sqrt((usual + weight @ miss) / (1 + weight.sum()) / usual)


def following(left, begin):
    """How a remainder follows from its newest row and its mean, [H,D,2]: each series held to all."""
    origins = np.arange(begin + max(SPANS), ROWS)
    u = np.array([[left[o - 1], left[o - max(SPANS): o].mean(0)] for o in origins])  # [o,2,D]
    out = np.zeros((H, D, 2))
    for h in range(H):
        A = np.einsum("oad,obd->dab", u[: len(u) - h], u[: len(u) - h])
        b = np.einsum("oad,od->da", u[: len(u) - h], left[origins[: len(u) - h] + h])
        mean = np.trace(A.sum(0)) / 2
        pooled = ridge(A.sum(0), b.sum(0), 1e-3 * mean + 1e-9)
        out[h] = [ridge(A[d], b[d], 0.2 * mean / D + 1e-9, pooled) for d in range(D)]
    return out


def complete(n, V, variance, noise):
    """Missing entries by the normal distribution that factors and noise span; and the share of
    the factors' variance that they leave unknown, above that of a whole row."""
    S = V.T * variance @ V + noise * np.eye(D)
    L = V.T * np.sqrt(variance)  # covariance of a row with factors of variance 1

    def left(o):
        return 1 - np.diag(L[o].T @ np.linalg.solve(S[np.ix_(o, o)], L[o])).mean()

    unknown = np.zeros(len(n))
    whole = left(np.ones(D, bool))
    for t, row in enumerate(n):
        o = ~np.isnan(row)
        if not o.all():
            row[~o] = S[np.ix_(~o, o)] @ np.linalg.solve(S[np.ix_(o, o)], row[o])
            unknown[t] = (left(o) - whole) / (1 - whole)
    return unknown


def fit(x, k, difference, phased, season):
    """What the base knows after a fit on x, and the most likely rows to come by it."""
    global P
    P = season
    y = x.copy() if difference else np.log(x)
    level = y.copy()
    for t in range(ROWS):
        gone = np.isnan(level[t])
        level[t, gone] = level[t - 1, gone] if t else 0.0
    mean, deviation = np.nanmean(y, 0), np.nanstd(y, 0, ddof=1)
    z = (y - mean) / deviation
    lags, means, begin = offsets()
    weight, expect = None, np.zeros((ROWS + H, D))
    profile = np.array([np.nanmean(z[p::P], 0) for p in range(P)]) if phased else None
    if difference:
        begin = 1
        r = np.full((ROWS, D), np.nan)
        r[1:] = np.diff(y, axis=0)
    else:
        weight = regress(z, begin, lags, means, profile)
        for t in range(begin, ROWS + H):
            expect[t] = [weight[d] @ features(z, t, d, lags, means, profile) for d in range(D)]
        r = z - expect[:ROWS]
        r[:begin] = np.nan
    at = np.arange(ROWS) % P
    at[:begin] = -P
    prior = np.array([np.nanmean(r[about(at, p) & (at >= 0)]**2, 0) for p in range(P)])
    if few():
        all = np.nanmean(r[begin:]**2, 0)
        prior = np.sqrt(np.maximum(prior, 0.01 * all) * all)
    scale = rolling(r, begin, P, prior + 1e-12)
    size = np.sqrt(np.nanmean(r[begin:]**2, 0))
    if not difference:
        size = size * deviation * np.exp(level[begin:]).mean(0)
    importance = np.sqrt(np.maximum(size / size.mean(), 1e-4))
    n = np.clip(r / scale[:ROWS], -8, 8)[begin:] * importance
    known = (~np.isnan(n)).astype(float)
    missing = np.isnan(n)
    C = np.nan_to_num(n).T @ np.nan_to_num(n) / (known.T @ known)
    value, vector = np.linalg.eigh(C)
    variance, V = value[::-1][:k], vector[:, ::-1][:, :k].T
    left = value[:D - k].mean() if k < D else 0.0
    unknown = complete(n, V, variance, max(left, 1e-3 * variance[-1]))
    f = np.full((ROWS, k), np.nan)
    f[begin:] = n @ V.T / np.sqrt(variance)
    parts = PARTS if P == PARTS else 0
    ahead = direct(f, begin, k, parts)(ROWS)
    spread, by_phase, x = spreads(f, begin, k, parts)
    rest = np.zeros((ROWS, D))
    rest[begin:] = np.where(missing, 0, n - n @ V.T @ V) / importance
    back = ahead * np.sqrt(variance) @ V / importance
    step = back * scale[ROWS:]
    path = level[-1] + np.cumsum(step, 0) if difference else np.exp(mean + deviation * (expect[ROWS:] + step))
    return {"weight": weight, "phase_scale": prior, "importance": importance, "variance": variance, "back": back,
            "path": path, "unknown": unknown, "phase_mean": profile, "spread": spread, "by_phase": by_phase,
            "follow": following(rest, begin),
            "volatility": 1.0 if difference else volatility(x, by_phase, variance, unknown)}


def show(name, values):
    print(f"static const double golden_{name}[] = {{")
    flat = np.asarray(values).ravel()
    for i in range(0, len(flat), 4):
        print("  " + " ".join(f"{v:.10g}," for v in flat[i: i + 4]))
    print("};\n")


def main():
    print("// Written by tests/ref/series.py from sines (no random numbers).  Tolerance: 2e-5 of")
    print("// numbers near one: z, r and factors are kept in 32 bits, and products of them summed.\n")
    print("#ifndef DF_TESTS_GOLDEN_SERIES_H\n#define DF_TESTS_GOLDEN_SERIES_H\n")
    print("// clang-format off\n")
    fits = (("whole", False, D, False, False, 6), ("holed", True, 3, False, False, 6), ("steps", False, D, True, False, 1),
            ("phased", False, D, False, True, 6), ("few", False, D, False, False, FEW))
    for name, holes, k, difference, phased, season in fits:
        got = fit(table(holes), k, difference, phased, season)
        for part in ("weight", "phase_scale", "phase_mean", "importance", "variance", "back", "spread", "by_phase",
                     "volatility"):
            if got[part] is not None:
                show(f"{name}_{part}", got[part])
        if holes:
            show(f"{name}_unknown", got["unknown"][-41:])
            show(f"{name}_follow", got["follow"])
        if k == D:  # without a remainder
            show(f"{name}_path", got["path"])
    print("#endif // DF_TESTS_GOLDEN_SERIES_H")


if __name__ == "__main__":
    main()
