#!/usr/bin/env python3
"""Layers in NumPy, double, from their papers.  Run from the repository's root:

    python3 tests/ref/nn.py > tests/golden/nn.h

Inputs are sin(0.7 i + seed) for i = 0, 1, ..., so the file holds only outputs.
"""
import numpy as np


def wave(seed, *shape):
    return np.sin(0.7 * np.arange(int(np.prod(shape))) + seed).reshape(shape)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def embed(levels):
    j = np.arange(16)
    u = np.arange(levels + 1)[:, None] / levels
    angle = np.pi / 2 * 2 ** (j / 3) * u
    f = np.hstack([np.sin(angle), np.cos(angle)])
    return f * sigmoid(f)


def norm(x, table, level):
    d = x.shape[1]
    unit = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    return unit * (1 + table[level, :d]) + table[level, d:]


def gru(a, h, g):
    d = g.shape[1]
    r = sigmoid(a[:, :d] + h[:, :d])
    s = sigmoid(a[:, d:2 * d] + h[:, d:2 * d])
    c = np.tanh(a[:, 2 * d:] + r * h[:, 2 * d:])
    return (1 - s) * c + s * g


def mlp(x, n, U, bu, V, bv):
    return x + gelu(n @ U.T + bu) @ V.T + bv


def rotary(x, D):
    """Rows are times, heads side by side; pairs (i, i + D/2) as complex numbers."""
    T, d = x.shape
    out = np.empty_like(x)
    turns = np.exp(1j * np.outer(np.arange(T), 1000.0 ** (-2 * np.arange(D // 2) / D)))
    for h in range(0, d, D):
        z = (x[:, h: h + D // 2] + 1j * x[:, h + D // 2: h + D]) * turns
        out[:, h: h + D // 2], out[:, h + D // 2: h + D] = z.real, z.imag
    return out


def adam(theta, grads, decays, rate=1e-2, b1=0.9, b2=0.98, eps=1e-8, decay=0.1, clip=1.0, ema=0.5):
    """Loshchilov and Hutter's algorithm 2, decay where `decays`; returns theta and average."""
    theta, average = theta.copy(), theta.copy()
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for n, g in enumerate(grads, 1):
        g = g * min(1.0, clip / np.sqrt((g**2).sum()))
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        mhat, vhat = m / (1 - b1**n), v / (1 - b2**n)
        theta = theta - rate * (mhat / (np.sqrt(vhat) + eps) + decay * decays * theta)
        e = min(ema, (1 + n) / (10 + n))
        average = e * average + (1 - e) * theta
    return theta, average


def chirp(seed, *shape):
    """Unlike wave, of full rank as a matrix."""
    i = np.arange(int(np.prod(shape)))
    return np.sin(0.7 * i * i + seed).reshape(shape)


def orthogonal(G, rounds=5):
    """Newton-Schulz (Jordan et al. 2024) as the map of singular values that it is."""
    U, s, Vt = np.linalg.svd(G, full_matrices=False)
    s = s / np.sqrt((s**2).sum())
    for _ in range(rounds):
        s = 3.4445 * s - 4.775 * s**3 + 2.0315 * s**5
    return U @ np.diag(s) @ Vt


def muon(theta, grads, rate=1e-2, mu=0.95, decay=0.1):
    m = np.zeros_like(theta)
    for g in grads:
        m = mu * m + g
        O = orthogonal(g + mu * m)
        theta = theta - rate * (0.2 * np.sqrt(max(g.shape)) * O + decay * theta)
    return theta


def show(name, values):
    print(f"static const double golden_{name}[] = {{")
    flat = np.asarray(values).ravel()
    for i in range(0, len(flat), 4):
        print("  " + " ".join(f"{v:.15g}," for v in flat[i: i + 4]))
    print("};\n")


def main():
    print("// Written by tests/ref/nn.py from waves (no random numbers).  Tolerance: 1e-12 in")
    print("// double, the rounding of a few dozen sums of numbers near one.\n")
    print("#ifndef DF_TESTS_GOLDEN_NN_H\n#define DF_TESTS_GOLDEN_NN_H\n")
    print("// clang-format off\n")
    show("embed", embed(8))
    show("norm", norm(wave(1, 5, 6), wave(2, 3, 12), np.array([2, 0, 1, 2, 1])))
    show("gru", gru(wave(1, 3, 12), wave(2, 3, 12), wave(3, 3, 4)))
    show("mlp", mlp(wave(1, 3, 4), wave(2, 3, 4), wave(3, 7, 4), wave(4, 7), wave(5, 4, 7), wave(6, 4)))
    show("rotary", rotary(wave(1, 5, 8), 4))
    theta, average = adam(wave(1, 10), [10 * wave(2, 10), wave(3, 10) / 10, wave(4, 10)],
                          np.array([1.0] * 6 + [0.0] * 4))
    show("adam_theta", theta)
    show("adam_average", average)
    stacked = [muon(theta, [chirp(2, 2, 4, 6)[i], chirp(3, 2, 4, 6)[i]]) for i, theta in enumerate(chirp(1, 2, 4, 6))]
    show("muon_wide", stacked)
    show("muon_tall", muon(chirp(1, 9, 5), [chirp(2, 9, 5), chirp(3, 9, 5)]))
    print("#endif // DF_TESTS_GOLDEN_NN_H")


if __name__ == "__main__":
    main()
