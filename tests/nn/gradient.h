#ifndef DF_TESTS_GRADIENT_H
#define DF_TESTS_GRADIENT_H

#include "tests/check.h"

#include "core/base/rng.h"
#include "core/tensor/real.h"

#include <stddef.h>

/// Central differences against a written gradient, sign kept.
///
/// The tests that include this are built with DF_REAL_DOUBLE: the step 1e-5
/// leaves an error of about 1e-10 from the curve and 1e-11 from rounding, for
/// functions and arguments near one.

#define GRADIENT_STEP 1e-5
#define GRADIENT_TOLERANCE 1e-6

/// The loss as a function of whatever the arrays under test hold.
typedef double (*gradient_loss)(void* self);

/// Fill with draws of N(0, spread^2).
static inline void
gradient_draw(df_rng* const  rng,
              df_real* const x,
              const size_t   n,
              const double   spread)
{
  for (size_t i = 0U; i < n; i += 64U) {
    float        draw[64];
    const size_t some = n - i < 64U ? n - i : 64U;
    df_rng_normal(rng, draw, 64U);
    for (size_t j = 0U; j < some; ++j) {
      x[i + j] = (df_real)(spread * (double)draw[j]);
    }
  }
}

static inline void
gradient_compare(const char* const name,
                 const long        entry,
                 const double      rises,
                 const double      want)
{
  const double scale = fabs(want) > 1.0 ? fabs(want) : 1.0;
  if (!(fabs(rises - want) <= GRADIENT_TOLERANCE * scale)) {
    (void)fprintf(stderr,
                  "%s[%ld]: loss rises by %.12g, gradient says %.12g\n",
                  name,
                  entry,
                  rises,
                  want);
    exit(1);
  }
}

/// Hold dx[n] to the differences of `loss` as x[n] moves: along three random
/// directions, and at `entries` single numbers spread over the array.
static inline void
gradient_check(const char* const    name,
               const gradient_loss  loss,
               void* const          self,
               df_real* const       x,
               const df_real* const dx,
               const size_t         n,
               const size_t         entries)
{
  df_rng         rng   = df_rng_make(7U, 0U, n);
  df_real* const kept  = (df_real*)malloc(n * sizeof(df_real));
  df_real* const along = (df_real*)malloc(n * sizeof(df_real));
  CHECK(kept && along);
  for (size_t i = 0U; i < n; ++i) {
    kept[i] = x[i];
  }

  for (long trial = 0; trial < 3; ++trial) {
    gradient_draw(&rng, along, n, 1.0 / sqrt((double)n));
    double want    = 0.0;
    double ends[2] = {0.0, 0.0};
    for (size_t i = 0U; i < n; ++i) {
      want += (double)dx[i] * (double)along[i];
    }
    for (int e = 0; e < 2; ++e) {
      const double step = e ? GRADIENT_STEP : -GRADIENT_STEP;
      for (size_t i = 0U; i < n; ++i) {
        x[i] = (df_real)((double)kept[i] + step * (double)along[i]);
      }
      ends[e] = loss(self);
    }
    for (size_t i = 0U; i < n; ++i) {
      x[i] = kept[i];
    }
    gradient_compare(
      name, -1 - trial, (ends[1] - ends[0]) / (2.0 * GRADIENT_STEP), want);
  }

  const size_t stride = n > entries ? n / entries : 1U;
  for (size_t i = 0U; i < n; i += stride) {
    x[i]              = (df_real)((double)kept[i] + GRADIENT_STEP);
    const double high = loss(self);
    x[i]              = (df_real)((double)kept[i] - GRADIENT_STEP);
    const double low  = loss(self);
    x[i]              = kept[i];
    gradient_compare(
      name, (long)i, (high - low) / (2.0 * GRADIENT_STEP), (double)dx[i]);
  }
  free(along);
  free(kept);
}

#endif // DF_TESTS_GRADIENT_H
