#include "core/series/base.h"

#include "core/series/base_parts.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/// Most that a path spreads wider.
#define MOST 4.0

double
df_base_newest_mean(const float* const x,
                    const int          origin,
                    const size_t       n,
                    const size_t       i,
                    const int          count)
{
  double sum = 0.0;
  for (int j = 1; j <= count; ++j) {
    sum += (double)x[(size_t)(origin - j) * n + i];
  }
  return sum / count;
}

void
df_base_recent(const df_base_view* const view,
               const int                 origin,
               double* const             out)
{
  static const int spans[DF_BASE_RECENT] = {1, 2, 6, DF_BASE_MEAN};
  const size_t     k                     = (size_t)view->base->config.factors;
  for (size_t m = 0U; m < DF_BASE_RECENT; ++m) {
    for (size_t i = 0U; i < k; ++i) {
      out[m * k + i] =
        df_base_newest_mean(view->factor, origin, k, i, spans[m]);
    }
  }
}

void
df_base_direct(const df_base_view* const view,
               const int                 origin,
               float* const              direct)
{
  const df_base* const base = view->base;
  const size_t         k    = (size_t)base->config.factors;
  const size_t         n    = DF_BASE_RECENT * k;
  double               u[DF_BASE_RECENT * DF_BASE_FACTORS];
  df_base_recent(view, origin, u);
  const float* const more = df_base_by_origin(view, origin);
  for (size_t h = 0U; h < (size_t)base->config.horizon; ++h) {
    for (size_t j = 0U; j < k; ++j) {
      const size_t at  = h * n * k + j;
      double       sum = 0.0;
      for (size_t i = 0U; i < n; ++i) {
        sum += u[i] * (double)base->direct[at + i * k];
        sum += more ? u[i] * (double)more[at + i * k] : 0.0;
      }
      direct[h * k + j] = (float)sum;
    }
  }
}

/// The expectation of a row as factors, the first `count`.
static void
see(const df_base_view* const view,
    const int                 row,
    const int                 count,
    float* const              out)
{
  const df_base* const base = view->base;
  const size_t         D    = (size_t)base->series;
  for (int j = 0; j < count; ++j) {
    double sum = 0.0;
    for (size_t d = 0U; d < D; ++d) {
      sum += (double)base->factors[(size_t)j * D + d] *
             (double)base->importance[d] *
             (double)view->expect[(size_t)row * D + d];
    }
    const double x = sum / sqrt((double)D);
    out[j]         = (float)fmax(-6.0, fmin(6.0, x));
  }
}

void
df_base_side(const df_base_view* const view,
             const int                 origin,
             const float* const        direct,
             float* const              context,
             float* const              window)
{
  const df_base_config* const c = &view->base->config;
  const size_t                S = (size_t)df_base_side_count(view->base);
  const size_t                k = (size_t)c->factors;
  const int    seen             = (int)k < DF_BASE_SEEN ? (int)k : DF_BASE_SEEN;
  const size_t ahead            = k < DF_BASE_AHEAD ? k : DF_BASE_AHEAD;
  for (int t = -c->context; t < c->horizon; ++t) {
    const bool   future = t >= 0;
    float* const to =
      future ? window + (size_t)t * S : context + (size_t)(t + c->context) * S;
    float* at = to;
    memset(to, 0, S * sizeof(float));
    df_calendar_features(&view->calendar, origin + t, at);
    at += DF_CALENDAR_FEATURES;
    see(view, origin + t, seen, at);
    at += seen;
    for (size_t j = 0U; j < ahead && future; ++j) {
      const float x = direct[(size_t)t * k + j];
      at[j]         = fmaxf(-6.0f, fminf(6.0f, x));
    }
    at += ahead;
    at[0] = future ? (float)(t + 1) / (float)c->horizon : 0.0f;
    at[1] = future ? 1.0f : 0.0f;
  }
}

void
df_base_tokens(const df_base_view* const view,
               const int                 origin,
               const float* const        direct,
               float* const              x)
{
  const size_t       k = (size_t)view->base->config.factors;
  const float* const f = df_base_factors(view, origin);
  for (int h = 0; h < view->base->config.horizon; ++h) {
    const float* const by_phase = df_base_by_phase(view, origin + h);
    for (size_t j = 0U; j < k; ++j) {
      const size_t i = (size_t)h * k + j;
      x[i] = (f[i] - direct[i]) / (view->base->spread[i] * by_phase[j]);
    }
  }
}

/// A row of the pool that a remainder may begin at: of the origin's phase, if
/// there are such, and the same for all series.
static int
pick(const df_base_view* const view, const int origin, df_rng* const rng)
{
  const df_base* const base  = view->base;
  const int            P     = df_base_told(&base->config);
  const int            first = DF_BASE_MEAN;
  const int            last  = base->pool - base->config.horizon;
  const int phase = df_base_phase(&base->config, &view->calendar, origin);
  const int shift = ((phase - base->pool_phase - first) % P + P) % P;
  const int count = (last - first - shift) / P + 1;
  return count < 8 || last < first + shift
           ? first + (int)df_rng_below(rng, (uint32_t)(last - first + 1))
           : first + shift + P * (int)df_rng_below(rng, (uint32_t)count);
}

double
df_base_doubt(const df_base* const base, df_rng* const rng)
{
  const df_base_config* const c = &base->config;
  const int    longest = c->season > c->horizon ? c->season : c->horizon;
  const int    n       = base->learnt / longest - 1;
  const double v       = 2.0 / (9.0 * (n > 1 ? n : 1));
  float        z       = 0.0f;
  df_rng_normal(rng, &z, 1U);
  const double root = fmax(1.0 - v + (double)z * sqrt(v), 0.0); // of chi2 / n
  return 1.0 / sqrt(fmax(root * root * root, 1.0 / (MOST * MOST)));
}

void
df_base_path(const df_base_view* const view,
             const int                 origin,
             const float* const        direct,
             const float* const        x,
             const double              doubt,
             df_rng* const             rng,
             double* const             values)
{
  const df_base* const base = view->base;
  const size_t         D    = (size_t)base->series;
  const size_t         k    = (size_t)base->config.factors;
  const size_t         H    = (size_t)base->config.horizon;
  const bool           rest = base->pool > 0;
  const int            from = rest ? pick(view, origin, rng) : 0;
  for (size_t d = 0U; d < D; ++d) {
    double y    = view->level[(size_t)(origin - 1) * D + d];
    double last = 0.0;
    double mean = 0.0;
    if (rest) {
      last = (double)view->left[(size_t)(origin - 1) * D + d] -
             doubt * (double)base->remainder[(size_t)(from - 1) * D + d];
      mean =
        df_base_newest_mean(view->left, origin, D, d, DF_BASE_MEAN) -
        doubt * df_base_newest_mean(base->remainder, from, D, d, DF_BASE_MEAN);
    }
    for (size_t h = 0U; h < H; ++h) {
      const float* const by_phase = df_base_by_phase(view, origin + (int)h);
      double             n        = 0.0;
      for (size_t j = 0U; j < k; ++j) {
        const size_t i = h * k + j;
        const double f = (double)direct[i] + doubt * (double)base->spread[i] *
                                               (double)by_phase[j] *
                                               (double)x[i];
        n += f * sqrt((double)base->variance[j]) *
             (double)base->factors[j * D + d];
      }
      n /= (double)base->importance[d];
      if (rest) {
        const float* const w = base->follow + (h * D + d) * 2U;
        n += doubt * (double)base->remainder[((size_t)from + h) * D + d] +
             (double)w[0] * last + (double)w[1] * mean;
      }
      const size_t at    = ((size_t)origin + h) * D + d;
      const double r     = n * (double)view->scale[at];
      y                  = base->config.difference
                             ? y + r
                             : (double)base->mean[d] +
                (double)base->deviation[d] * ((double)view->expect[at] + r);
      const double value = df_base_restore(&base->config, y);
      values[h * D + d]  = base->config.floor ? fmax(value, 0.0) : value;
    }
  }
}

void
df_base_draw(const df_base_view* const view,
             const int                 origin,
             const uint64_t            seed,
             const uint64_t            stream,
             const int                 samples,
             float* const              space,
             double* const             paths)
{
  const size_t H     = (size_t)view->base->config.horizon;
  const size_t path  = H * (size_t)view->base->series;
  const size_t count = H * (size_t)view->base->config.factors;
  float* const x     = space + count;
  df_base_direct(view, origin, space);
  const double volatility = df_base_volatility(view, origin);
  for (int n = 0; n < samples; ++n) {
    df_rng rng = df_rng_make(seed, stream, (uint64_t)n);
    df_rng_normal(&rng, x, count);
    const double doubt = df_base_doubt(view->base, &rng) * volatility;
    df_base_path(view, origin, space, x, doubt, &rng, paths + (size_t)n * path);
  }
}
