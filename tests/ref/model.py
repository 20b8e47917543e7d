#!/usr/bin/env python3
"""The model of core/MODEL.md in NumPy, double, one token at a time.

Written from that page, not from the C.  Run from the root of the repository:

    python3 tests/ref/model.py > tests/golden/model.h

Weights and tokens are the hash below (seeds 1..9), so the file holds only what
comes out: x0 of each case, and for each tensor the slope of the loss sum(g x0)
along a direction, by central differences (step 1e-5, so good to about 1e-8).
"""
import numpy as np


def draw(seed, n):
    """n numbers in [-1, 1), the same as tests/model/test_golden.c draws."""
    h = np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B1)
    h = (h + np.uint64(seed * 0x85EBCA77)) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39), (15, 1)):
        h = h ^ (h >> np.uint64(shift))
        h = (h * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return h.astype(np.float64) / 2.0**31 - 1.0


def shapes(c):
    """Names and shapes in the order of the page."""
    d, C, M = c["d"], c["C"], c["M"]
    out = [("input.weight", (d, C)), ("input.bias", (d,)), ("input.window", (d,)),
           ("recall.weight", (d, C)), ("recall.confidence", (d,))]
    if c["S"]:
        out.append(("side.weight", (d, c["S"])))

    def linear(name, rows, cols):
        out.append((name + ".weight", (rows, cols)))
        out.append((name + ".bias", (rows,)))

    for i in range(c["L"]):
        b = f"blocks.{i}."
        linear(b + "norm1", 2 * d, 32)
        if c["gru"]:
            linear(b + "gru.input", 3 * d, d)
            linear(b + "gru.state", 3 * d, d)
            out.append((b + "gru.start", (d,)))
        else:
            out.append((b + "conv.weight", (c["W"], d)))
            out.append((b + "conv.bias", (d,)))
            linear(b + "attn.qkv", 3 * d, d)
            linear(b + "attn.out", d, d)
        linear(b + "norm2", 2 * d, 32)
        linear(b + "mlp.up", M, d)
        linear(b + "mlp.down", d, M)
    linear("head.norm", 2 * d, 32)
    linear("head", C, d)
    return out


def signal_noise(c, k):
    if k == 0:
        return 1.0, 0.0
    if k == c["K"]:
        return 0.0, 1.0
    x, y = c["shift"] * np.cos(np.pi / 2 * k / c["K"]), np.sin(np.pi / 2 * k / c["K"])
    return x / np.hypot(x, y), y / np.hypot(x, y)


def features(c, k):
    w = np.pi / 2 * 2.0 ** (np.arange(16) / 3)
    f = np.concatenate([np.sin(w * k / c["K"]), np.cos(w * k / c["K"])])
    return f / (1 + np.exp(-f))


def adanorm(c, p, name, x, k):
    m = p[name + ".weight"] @ features(c, k) + p[name + ".bias"]
    d = c["d"]
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5) * (1 + m[:d]) + m[d:]


def gelu(x):
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def turn(x, t):
    """Rotary positions of one head."""
    D = len(x)
    a = t * 1000.0 ** (-2 * np.arange(D // 2) / D)
    lo, hi = x[: D // 2], x[D // 2:]
    return np.concatenate([lo * np.cos(a) - hi * np.sin(a), lo * np.sin(a) + hi * np.cos(a)])


def attend(c, p, b, query, keys):
    """query and keys are pairs (convolved row, time)."""
    d, heads = c["d"], c["h"]
    D = d // heads
    A, bias = p[b + "attn.qkv.weight"], p[b + "attn.qkv.bias"]
    q = A[:d] @ query[0] + bias[:d]
    out = np.zeros(d)
    for g in range(heads):
        s = slice(g * D, (g + 1) * D)
        scores, values = [], []
        for y, t in keys:
            k = (A[d:2 * d] @ y + bias[d:2 * d])[s]
            scores.append(turn(q[s], query[1]) @ turn(k, t) / np.sqrt(D))
            values.append((A[2 * d:] @ y + bias[2 * d:])[s])
        e = np.exp(np.array(scores) - max(scores))
        out[s] = e / e.sum() @ np.array(values)
    return p[b + "attn.out.weight"] @ out + p[b + "attn.out.bias"]


def convolve(c, p, b, rows, t):
    """rows[t] with those before it; None before the clip."""
    y = rows[t] + p[b + "conv.bias"]
    for j in range(c["W"]):
        if t - j >= 0:
            y = y + p[b + "conv.weight"][j] * rows[t - j]
    return y


def cell(c, p, b, n, g):
    d = c["d"]
    i = p[b + "gru.input.weight"] @ n + p[b + "gru.input.bias"]
    h = p[b + "gru.state.weight"] @ g + p[b + "gru.state.bias"]
    r = sigmoid(i[:d] + h[:d])
    s = sigmoid(i[d:2 * d] + h[d:2 * d])
    cand = np.tanh(i[2 * d:] + r * h[2 * d:])
    return (1 - s) * cand + s * g


def mix(c, p, b, ctx, win):
    """Both streams of one clip through one mixer."""
    T, H, N = c["T"], c["H"], c["N"]
    out_c, out_w = [], []
    if c["gru"]:
        states = [p[b + "gru.start"]]
        for t in range(T):
            states.append(cell(c, p, b, ctx[t], states[-1]))
        out_c = states[1:]
        for begin in range(0, T, H):
            g = states[begin]
            for t in range(begin, begin + H):
                g = cell(c, p, b, win[t], g)
                out_w.append(g)
        return out_c, out_w
    past = [(convolve(c, p, b, ctx, t), t) for t in range(T)]
    for t in range(T):
        out_c.append(attend(c, p, b, past[t], past[max(0, t - N + 1): t + 1]))
    for begin in range(0, T, H):
        rows = ctx[:begin] + win[begin: begin + H]
        own = [(convolve(c, p, b, rows, t), t) for t in range(begin, begin + H)]
        keys = past[max(0, begin - N): begin] + own
        out_w += [attend(c, p, b, o, keys) for o in own]
    return out_c, out_w


def network(c, p, data):
    """x0[B,T,C]."""
    B, T, C = c["B"], c["T"], c["C"]
    x0 = np.zeros((B, T, C))
    for clip in range(B):
        kc, kw = data["context_level"][clip], data["window_level"][clip]
        ctx = [p["input.weight"] @ z + p["input.bias"] for z in data["context"][clip]]
        win = []
        for t in range(T):
            x = p["input.weight"] @ data["window"][clip, t] + p["input.bias"] + p["input.window"]
            conf = data["confidence"][clip, t]
            if conf > 0:
                x = x + p["recall.weight"] @ data["recall"][clip, t] + conf * p["recall.confidence"]
            win.append(x)
        if c["S"]:
            ctx = [x + p["side.weight"] @ s for x, s in zip(ctx, data["context_side"][clip])]
            win = [x + p["side.weight"] @ s for x, s in zip(win, data["window_side"][clip])]
        for i in range(c["L"]):
            b = f"blocks.{i}."
            nc = [adanorm(c, p, b + "norm1", x, k) for x, k in zip(ctx, kc)]
            nw = [adanorm(c, p, b + "norm1", x, k) for x, k in zip(win, kw)]
            for rows, added, levels in zip((ctx, win), mix(c, p, b, nc, nw), (kc, kw)):
                for t in range(T):
                    x = rows[t] + added[t]
                    n = adanorm(c, p, b + "norm2", x, levels[t])
                    up = p[b + "mlp.up.weight"] @ n + p[b + "mlp.up.bias"]
                    rows[t] = x + p[b + "mlp.down.weight"] @ gelu(up) + p[b + "mlp.down.bias"]
        for t in range(T):
            a, s = signal_noise(c, kw[t])
            q = data["variance"]
            net = p["head.weight"] @ adanorm(c, p, "head.norm", win[t], kw[t]) + p["head.bias"]
            var = a * a * q + s * s
            x0[clip, t] = a * q / var * data["window"][clip, t] + np.sqrt(q * s * s / var) * net
    return x0


def make(c):
    n = c["B"] * c["T"]
    full = (c["B"], c["T"], c["C"])
    total = sum(int(np.prod(s)) for _, s in shapes(c))
    theta = 0.5 * draw(1, total)
    confidence = np.abs(draw(6, n))
    confidence[1::3] = 0.0
    data = {
        "context": draw(2, n * c["C"]).reshape(full),
        "window": draw(3, n * c["C"]).reshape(full),
        "recall": draw(4, n * c["C"]).reshape(full),
        "context_side": draw(7, n * c["S"]).reshape(full[:2] + (c["S"],)),
        "window_side": draw(9, n * c["S"]).reshape(full[:2] + (c["S"],)),
        "confidence": confidence.reshape(full[:2]),
        "context_level": np.arange(n).reshape(full[:2]) % 3,
        "window_level": np.arange(n).reshape(full[:2]) * 5 % (c["K"] + 1),
        "variance": 0.25 + 0.125 * np.arange(c["C"]),
        "g": draw(5, n * c["C"]).reshape(full),
    }
    return theta, data


def split(c, theta):
    p, at = {}, 0
    for name, shape in shapes(c):
        n = int(np.prod(shape))
        p[name] = theta[at: at + n].reshape(shape)
        at += n
    return p


def loss(c, theta, data):
    return float((data["g"] * network(c, split(c, theta), data)).sum())


def slopes(c, theta, data):
    out, at, step = [], 0, 1e-5
    for _, shape in shapes(c):
        n = int(np.prod(shape))
        along = np.zeros_like(theta)
        along[at: at + n] = draw(8, n)
        out.append((loss(c, theta + step * along, data) -
                    loss(c, theta - step * along, data)) / (2 * step))
        at += n
    return np.array(out)


CASES = {
    "transformer": dict(gru=False, B=2, T=12, H=4, C=5, d=12, h=3, L=2, M=20, W=3, N=5, K=8, S=3, shift=0.5),
    "gru": dict(gru=True, B=2, T=12, H=4, C=5, d=12, h=3, L=2, M=20, W=3, N=5, K=8, S=3, shift=0.5),
    "long": dict(gru=False, B=1, T=72, H=12, C=2, d=8, h=2, L=1, M=8, W=2, N=40, K=8, S=0, shift=0.5),
}


def show(name, values):
    print(f"static const double golden_{name}[] = {{")
    flat = values.ravel()
    for i in range(0, len(flat), 4):
        print("  " + " ".join(f"{v:.12g}," for v in flat[i: i + 4]))
    print("};\n")


def main():
    print("// Written by tests/ref/model.py, seeds 1..9.  Tolerances: x0 1e-9 in double and")
    print("// 1e-4 in float (sums of about 100 products); slopes 1e-6 and 1e-3.\n")
    print("#ifndef DF_TESTS_GOLDEN_MODEL_H\n#define DF_TESTS_GOLDEN_MODEL_H\n")
    print("// clang-format off\n")
    for name, c in CASES.items():
        theta, data = make(c)
        show(name + "_x0", network(c, split(c, theta), data))
        if name != "long":
            show(name + "_slopes", slopes(c, theta, data))
    print("#endif // DF_TESTS_GOLDEN_MODEL_H")


if __name__ == "__main__":
    main()
