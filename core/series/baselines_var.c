#include "core/series/baselines_parts.h"

#include "core/series/solve.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/// Change of a series from the row before.
static double
change(const df_baseline_past* const past, const int row, const size_t d)
{
  const size_t i = (size_t)row * (size_t)past->series + d;
  return past->values[i] - past->values[i - (size_t)past->series];
}

/// A change that is expected after a row of changes.
static double
expected(const double* const w,
         const double* const before,
         const size_t        D,
         const size_t        d)
{
  double sum = w[D * D + d];
  for (size_t i = 0U; i < D; ++i) {
    sum += before[i] * w[i * D + d];
  }
  return sum;
}

df_status
df_baseline_var_fit(const df_baseline_past* const past,
                    double** const                out,
                    df_note* const                note)
{
  const size_t  D = (size_t)past->series;
  const size_t  N = D + 1U;
  double* const A = (double*)calloc(N * N, sizeof(double));
  double* const B = (double*)calloc(N * D, sizeof(double));
  double        x[DF_BASELINE_VAR_SERIES + 1];
  df_status     status = A && B ? DF_OK : DF_E_NOMEM;
  for (int t = 2; t < past->train && !status; ++t) {
    for (size_t d = 0U; d < D; ++d) {
      x[d] = change(past, t - 1, d);
    }
    x[D] = 1.0;
    for (size_t i = 0U; i < N; ++i) {
      for (size_t j = 0U; j < N; ++j) {
        A[i * N + j] += x[i] * x[j];
      }
      for (size_t d = 0U; d < D; ++d) {
        B[i * D + d] += x[i] * change(past, t, d);
      }
    }
  }
  for (size_t i = 0U; i < N && !status; ++i) {
    // a series that never moves shall not make it singular
    A[i * N + i] += 1e-6 * A[i * N + i] + 1e-12;
  }
  if (!status && !df_solve((int)N, A, (int)D, B)) {
    status =
      df_note_set(note, DF_E_FINITE, "VAR(1): the changes give a singular fit");
  }
  free(A);
  if (status) {
    free(B);
    return status;
  }
  *out = B;
  return DF_OK;
}

void
df_baseline_var_path(const df_baseline_past* const past,
                     const double* const           weight,
                     const int                     origin,
                     df_rng* const                 rng,
                     double* const                 path)
{
  const size_t D = (size_t)past->series;
  const int    count =
    origin - 2 < DF_BASELINE_RECENT ? origin - 2 : DF_BASELINE_RECENT;
  double x[DF_BASELINE_VAR_SERIES];
  double seen[DF_BASELINE_VAR_SERIES];
  double next[DF_BASELINE_VAR_SERIES];
  for (size_t d = 0U; d < D; ++d) {
    x[d] = change(past, origin - 1, d);
  }
  for (int h = 0; h < past->horizon; ++h) {
    const int row = origin - 1 - (int)df_rng_below(rng, (uint32_t)count);
    for (size_t d = 0U; d < D; ++d) {
      seen[d] = change(past, row - 1, d);
    }
    for (size_t d = 0U; d < D; ++d) {
      const size_t i    = (size_t)h * D + d;
      const double left = change(past, row, d) - expected(weight, seen, D, d);
      next[d]           = expected(weight, x, D, d) + left;
      path[i]           = next[d] +
                (h ? path[i - D] : past->values[((size_t)origin - 1U) * D + d]);
    }
    for (size_t d = 0U; d < D; ++d) {
      x[d] = next[d];
    }
  }
}
