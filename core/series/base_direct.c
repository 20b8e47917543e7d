#include "core/series/base_parts.h"
#include "core/series/solve.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// Expected variance of a weight of the direct forecast, of a factor's own past
/// and of another's.
#define OWN_VARIANCE 1.0
#define CROSS_VARIANCE 0.01

/// Blocks that the rows are cut into, where each then holds an origin.
#define BLOCKS 10

bool
df_base_in_half(const df_base_view* const view,
                const int                 origin,
                const df_base_half        half)
{
  const int H     = view->base->config.horizon;
  const int rows  = view->rows - view->begin;
  const int since = origin - view->begin;
  const int until = since + H - 1;
  const int least = DF_BASE_MEAN + H + 1;
  const int block = rows / BLOCKS > least ? rows / BLOCKS : least;
  return half == DF_BASE_ALL ||
         (since / block % 2 == (int)half && until / block % 2 == (int)half);
}

/// Solve for how factor j follows from all [n], at every step ahead.
///
/// Misses of neighbouring origins overlap for H rows, so a penalty is H over
/// the variance that a weight is expected to have: 1 for those of the factor
/// itself, little for those of others.
///
/// @param U  [2,n,n] products of what is known; the second is overwritten
/// @param B  [H,n,k] products of what is known with what came
static bool
solve_direct(df_base* const base, const int j, double* const U, const double* B)
{
  const size_t k     = (size_t)base->config.factors;
  const size_t n     = DF_BASE_RECENT * k;
  const size_t H     = (size_t)base->config.horizon;
  double*      A     = U + n * n;
  double*      b     = A + n * n;
  const double own   = (double)H / OWN_VARIANCE;
  const double cross = (double)H / CROSS_VARIANCE;
  memcpy(A, U, n * n * sizeof(double));
  for (size_t i = 0U; i < n; ++i) {
    A[i * n + i] += i % k == (size_t)j ? own : cross;
  }
  for (size_t i = 0U; i < n; ++i) {
    for (size_t h = 0U; h < H; ++h) {
      b[i * H + h] = B[(h * n + i) * k + (size_t)j];
    }
  }
  const bool good = df_solve((int)n, A, (int)H, b);
  for (size_t i = 0U; i < n; ++i) {
    for (size_t h = 0U; h < H; ++h) {
      base->direct[(h * n + i) * k + (size_t)j] = (float)b[i * H + h];
    }
  }
  return good;
}

/// The direct forecast of each step ahead.
static df_status
fit_direct(df_base* const            base,
           const df_base_view* const view,
           const df_base_half        half)
{
  const size_t  k    = (size_t)base->config.factors;
  const size_t  n    = DF_BASE_RECENT * k;
  const int     H    = base->config.horizon;
  const int     from = view->begin + DF_BASE_MEAN;
  const int     to   = view->rows - H;
  double* const U = (double*)calloc(n * (2U * n + (size_t)H), sizeof(double));
  double* const B = (double*)calloc(n * k * (size_t)H, sizeof(double));
  double* const u = (double*)calloc(n, sizeof(double));
  df_status     status = U && B && u ? DF_OK : DF_E_NOMEM;
  for (int o = from; o <= to && !status; ++o) {
    if (!df_base_in_half(view, o, half)) {
      continue;
    }
    df_base_recent(view, o, u);
    for (size_t i = 0U; i < n; ++i) {
      for (size_t j = 0U; j <= i; ++j) {
        U[i * n + j] += u[i] * u[j];
      }
      for (size_t h = 0U; h < (size_t)H; ++h) {
        const float* const y = df_base_factors(view, o + (int)h);
        for (size_t j = 0U; j < k; ++j) {
          B[(h * n + i) * k + j] += u[i] * (double)y[j];
        }
      }
    }
  }
  for (size_t j = 0U; j < k && !status; ++j) {
    status = solve_direct(base, (int)j, U, B) ? DF_OK : DF_E_FINITE;
  }
  free(U);
  free(B);
  free(u);
  return status ? status : df_base_fit_origins(base, view, half);
}

/// Squares of what the direct forecast misses at the origins of a half.
///
/// @param sums   [H,k] added to
/// @param ahead  [H,k] scratch
/// @return how many origins
static int
add_misses(const df_base_view* const view,
           const df_base_half        half,
           double* const             sums,
           float* const              ahead)
{
  const df_base_config* const c     = &view->base->config;
  const size_t                many  = (size_t)c->horizon * (size_t)c->factors;
  int                         count = 0;
  for (int o = view->begin + DF_BASE_MEAN; o <= view->rows - c->horizon; ++o) {
    if (df_base_in_half(view, o, half)) {
      df_base_direct(view, o, ahead);
      for (size_t i = 0U; i < many; ++i) {
        const double miss = (double)(df_base_factors(view, o)[i] - ahead[i]);
        sums[i] += miss * miss;
      }
      ++count;
    }
  }
  return count;
}

/// How far the factors spread about a forecast that has not seen them.
static df_status
measure_spread(df_base* const base, const df_base_view* const view)
{
  const size_t many =
    (size_t)base->config.horizon * (size_t)base->config.factors;
  float* const  ahead  = (float*)malloc(many * sizeof(float));
  double* const sums   = (double*)calloc(many, sizeof(double));
  df_status     status = ahead && sums ? DF_OK : DF_E_NOMEM;
  int           count  = 0;
  for (int half = DF_BASE_EVEN; half <= DF_BASE_ODD && !status; ++half) {
    const df_base_half other =
      half == DF_BASE_EVEN ? DF_BASE_ODD : DF_BASE_EVEN;
    status = fit_direct(base, view, other);
    count += status ? 0 : add_misses(view, (df_base_half)half, sums, ahead);
  }
  for (size_t i = 0U; i < many && !status; ++i) {
    base->spread[i] = (float)fmax(sqrt(sums[i] / fmax(count, 1.0)), 1e-3);
  }
  free(ahead);
  free(sums);
  return status;
}

df_status
df_base_fit_direct(df_base* const base, const df_base_view* const view)
{
  df_status status = measure_spread(base, view);
  if (!status) {
    status = fit_direct(base, view, DF_BASE_ALL);
  }
  if (!status) {
    status = df_base_measure_by_phase(base, view);
  }
  return status;
}
