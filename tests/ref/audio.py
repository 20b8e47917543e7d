"""Reference for core/audio in double precision, from the papers and formulas.

Prints tests/golden/audio.h:  /usr/bin/python3 tests/ref/audio.py > tests/golden/audio.h
The signal comes from a formula and an integer generator, so it needs no seed
file; tests/audio/signal.h makes the same one.
"""
import heapq

import numpy as np

RATE, WINDOW, HOP, FRAMES, DIMS = 16000, 128, 32, 2, 6
BINS = WINDOW // 2 + 1
COUNT = 60  # tokens
FLOOR = -100 * np.log(10) / 20


def signal(n):
    state, out = 12345, np.zeros(n)
    for i in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        noise = state / 2**32 - 0.5
        decay = np.exp(-(i % 700) / 200)
        tones = np.sin(0.11 * i) + 0.5 * np.sin(0.37 * i + 1)
        out[i] = 0.3 * decay * tones + 0.02 * noise
    return out.astype(np.float32).astype(np.float64)


def frame(x, centre):
    at = np.arange(centre - WINDOW // 2, centre + WINDOW // 2)
    inside = (at >= 0) & (at < len(x))
    part = np.where(inside, x[np.clip(at, 0, len(x) - 1)], 0.0)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    k = np.arange(BINS)[:, None]
    turn = np.exp(-2j * np.pi * k * (at - centre)[None, :] / WINDOW)
    return 4 / WINDOW * turn @ (hann * part)


def codec(y):
    hz = np.arange(BINS) * RATE / WINDOW
    slope = 26.81 * 1960 / (1960 + hz) ** 2  # derivative of Traunmueller's Bark
    w = np.tile(np.sqrt(slope * RATE / WINDOW / FRAMES), FRAMES)
    mean = y.mean(0)
    z = w * (y - mean)
    values, vectors = np.linalg.eigh(z.T @ z / len(z))
    values, basis = values[::-1][:DIMS], vectors.T[::-1][:DIMS]
    most = np.take_along_axis(basis, np.abs(basis).argmax(1)[:, None], 1)
    basis = basis * np.sign(most)
    scale = np.full(DIMS, np.sqrt(values.mean()))
    tokens = z @ basis.T / scale
    decoded = mean + (tokens * scale) @ basis / w
    top = np.tile(y.reshape(-1, BINS).max(0) + 0.7, FRAMES)
    return scale, tokens, np.clip(decoded, FLOOR, top)


def integrate(left, s, ahead, tolerance=1e-3):
    """One frame of real-time phase-gradient heap integration."""
    gamma = 0.25645 * WINDOW**2
    before = np.maximum(np.log(np.abs(left)), FLOOR)
    d_bin = -gamma / (2 * HOP * WINDOW) * (ahead - before)

    def d_time(row):
        out = 2 * np.pi * HOP * np.arange(BINS) / WINDOW
        out[1:-1] += HOP * WINDOW / (2 * gamma) * (row[2:] - row[:-2])
        return out

    hop = (d_time(before) + d_time(s)) / 2
    least = max(s.max(), before.max()) + np.log(tolerance)
    phase, todo = np.full(BINS, np.nan), s > least
    heap = [(-before[k], 0, k) for k in range(BINS)
            if before[k] > before.max() + np.log(tolerance)]
    heapq.heapify(heap)
    while heap:
        _, new, k = heapq.heappop(heap)
        if not new:
            if todo[k]:
                phase[k] = np.angle(left[k]) + hop[k]
                todo[k] = False
                heapq.heappush(heap, (-s[k], 1, k))
            continue
        for j in (k + 1, k - 1):
            if 0 <= j < BINS and todo[j]:
                phase[j] = phase[k] + (j - k) * (d_bin[j] + d_bin[k]) / 2
                todo[j] = False
                heapq.heappush(heap, (-s[j], 1, j))
    assert not todo.any()
    return np.where(np.isnan(phase), 0, np.exp(s + 1j * phase))


def show(name, values):
    print(f"static const double golden_{name}[] = {{")
    for v in np.asarray(values, float).ravel():
        print(f"  {v:.12g},")
    print("};\n")


def pairs(z):
    return np.stack([z.real, z.imag], 1)


x = signal(COUNT * FRAMES * HOP)
X = np.array([frame(x, t * HOP) for t in range(COUNT * FRAMES + 1)])
S = np.maximum(np.log(np.abs(X)), FLOOR)
scale, tokens, decoded = codec(S[:-1].reshape(COUNT, -1))

print("// Made by tests/ref/audio.py; do not edit.\n")
show("frame", pairs(X[7]))
show("frame_at_start", pairs(X[0]))
show("scale", scale)
show("token", tokens[31])
show("decoded", decoded[31])
show("integrated", pairs(integrate(X[49], S[50], S[51])))
