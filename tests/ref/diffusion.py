"""Reference numbers for the room diffusion, in float64 from the papers.

Written from the equations (Chen et al. 2024, Song et al. 2020, Lu et al. 2022),
not from our C.  No randomness.  Run: python3 tests/ref/diffusion.py
> tests/golden/diffusion.h
"""

import numpy as np


def abar(kind, K):
    """abar of code index 0..K-1."""
    if kind == "linear":
        s = 1000.0 / K
        beta = np.linspace(1e-4 * s, 2e-2 * s, K)
        return np.cumprod(1.0 - beta)
    u = np.arange(K + 1) / K
    if kind == "cosine":
        f = np.cos(np.pi / 2 * (u + 0.008) / 1.008) ** 2
    else:
        sig = lambda x: 1.0 / (1.0 + np.exp(-x))
        f = (sig(3.0) - sig(6.0 * u - 3.0)) / (sig(3.0) - sig(-3.0))
    f = f / f[0]
    beta = np.clip(1.0 - f[1:] / f[:-1], 0.0, 0.999)
    return np.cumprod(1.0 - beta)


def zero_terminal(ab):
    r = np.sqrt(ab)
    return ((r - r[-1]) * r[0] / (r[0] - r[-1])) ** 2


def angle(K, shift):
    u = np.arange(K + 1) / K
    a = shift * np.cos(np.pi * u / 2)
    s = np.sin(np.pi * u / 2)
    n = np.sqrt(a * a + s * s)
    return a / n, s / n


def posterior_mean(cov, a, s, z):
    """E[x0 | z] of a Gaussian seen through z = a x0 + s eps (a, s vectors)."""
    A = np.diag(a)
    return cov @ A @ np.linalg.solve(A @ cov @ A + np.diag(s * s), z)


def trajectory(order, steps=16, K=64, T=4, phi=0.8):
    """Deterministic sampling of an AR(1) window, all tokens at one level."""
    a, s = angle(K, 0.5)
    cov = phi ** np.abs(np.subtract.outer(np.arange(T), np.arange(T)))
    z = np.array([1.0, -0.5, 0.25, 2.0])
    ladder = [K - K * i // steps for i in range(steps + 1)]
    lam = lambda k: np.log(a[k] / s[k])
    past = None
    for k, to in zip(ladder[:-1], ladder[1:]):
        x0 = posterior_mean(cov, np.full(T, a[k]), np.full(T, s[k]), z)
        if to == 0:
            z = x0
            break
        d = x0
        if order == 2 and past is not None and past[0] < K:
            r = (lam(k) - lam(past[0])) / (lam(to) - lam(k))
            d = x0 + (x0 - past[1]) / (2.0 * r)
        z = s[to] / s[k] * z + (a[to] - a[k] * s[to] / s[k]) * d
        past = (k, x0)
    return z


def table(name, rows, width):
    print(f"static const double {name}[][{width}] = {{")
    for row in rows:
        print("  {" + ", ".join(f"{v:.17g}" for v in row) + "},")
    print("};\n")


def main():
    print("// Made by tests/ref/diffusion.py (no seed); compare to 1e-12, the")
    print("// trajectories, which the C takes in float, to 1e-5.")
    print("// clang-format off\n")
    for K in (1000, 50):
        rows = []
        for k in sorted({0, 1, 9, K // 4, K // 2, 3 * K // 4, K - 2, K - 1}):
            rows.append(
                [k]
                + [abar(n, K)[k] for n in ("linear", "cosine", "sigmoid")]
                + [zero_terminal(abar("linear", K))[k]]
            )
        print("// code index, linear, cosine, sigmoid, linear zero-terminal")
        table(f"golden_abar_{K}", rows, 5)
    a, s = angle(64, 0.5)
    print("// level, a, s of the angle schedule, K = 64, shift 0.5")
    table("golden_angle", [[k, a[k], s[k]] for k in range(0, 65, 4)], 3)
    print("// AR(1) window after 16 steps from a fixed start, order 1 and 2")
    table("golden_trajectory", [trajectory(1), trajectory(2)], 4)


main()
