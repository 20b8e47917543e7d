#ifndef DF_TESTS_SERIES_WAVE_H
#define DF_TESTS_SERIES_WAVE_H

#include "core/base/rng.h"
#include "core/series/table.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/// Correlated series: a daily wave and two AR(1) factors, all above 0, by the
/// hour.
static inline df_table
wave_make(const int rows, const int series, const uint64_t seed)
{
  df_table t = {.rows = rows, .series = series};
  t.values   = (double*)malloc((size_t)rows * (size_t)series * sizeof(double));
  t.names    = calloc((size_t)series, sizeof(*t.names));
  CHECK(t.values && t.names);
  t.calendar  = (df_calendar){DF_UNIT_SECOND, 3600, 1704067200};
  double f[2] = {0.0, 0.0};
  for (int d = 0; d < series; ++d) {
    (void)snprintf(t.names[d], sizeof(t.names[d]), "s%d", d + 1);
  }
  for (int r = 0; r < rows; ++r) {
    df_rng rng = df_rng_make(seed, 1U, (uint64_t)r);
    float  w[4];
    df_rng_normal(&rng, w, 4U);
    f[0] = 0.9 * f[0] + 0.3 * (double)w[0];
    f[1] = 0.7 * f[1] + 0.3 * (double)w[1];
    for (int d = 0; d < series; ++d) {
      float own[1];
      df_rng_normal(&rng, own, 1U);
      const double day = sin(6.283185307179586 * (r + d % 5) / 24.0);
      t.values[(size_t)r * (size_t)series + (size_t)d] =
        10.0 + 2.0 * day + (d % 3 ? 1.0 : -1.0) * f[0] + (d % 2 ? f[1] : 0.0) +
        0.1 * (double)own[0];
    }
  }
  return t;
}

#endif // DF_TESTS_SERIES_WAVE_H
