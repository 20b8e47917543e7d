#include "core/series/base.h"

#include "core/series/base_parts.h"
#include "core/series/solve.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

double
df_base_scaled(const df_base_view* const view,
               const float* const        r,
               const int                 row,
               const size_t              series)
{
  const size_t i     = (size_t)row * (size_t)view->base->series + series;
  const double scale = (double)view->scale[i];
  return scale > 0.0 && !isnan(r[i])
           ? fmax(-DF_BASE_CLIP, fmin(DF_BASE_CLIP, (double)r[i] / scale))
           : 0.0;
}

/// n = r / scale, weighted by importance.
static void
weigh(const df_base_view* const view,
      const float* const        r,
      const int                 row,
      float* const              out)
{
  const size_t D = (size_t)view->base->series;
  for (size_t d = 0U; d < D; ++d) {
    out[d] = (float)(df_base_scaled(view, r, row, d) *
                     (double)view->base->importance[d]);
  }
}

/// Put into n, where it is missing, what is expected of it given what is known:
/// with factors of variance[j] that span n but for noise of variance[k],
///
///     E[c | known] = (V V' over the known + variance[k] / variance[j])^-1 V n
///
/// and V V' is 1 over all series.  A row that is missing whole stays 0.  The
/// diagonal of that inverse, times variance[k], is what stays unknown of the
/// factors.
///
/// @param row      [D] r, NAN where missing
/// @param n        [D] 0 where missing
/// @param unknown  Share of the factors' variance, above that of a whole row
/// @param A        [k,k] scratch
/// @param c        [k,1+k] scratch
static bool
expect_missing(const df_base* const base,
               const float* const   row,
               float* const         n,
               float* const         unknown,
               double* const        A,
               double* const        c)
{
  const size_t D       = (size_t)base->series;
  const size_t k       = (size_t)base->config.factors;
  size_t       missing = 0U;
  memset(A, 0, k * k * sizeof(double));
  for (size_t j = 0U; j < k; ++j) {
    A[j * k + j] = 1.0 + (double)base->variance[k] / (double)base->variance[j];
  }
  for (size_t d = 0U; d < D; ++d) {
    if (isnan(row[d])) {
      ++missing;
      for (size_t j = 0U; j < k; ++j) {
        for (size_t i = 0U; i < k; ++i) {
          A[j * k + i] -=
            (double)base->factors[j * D + d] * (double)base->factors[i * D + d];
        }
      }
    }
  }
  *unknown = missing == D ? 1.0f : 0.0f;
  if (!missing || missing == D) {
    return true;
  }
  const size_t row_c = 1U + k;
  memset(c, 0, k * row_c * sizeof(double));
  for (size_t j = 0U; j < k; ++j) {
    c[j * row_c + 1U + j] = 1.0;
    for (size_t d = 0U; d < D; ++d) {
      c[j * row_c] += (double)base->factors[j * D + d] * (double)n[d];
    }
  }
  const bool good  = df_solve((int)k, A, (int)row_c, c);
  double     more  = 0.0; // than of a row known whole
  double     whole = 0.0;
  for (size_t j = 0U; j < k; ++j) {
    const double part  = (double)base->variance[k] / (double)base->variance[j];
    const double least = part / (1.0 + part);
    more += part * c[j * row_c + 1U + j] - least;
    whole += 1.0 - least;
  }
  *unknown = (float)fmax(0.0, fmin(1.0, more / whole));
  for (size_t d = 0U; d < D && good; ++d) {
    if (isnan(row[d])) {
      double sum = 0.0;
      for (size_t j = 0U; j < k; ++j) {
        sum += c[j * row_c] * (double)base->factors[j * D + d];
      }
      n[d] = (float)sum;
    }
  }
  return good;
}

df_status
df_base_factorise(df_base_view* const view, const float* const r)
{
  const df_base* const base = view->base;
  const size_t         D    = (size_t)base->series;
  const size_t         k    = (size_t)base->config.factors;
  float* const         n    = (float*)malloc(D * sizeof(float));
  double* const        A = (double*)malloc(k * (2U * k + 1U) * sizeof(double));
  df_status            status = n && A ? DF_OK : DF_E_NOMEM;
  for (int t = view->begin; t < view->rows && !status; ++t) {
    const float* const row = r + (size_t)t * D;
    float* const       f   = view->factor + (size_t)t * k;
    weigh(view, r, t, n);
    status = expect_missing(base, row, n, view->unknown + t, A, A + k * k)
               ? DF_OK
               : DF_E_FINITE;
    for (size_t j = 0U; j < k; ++j) {
      const float* const v   = base->factors + j * D;
      double             sum = 0.0;
      for (size_t d = 0U; d < D; ++d) {
        sum += (double)v[d] * (double)n[d];
      }
      f[j] = (float)(sum / sqrt((double)base->variance[j]));
      for (size_t d = 0U; d < D && view->left; ++d) {
        n[d] -= (float)sum * v[d];
      }
    }
    for (size_t d = 0U; d < D && view->left; ++d) {
      view->left[(size_t)t * D + d] =
        isnan(row[d]) ? 0.0f : n[d] / base->importance[d];
    }
  }
  free(n);
  free(A);
  return status;
}
