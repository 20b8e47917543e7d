#!/usr/bin/env python3
"""A table of eight slow oscillations, each on a drift of its own: what control
voltages do.  lfo.py [ROWS [SEED]] > table.csv

Row t of series d is a sin(2 pi t / period + phase) + drift + noise: periods of
16 to 44 rows, amplitude 1, drift a random walk whose steps have deviation .02,
noise of deviation .02.
"""

import math
import random
import sys

PERIODS = (16, 20, 24, 28, 32, 36, 40, 44)


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    phase = [rng.uniform(0.0, 2.0 * math.pi) for _ in PERIODS]
    drift = [0.0] * len(PERIODS)
    print(",".join(f"lfo_{period}" for period in PERIODS))
    for t in range(rows):
        row = []
        for d, period in enumerate(PERIODS):
            drift[d] += rng.gauss(0.0, 0.02)
            sine = math.sin(2.0 * math.pi * t / period + phase[d])
            row.append(f"{sine + drift[d] + rng.gauss(0.0, 0.02):.4f}")
        print(",".join(row))


main()
