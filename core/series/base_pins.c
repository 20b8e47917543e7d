#include "core/series/base_pins.h"

#include "core/series/base_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// Most steps of conjugate gradients.
#define STEPS 60

/// Furthest that a pin may draw, in deviations of the forecast.
#define FAR 30.0

/// Variance that is added to that of every pin, for a system well posed.
#define RIDGE 1e-4

struct df_base_pins {
  const df_base* base;
  size_t         H;
  size_t         k;
  size_t         n;       // pinned series
  int*           series;  // [n]
  double*        value;   // [H,n] as given, NAN where unknown
  double*        y;       // [H,n] (y - c) / unit, NAN where unknown
  double*        c;       // [H,n]
  double*        unit;    // [n] deviation that y, F, rest and noise count in
  double*        F;       // [H,n,k] of one row; with differences they add up
  double*        rest;    // [H,n] variance of the remainder, likewise
  double*        noise;   // [H,n] N
  double*        scratch; // [5,H,n], then [H,k]
  double doubt; // of the path at hand: F grows by it, rest by its square
};

void
df_base_pins_free(df_base_pins* const pins)
{
  if (pins) {
    free(pins->series);
    free(pins->value);
    free(pins);
  }
}

/// F x into out [H,n], 0 where nothing is pinned.
static void
forward(const df_base_pins* const p, const double* const x, double* const out)
{
  for (size_t i = 0U; i < p->n; ++i) {
    double sum = 0.0;
    for (size_t h = 0U; h < p->H; ++h) {
      const size_t  at  = h * p->n + i;
      const double* row = p->F + at * p->k;
      sum               = p->base->config.difference ? sum : 0.0;
      for (size_t j = 0U; j < p->k; ++j) {
        sum += row[j] * x[h * p->k + j];
      }
      out[at] = isnan(p->y[at]) ? 0.0 : p->doubt * sum;
    }
  }
}

/// V F' u into x [H,k].
static void
backward(const df_base_pins* const p,
         const double* const       variance,
         const double* const       u,
         double* const             x)
{
  memset(x, 0, p->H * p->k * sizeof(double));
  for (size_t i = 0U; i < p->n; ++i) {
    double sum = 0.0;
    for (size_t h = p->H; h-- > 0U;) {
      const size_t  at  = h * p->n + i;
      const double* row = p->F + at * p->k;
      sum               = u[at] + (p->base->config.difference ? sum : 0.0);
      for (size_t j = 0U; j < p->k; ++j) {
        x[h * p->k + j] += variance[h] * row[j] * p->doubt * sum;
      }
    }
  }
}

/// out += Q u
static void
add_rest(const df_base_pins* const p, const double* const u, double* const out)
{
  const bool adds = p->base->config.difference != 0;
  for (size_t i = 0U; i < p->n; ++i) {
    double later = 0.0;
    double sum   = 0.0;
    for (size_t h = 0U; h < p->H && adds; ++h) {
      later += u[h * p->n + i];
    }
    for (size_t h = 0U; h < p->H; ++h) {
      const size_t at = h * p->n + i;
      sum             = adds ? sum + p->rest[at] * later : p->rest[at] * u[at];
      later -= u[at];
      out[at] += isnan(p->y[at]) ? 0.0 : p->doubt * p->doubt * sum;
    }
  }
}

/// Solve (F V F' + Q + N) u = b by conjugate gradients; x is then V F' u.
///
/// @param b  [H,n] 0 where nothing is pinned; overwritten
static void
solve(const df_base_pins* const p,
      const double* const       variance,
      double* const             b,
      double* const             x)
{
  const size_t  count = p->H * p->n;
  double* const u     = p->scratch + count;
  double* const way   = u + count;
  double* const image = way + count;
  double        size  = 0.0;
  for (size_t i = 0U; i < count; ++i) {
    u[i]   = 0.0;
    way[i] = b[i];
    size += b[i] * b[i];
  }
  const double enough = 1e-12 * size;
  for (int step = 0; step < STEPS && size > enough; ++step) {
    double along = 0.0;
    backward(p, variance, way, x);
    forward(p, x, image);
    add_rest(p, way, image);
    for (size_t i = 0U; i < count; ++i) {
      image[i] += (p->noise[i] + RIDGE) * way[i];
      along += way[i] * image[i];
    }
    if (!(along > 0.0)) {
      break;
    }
    const double go     = size / along;
    const double before = size;
    size                = 0.0;
    for (size_t i = 0U; i < count; ++i) {
      u[i] += go * way[i];
      b[i] -= go * image[i];
      size += b[i] * b[i];
    }
    for (size_t i = 0U; i < count; ++i) {
      way[i] = b[i] + size / before * way[i];
    }
  }
  backward(p, variance, u, x);
}

/// Move tokens towards the pins.
///
/// @param miss  [H,n] what of the pins is drawn not to be in the tokens; NULL
static void
move(const df_base_pins* const p,
     const double* const       variance,
     const double* const       miss,
     float* const              x)
{
  const size_t  count = p->H * p->n;
  double* const b     = p->scratch;
  double* const wide  = p->scratch + 5U * count;
  for (size_t i = 0U; i < p->H * p->k; ++i) {
    wide[i] = (double)x[i];
  }
  forward(p, wide, b);
  for (size_t i = 0U; i < count; ++i) {
    const double far = p->y[i] - b[i] - (miss ? miss[i] : 0.0);
    b[i]             = isnan(far) ? 0.0 : fmax(-FAR, fmin(FAR, far));
  }
  solve(p, variance, b, wide);
  for (size_t i = 0U; i < p->H * p->k; ++i) {
    x[i] += (float)wide[i];
  }
}

void
df_base_pins_doubt(df_base_pins* const p, const double doubt)
{
  p->doubt = doubt;
}

void
df_base_pins_pull(df_base_pins* const p,
                  const double* const variance,
                  float* const        x)
{
  move(p, variance, NULL, x);
}

void
df_base_pins_draw(df_base_pins* const p, df_rng* const rng, float* const x)
{
  const bool    adds = p->base->config.difference != 0;
  double* const miss = p->scratch + 4U * p->H * p->n;
  double        ones[DF_BASE_HORIZON];
  for (size_t h = 0U; h < DF_BASE_HORIZON; ++h) {
    ones[h] = 1.0;
  }
  for (size_t i = 0U; i < p->n; ++i) {
    double sum = 0.0;
    for (size_t h = 0U; h < p->H; ++h) {
      const size_t at = h * p->n + i;
      float        draw[2];
      df_rng_normal(rng, draw, 2U);
      sum = (adds ? sum : 0.0) + p->doubt * sqrt(p->rest[at]) * (double)draw[0];
      miss[at] = sum + sqrt(p->noise[at]) * (double)draw[1];
    }
  }
  move(p, ones, miss, x);
}

/// Move one series of a path: between two pins the remainder bends evenly, and
/// with differences what comes after the last goes along.
///
/// @param draws  [H] from N(0, 1)
/// @param y      [H] of series i, as p->y is
static void
bend(const df_base_pins* const p,
     const size_t              i,
     const float* const        draws,
     double* const             y)
{
  const bool adds  = p->base->config.difference != 0;
  double     moved = 0.0;
  double     rest  = 0.0;
  size_t     from  = 0U; // first row after the last pin
  for (size_t h = 0U; h < p->H; ++h) {
    const size_t at = h * p->n + i;
    rest            = p->doubt * p->doubt * p->rest[at] + (adds ? rest : 0.0);
    y[h] += moved;
    if (isnan(p->y[at])) {
      continue;
    }
    const double want = p->y[at] + sqrt(p->noise[at]) * (double)draws[h];
    const double share =
      p->noise[at] > 0.0 ? rest / (rest + p->noise[at]) : 1.0;
    const double go = share * (want - y[h]);
    y[h] += go;
    for (size_t t = from; t < h && adds; ++t) {
      y[t] += go * (double)(t + 1U - from) / (double)(h + 1U - from);
    }
    moved += adds ? go : 0.0;
    rest = 0.0;
    from = h + 1U;
  }
}

void
df_base_pins_settle(const df_base_pins* const p,
                    df_rng* const             rng,
                    double* const             values)
{
  const df_base_config* const config = &p->base->config;
  const size_t                D      = (size_t)p->base->series;
  for (size_t i = 0U; i < p->n; ++i) {
    double        y[DF_BASE_HORIZON];
    float         draws[DF_BASE_HORIZON];
    double* const of = values + p->series[i];
    df_rng_normal(rng, draws, p->H);
    for (size_t h = 0U; h < p->H; ++h) {
      const double value = fmax(of[h * D], df_base_lowest(config));
      y[h] =
        (df_base_transform(config, value) - p->c[h * p->n + i]) / p->unit[i];
    }
    bend(p, i, draws, y);
    for (size_t h = 0U; h < p->H; ++h) {
      const size_t at    = h * p->n + i;
      const bool   given = !isnan(p->value[at]);
      if (given && !(p->noise[at] > 0.0)) {
        of[h * D] = p->value[at];
      } else if (given || config->difference) {
        const double g = p->c[at] + p->unit[i] * y[h];
        const double v = df_base_restore(config, g);
        of[h * D]      = config->floor ? fmax(v, 0.0) : v;
      }
    }
  }
}

/// Memory for n series; the rest of it zero.
static df_status
reserve(const df_base* const base, const size_t n, df_base_pins** const out)
{
  const size_t        H     = (size_t)base->config.horizon;
  const size_t        k     = (size_t)base->config.factors;
  const size_t        count = H * n;
  df_base_pins* const p     = (df_base_pins*)calloc(1U, sizeof(*p));
  if (!p) {
    return DF_E_NOMEM;
  }
  *p = (df_base_pins){.base = base, .H = H, .k = k, .n = n, .doubt = 1.0};
  p->series = (int*)calloc(n + 1U, sizeof(int));
  p->value  = (double*)calloc(count * (10U + k) + n + H * k, sizeof(double));
  if (!p->series || !p->value) {
    df_base_pins_free(p);
    return DF_E_NOMEM;
  }
  p->y       = p->value + count;
  p->c       = p->y + count;
  p->rest    = p->c + count;
  p->noise   = p->rest + count;
  p->F       = p->noise + count;
  p->unit    = p->F + count * k;
  p->scratch = p->unit + n;
  *out       = p;
  return DF_OK;
}

/// Variance of the remainder of a series, in scales.
static double
remainder_variance(const df_base* const base, const size_t d)
{
  const size_t D   = (size_t)base->series;
  double       sum = 0.0;
  for (int t = 0; t < base->pool; ++t) {
    const double e = (double)base->remainder[(size_t)t * D + d];
    sum += e * e;
  }
  return base->pool ? sum / base->pool : 0.0;
}

/// c, F and Q of one series, in its own unit.
static void
measure(df_base_pins* const       p,
        const df_base_view* const view,
        const int                 origin,
        const float* const        direct,
        const size_t              i)
{
  const df_base* const base = p->base;
  const size_t         D    = (size_t)base->series;
  const size_t         d    = (size_t)p->series[i];
  const bool           adds = base->config.difference != 0;
  const double         left = remainder_variance(base, d);
  double               y    = view->level[(size_t)(origin - 1) * D + d];
  double               last = 0.0;
  double               mean = 0.0;
  if (base->pool) {
    last = (double)view->left[(size_t)(origin - 1) * D + d];
    mean = df_base_newest_mean(view->left, origin, D, d, DF_BASE_MEAN);
  }
  for (size_t h = 0U; h < p->H; ++h) {
    const float* const by_phase = df_base_by_phase(view, origin + (int)h);
    const size_t       row      = ((size_t)origin + h) * D + d;
    const size_t       at       = h * p->n + i;
    const double       scale =
      (double)view->scale[row] * (adds ? 1.0 : (double)base->deviation[d]);
    double n = 0.0;
    for (size_t j = 0U; j < p->k; ++j) {
      const double one = sqrt((double)base->variance[j]) *
                         (double)base->factors[j * D + d] /
                         (double)base->importance[d];
      n += (double)direct[h * p->k + j] * one;
      p->F[at * p->k + j] =
        scale * one * (double)base->spread[h * p->k + j] * (double)by_phase[j];
    }
    if (base->pool) {
      const float* const w = base->follow + (h * D + d) * 2U;
      n += (double)w[0] * last + (double)w[1] * mean;
    }
    y =
      scale * n + (adds ? y
                        : (double)base->mean[d] + (double)base->deviation[d] *
                                                    (double)view->expect[row]);
    p->c[at]    = y;
    p->rest[at] = scale * scale * left;
  }
}

/// Count in the largest deviation of a series' forecast, and set N.
///
/// @param levels  [H,D] NAN where it is `level`, or NULL
static void
normalise(df_base_pins* const p,
          const size_t        i,
          const double        level,
          const double* const levels)
{
  const size_t D    = (size_t)p->base->series;
  double       most = 0.0;
  double       sum  = 0.0;
  for (size_t h = 0U; h < p->H; ++h) {
    const size_t at    = h * p->n + i;
    const double own   = levels ? levels[h * D + (size_t)p->series[i]] : level;
    const double angle = tan(1.5707963267948966 * (isnan(own) ? level : own));
    sum                = p->rest[at] + (p->base->config.difference ? sum : 0.0);
    for (size_t j = 0U; j < p->k; ++j) {
      sum += p->F[at * p->k + j] * p->F[at * p->k + j];
    }
    most         = fmax(most, sum);
    p->noise[at] = sum * angle * angle;
  }
  const double unit = most > 0.0 ? sqrt(most) : 1.0;
  p->unit[i]        = unit;
  for (size_t h = 0U; h < p->H; ++h) {
    const size_t at    = h * p->n + i;
    const double value = p->value[at];
    p->rest[at] /= unit * unit;
    p->noise[at] /= unit * unit;
    p->y[at] = (df_base_transform(&p->base->config, value) - p->c[at]) / unit;
    for (size_t j = 0U; j < p->k; ++j) {
      p->F[at * p->k + j] /= unit;
    }
  }
}

df_status
df_base_row_check(const df_base* const base,
                  const double* const  row,
                  df_note* const       note)
{
  const int kind = base->config.transform;
  for (size_t d = 0U; d < (size_t)base->series; ++d) {
    if (fabs(row[d]) > DF_BASE_VALUE ||
        row[d] < df_base_lowest(&base->config)) {
      return df_note_set(note,
                         DF_E_FINITE,
                         "column %zu: want a value within %g%s, found %g",
                         d + 1U,
                         DF_BASE_VALUE,
                         kind == DF_TRANSFORM_LOG     ? " above 0, for its log"
                         : kind == DF_TRANSFORM_LOG1P ? " above -1, for log1p"
                                                      : "",
                         row[d]);
    }
  }
  return DF_OK;
}

df_status
df_base_pins_check(const df_base* const base,
                   const int            rows,
                   const double* const  values,
                   df_note* const       note)
{
  const size_t D = (size_t)base->series;
  for (size_t t = 0U; t < (size_t)rows; ++t) {
    df_note         why    = {{0}};
    const df_status status = df_base_row_check(base, values + t * D, &why);
    if (status) {
      return df_note_set(note, status, "row %zu, %.300s", t + 1U, why.text);
    }
  }
  return DF_OK;
}

/// Whether a series has a pin.
static bool
is_pinned(const df_base* const base, const double* const values, const size_t d)
{
  bool any = false;
  for (size_t h = 0U; h < (size_t)base->config.horizon; ++h) {
    any = any || !isnan(values[h * (size_t)base->series + d]);
  }
  return any;
}

df_status
df_base_pins_make(const df_base_view* const view,
                  const int                 origin,
                  const float* const        direct,
                  const double* const       values,
                  const double              level,
                  const double* const       levels,
                  df_base_pins** const      out)
{
  const df_base* const base = view->base;
  const size_t         D    = (size_t)base->series;
  size_t               n    = 0U;
  size_t               i    = 0U;
  df_base_pins*        p    = NULL;
  *out                      = NULL;
  df_status status =
    df_base_pins_check(base, base->config.horizon, values, NULL);
  for (size_t d = 0U; d < D; ++d) {
    n += is_pinned(base, values, d) ? 1U : 0U;
  }
  if (!status) {
    status = reserve(base, n, &p);
  }
  for (size_t d = 0U; d < D && !status; ++d) {
    if (is_pinned(base, values, d)) {
      for (size_t h = 0U; h < p->H; ++h) {
        p->value[h * n + i] = values[h * D + d];
      }
      p->series[i] = (int)d;
      measure(p, view, origin, direct, i);
      normalise(p, i, level, levels);
      ++i;
    }
  }
  *out = p;
  return status;
}
