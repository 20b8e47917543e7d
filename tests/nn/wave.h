#ifndef DF_TESTS_WAVE_H
#define DF_TESTS_WAVE_H

#include "core/tensor/real.h"

#include <math.h>
#include <stddef.h>

/// The inputs of tests/ref/nn.py: sin(0.7 i + seed).
static inline void
wave(const double seed, df_real* const x, const size_t n)
{
  for (size_t i = 0U; i < n; ++i) {
    x[i] = (df_real)sin(0.7 * (double)i + seed);
  }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif // DF_TESTS_WAVE_H
