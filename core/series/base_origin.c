#include "core/series/base_parts.h"
#include "core/series/solve.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// Seasons wanted for weights of their own of the origins of a part of it,
/// and the expected variance of these: they only correct those of all origins.
#define SEASONS 90
#define OWN_VARIANCE 0.1
#define CROSS_VARIANCE 0.01

/// Sums of one part of the season.
typedef struct {
  double* U;     // [2,n,n] products of what is known; the second is scratch
  double* B;     // [k,n,H] of what is known with what all origins' weights miss
  double* u;     // [n]
  float*  ahead; // [H,k]
} sums;

int
df_base_origins(const df_base_config* const config, const int rows)
{
  const int P = df_base_told(config);
  if (P < 2 || P > DF_BASE_PHASES || rows < SEASONS * P) {
    return 0;
  }
  return P < DF_BASE_ORIGINS ? P : DF_BASE_ORIGINS;
}

const float*
df_base_by_origin(const df_base_view* const view, const int origin)
{
  const df_base* const base = view->base;
  const size_t         k    = (size_t)base->config.factors;
  const size_t many = (size_t)base->config.horizon * DF_BASE_RECENT * k * k;
  if (!base->origins) {
    return NULL;
  }
  const int phase = df_base_phase(&base->config, &view->calendar, origin);
  return base->by_origin +
         (size_t)(phase * base->origins / base->phases) * many;
}

/// Add up the origins of a part.
static void
add(const df_base_view* const view,
    const df_base_half        half,
    const float* const        part,
    sums* const               s)
{
  const df_base* const base = view->base;
  const size_t         k    = (size_t)base->config.factors;
  const size_t         n    = DF_BASE_RECENT * k;
  const size_t         H    = (size_t)base->config.horizon;
  const int            to   = view->rows - (int)H;
  memset(s->U, 0, n * n * sizeof(double));
  memset(s->B, 0, k * n * H * sizeof(double));
  for (int o = view->begin + DF_BASE_MEAN; o <= to; ++o) {
    if (df_base_by_origin(view, o) != part || !df_base_in_half(view, o, half)) {
      continue;
    }
    const float* const f = df_base_factors(view, o);
    df_base_recent(view, o, s->u);
    df_base_direct(view, o, s->ahead);
    for (size_t a = 0U; a < n; ++a) {
      for (size_t b = 0U; b < n; ++b) {
        s->U[a * n + b] += s->u[a] * s->u[b];
      }
    }
    for (size_t i = 0U; i < H * k; ++i) {
      const double  miss = (double)(f[i] - s->ahead[i]);
      double* const to_h = s->B + i % k * n * H + i / k;
      for (size_t a = 0U; a < n; ++a) {
        to_h[a * H] += s->u[a] * miss;
      }
    }
  }
}

/// Weights of a part [H,n,k].
static bool
solve(const df_base* const base, sums* const s, float* const part)
{
  const size_t  k = (size_t)base->config.factors;
  const size_t  n = DF_BASE_RECENT * k;
  const size_t  H = (size_t)base->config.horizon;
  double* const A = s->U + n * n;
  // neighbouring origins within a part tell the same
  const int    near = (base->phases + base->origins - 1) / base->origins;
  const double same = near < (int)H ? near : (double)H;
  bool         good = true;
  for (size_t j = 0U; j < k && good; ++j) {
    double* const b = s->B + j * n * H;
    memcpy(A, s->U, n * n * sizeof(double));
    for (size_t a = 0U; a < n; ++a) {
      A[a * n + a] += same / (a % k == j ? OWN_VARIANCE : CROSS_VARIANCE);
    }
    good = df_solve((int)n, A, (int)H, b);
    for (size_t i = 0U; i < n * H; ++i) {
      part[(i % H * n + i / H) * k + j] = (float)b[i];
    }
  }
  return good;
}

df_status
df_base_fit_origins(df_base* const            base,
                    const df_base_view* const view,
                    const df_base_half        half)
{
  const size_t k      = (size_t)base->config.factors;
  const size_t n      = DF_BASE_RECENT * k;
  const size_t H      = (size_t)base->config.horizon;
  sums         s      = {.U     = (double*)malloc(2U * n * n * sizeof(double)),
                         .B     = (double*)malloc(k * n * H * sizeof(double)),
                         .u     = (double*)malloc(n * sizeof(double)),
                         .ahead = (float*)malloc(H * k * sizeof(float))};
  df_status    status = s.U && s.B && s.u && s.ahead ? DF_OK : DF_E_NOMEM;
  memset(base->by_origin, 0, (size_t)base->origins * H * n * k * sizeof(float));
  for (int part = 0; part < base->origins && !status; ++part) {
    float* const to = base->by_origin + (size_t)part * H * n * k;
    add(view, half, to, &s);
    status = solve(base, &s, to) ? DF_OK : DF_E_FINITE;
  }
  free(s.U);
  free(s.B);
  free(s.u);
  free(s.ahead);
  return status;
}
