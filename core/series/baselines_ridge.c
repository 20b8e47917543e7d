#include "core/series/baselines_parts.h"

#include "core/series/solve.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/// Most features of a row: lags, means, profile, constant.
#define FEATURES 10

/// Largest residual, in scales.
#define CLIP 8.0

/// A feature: the mean over rows `first`, `first + step` .. back.
typedef struct {
  int first;
  int step;
  int count;
} look;

/// Letters: F features, P season, Q phases of the profile.
///
///     z = (g(value) - mean) / deviation     r = z - ridge(features)
///     n = r / scale                         n(o+h) = follow(n before o) + e
struct df_baseline_ridge {
  df_baseline_past     past; // values borrowed
  df_baseline_settings set;
  look                 looks[FEATURES];
  int                  look_count;
  int                  features;  // F
  int                  begin;     // first row with r
  int                  phases;    // of `prior`
  int                  profiles;  // Q
  double*              least;     // [D] smallest that a log is taken of
  double*              mean;      // [D]
  double*              deviation; // [D]
  double*              weight;    // [D,F]
  double*              profile;   // [Q,D]
  double*              prior;     // [phases,D] variance of r
  double*              follow;    // [H,D,2]
  float*               z;         // [rows,D]
  float*               r;         // [rows,D]
  float*               expect;    // [rows+H,D]
  float*               scale;     // [rows+H,D]
};

static double
level(const df_baseline_ridge* const m, const int row, const size_t d)
{
  const double value = m->past.values[(size_t)row * (size_t)m->past.series + d];
  return m->set.log ? log(fmax(value, m->least[d])) : value;
}

static void
add_look(df_baseline_ridge* const m,
         const int                first,
         const int                step,
         const int                count)
{
  for (int i = 0; i < m->look_count; ++i) {
    if (m->looks[i].first == first && m->looks[i].count == count) {
      return;
    }
  }
  // a quarter of the rows at most is lost at the beginning
  if (first + (count > 1 ? step : 0) <= m->past.train / 4) {
    m->looks[m->look_count++] = (look){first, step, count};
    m->begin                  = first > m->begin ? first : m->begin;
  }
}

/// Rows from one of a phase back to the newest such that is known at its
/// origin.
static int
season_back(const df_baseline_ridge* const m)
{
  const int P = m->past.season;
  return P * ((m->past.horizon + P - 1) / P);
}

static void
choose_features(df_baseline_ridge* const m)
{
  const int H   = m->past.horizon;
  const int P   = m->past.season;
  const int day = season_back(m);
  if (m->set.difference) {
    m->begin = 1;
    return;
  }
  add_look(m, H, 0, 1);
  add_look(m, 2 * H, 0, 1);
  add_look(m, day, 0, 1);
  add_look(m, day + P, 0, 1);
  add_look(m, 7 * day, 0, 1);
  add_look(m, day, P, 7);
  add_look(m, day, P, 28);
  add_look(m, 7 * day, 7 * P, 4);
  m->features = m->look_count + (m->set.profile ? 2 : 0);
}

static void
gather(const df_baseline_ridge* const m,
       const int                      row,
       const size_t                   d,
       double* const                  out)
{
  const size_t D = (size_t)m->past.series;
  for (int i = 0; i < m->look_count; ++i) {
    const look* const l    = &m->looks[i];
    double            sum  = 0.0;
    int               seen = 0;
    for (int from = row - l->first; seen < l->count && from >= 0;
         from -= l->step) {
      sum += (double)m->z[(size_t)from * D + d];
      ++seen;
    }
    out[i] = seen ? sum / seen : 0.0;
  }
  if (m->set.profile) {
    out[m->look_count]     = m->profile[(size_t)(row % m->profiles) * D + d];
    out[m->look_count + 1] = 1.0;
  }
}

static void
standardise(df_baseline_ridge* const m)
{
  const size_t D     = (size_t)m->past.series;
  const int    train = m->past.train;
  for (size_t d = 0U; d < D; ++d) {
    double sum    = 0.0;
    double square = 0.0;
    for (int t = 0; t < train; ++t) {
      sum += level(m, t, d);
    }
    const double mean = sum / train;
    for (int t = 0; t < train; ++t) {
      square += (level(m, t, d) - mean) * (level(m, t, d) - mean);
    }
    m->mean[d]      = m->set.profile ? mean : 0.0;
    m->deviation[d] = square > 0.0 ? sqrt(square / train) : 1.0;
    for (int t = 0; t < m->past.rows; ++t) {
      m->z[(size_t)t * D + d] =
        (float)((level(m, t, d) - m->mean[d]) / m->deviation[d]);
    }
    for (int q = 0; q < m->profiles && m->set.profile; ++q) {
      int count = 0;
      sum       = 0.0;
      for (int t = q; t < train; t += m->profiles) {
        sum += (double)m->z[(size_t)t * D + d];
        ++count;
      }
      m->profile[(size_t)q * D + d] = count ? sum / count : 0.0;
    }
  }
}

/// Ridge of each series, shrunk to that of all together.
static df_status
fit_ridge(df_baseline_ridge* const m)
{
  const size_t  D      = (size_t)m->past.series;
  const size_t  F      = (size_t)m->features;
  const size_t  size   = F * F + F;
  double* const sums   = (double*)calloc((D + 1U) * size, sizeof(double));
  double* const all    = sums ? sums + D * size : NULL;
  df_status     status = sums ? DF_OK : DF_E_NOMEM;
  double        x[FEATURES];
  for (size_t d = 0U; d < D && !status; ++d) {
    double* const A = sums + d * size;
    for (int t = m->begin; t < m->past.train; ++t) {
      const double y = (double)m->z[(size_t)t * D + d];
      gather(m, t, d, x);
      for (size_t i = 0U; i < F; ++i) {
        for (size_t j = 0U; j < F; ++j) {
          A[i * F + j] += x[i] * x[j];
        }
        A[F * F + i] += x[i] * y;
      }
    }
    for (size_t i = 0U; i < size; ++i) {
      all[i] += A[i];
    }
  }
  double trace = 1e-9;
  for (size_t i = 0U; i < F && !status; ++i) {
    trace += all[i * F + i];
  }
  for (size_t i = 0U; i < F && !status; ++i) {
    all[i * F + i] += 1e-3 * trace / (double)F;
  }
  if (!status && !df_solve((int)F, all, 1, all + F * F)) {
    status = DF_E_FINITE;
  }
  for (size_t d = 0U; d < D && !status; ++d) {
    double* const A      = sums + d * size;
    const double  shrink = 0.05 * trace / (double)(F * D);
    for (size_t i = 0U; i < F; ++i) {
      A[i * F + i] += shrink;
      A[F * F + i] += shrink * all[F * F + i];
    }
    if (df_solve((int)F, A, 1, A + F * F)) {
      memcpy(m->weight + d * F, A + F * F, F * sizeof(double));
    } else {
      status = DF_E_FINITE;
    }
  }
  free(sums);
  return status;
}

static void
find_residuals(df_baseline_ridge* const m)
{
  const size_t D = (size_t)m->past.series;
  const size_t F = (size_t)m->features;
  for (int t = m->begin; t < m->past.rows + m->past.horizon; ++t) {
    for (size_t d = 0U; d < D; ++d) {
      const size_t i           = (size_t)t * D + d;
      double       x[FEATURES] = {0.0};
      double       sum         = 0.0;
      gather(m, t, d, x);
      for (size_t f = 0U; f < F; ++f) {
        sum += m->weight[d * F + f] * x[f];
      }
      m->expect[i] = (float)sum;
      if (t < m->past.rows) {
        m->r[i] = m->z[i] - (m->set.difference ? m->z[i - D] : m->expect[i]);
      }
    }
  }
}

/// Scales of all rows, out of residuals a horizon before them.
static void
find_scales(df_baseline_ridge* const m)
{
  const size_t D    = (size_t)m->past.series;
  const int    H    = m->past.horizon;
  const int    step = m->set.difference ? 1 : m->past.season;
  const int    back = m->set.difference ? H : season_back(m);
  for (size_t d = 0U; d < D; ++d) {
    for (int p = 0; p < m->phases; ++p) {
      double sum   = 0.0;
      int    count = 0;
      for (int t = m->begin + p; t < m->past.train; t += m->phases) {
        const double r = (double)m->r[(size_t)t * D + d];
        sum += r * r;
        ++count;
      }
      m->prior[(size_t)p * D + d] = count ? sum / count : 0.0;
    }
  }
  for (int t = m->begin; t < m->past.rows + H; ++t) {
    const size_t p = (size_t)((t - m->begin) % m->phases);
    for (size_t d = 0U; d < D; ++d) {
      double sum   = 4.0 * m->prior[p * D + d];
      int    count = 4;
      for (int from = t - back; count < 4 + m->set.scale && from >= m->begin;
           from -= step) {
        const double r = (double)m->r[(size_t)from * D + d];
        sum += r * r;
        ++count;
      }
      m->scale[(size_t)t * D + d] = (float)sqrt(sum / count + 1e-10);
    }
  }
}

/// n of a row and series.
static double
scaled(const df_baseline_ridge* const m, const int row, const size_t d)
{
  const size_t i = (size_t)row * (size_t)m->past.series + d;
  return fmax(-CLIP, fmin(CLIP, (double)m->r[i] / (double)m->scale[i]));
}

/// The newest n before an origin, and the mean of the newest.
static void
state(const df_baseline_ridge* const m,
      const int                      origin,
      const size_t                   d,
      double* const                  out)
{
  double sum = 0.0;
  for (int j = 1; j <= DF_BASELINE_MEAN; ++j) {
    sum += scaled(m, origin - j, d);
  }
  out[0] = scaled(m, origin - 1, d);
  out[1] = sum / DF_BASELINE_MEAN;
}

/// Solve [a b; b c] w = y.
static void
solve_two(const double a,
          const double b,
          const double c,
          const double y[2],
          double       w[2])
{
  const double det = a * c - b * b;
  w[0]             = (c * y[0] - b * y[1]) / det;
  w[1]             = (a * y[1] - b * y[0]) / det;
}

/// Regression of n, h rows on, on the state; that of all series as the prior.
static df_status
fit_follow(df_baseline_ridge* const m)
{
  const size_t  D = (size_t)m->past.series;
  const size_t  H = (size_t)m->past.horizon;
  double* const A = (double*)calloc(3U * D, sizeof(double));
  if (!A) {
    return DF_E_NOMEM;
  }
  for (int o = m->begin + DF_BASELINE_MEAN; o + (int)H <= m->past.train; ++o) {
    for (size_t d = 0U; d < D; ++d) {
      double x[2];
      state(m, o, d, x);
      A[3U * d] += x[0] * x[0];
      A[3U * d + 1U] += x[0] * x[1];
      A[3U * d + 2U] += x[1] * x[1];
      for (size_t h = 0U; h < H; ++h) {
        const double  y = scaled(m, o + (int)h, d);
        double* const b = m->follow + (h * D + d) * 2U;
        b[0] += x[0] * y;
        b[1] += x[1] * y;
      }
    }
  }
  double all[3] = {1e-9, 0.0, 1e-9};
  for (size_t i = 0U; i < 3U * D; ++i) {
    all[i % 3U] += A[i];
  }
  const double small = 1e-3 * (all[0] + all[2]);
  for (size_t h = 0U; h < H; ++h) {
    double b[2] = {0.0, 0.0};
    double w0[2];
    for (size_t d = 0U; d < D; ++d) {
      b[0] += m->follow[(h * D + d) * 2U];
      b[1] += m->follow[(h * D + d) * 2U + 1U];
    }
    solve_two(all[0] + small, all[1], all[2] + small, b, w0);
    for (size_t d = 0U; d < D; ++d) {
      const double* const a      = A + 3U * d;
      double* const       w      = m->follow + (h * D + d) * 2U;
      const double        shrink = 0.2 * (a[0] + a[2]) / 2.0 + 1e-9;
      const double        y[2] = {w[0] + shrink * w0[0], w[1] + shrink * w0[1]};
      solve_two(a[0] + shrink, a[1], a[2] + shrink, y, w);
    }
  }
  free(A);
  return DF_OK;
}

void
df_baseline_ridge_free(df_baseline_ridge* const m)
{
  if (m) {
    free(m->least);
    free(m->mean);
    free(m->deviation);
    free(m->weight);
    free(m->profile);
    free(m->prior);
    free(m->follow);
    free(m->z);
    free(m->r);
    free(m->expect);
    free(m->scale);
    free(m);
  }
}

static bool
take(df_baseline_ridge* const m)
{
  const size_t D     = (size_t)m->past.series;
  const size_t H     = (size_t)m->past.horizon;
  const size_t rows  = (size_t)m->past.rows * D;
  const size_t ahead = rows + H * D;
  m->least           = (double*)calloc(D, sizeof(double));
  m->mean            = (double*)calloc(D, sizeof(double));
  m->deviation       = (double*)calloc(D, sizeof(double));
  m->weight          = (double*)calloc(D * FEATURES, sizeof(double));
  m->profile         = (double*)calloc((size_t)m->profiles * D, sizeof(double));
  m->prior           = (double*)calloc((size_t)m->phases * D, sizeof(double));
  m->follow          = (double*)calloc(H * D * 2U, sizeof(double));
  m->z               = (float*)calloc(rows, sizeof(float));
  m->r               = (float*)calloc(rows, sizeof(float));
  m->expect          = (float*)calloc(ahead, sizeof(float));
  m->scale           = (float*)calloc(ahead, sizeof(float));
  return m->least && m->mean && m->deviation && m->weight && m->profile &&
         m->prior && m->follow && m->z && m->r && m->expect && m->scale;
}

/// Half the smallest of the rows to fit on.
static void
find_least(df_baseline_ridge* const m)
{
  const size_t D = (size_t)m->past.series;
  for (size_t d = 0U; d < D; ++d) {
    double least = m->past.values[d];
    for (size_t t = 1U; t < (size_t)m->past.train; ++t) {
      least = fmin(least, m->past.values[t * D + d]);
    }
    m->least[d] = 0.5 * least;
  }
}

df_status
df_baseline_ridge_make(const df_baseline_past* const past,
                       const df_baseline_settings    set,
                       df_baseline_ridge** const     out)
{
  const int                P = past->season;
  df_baseline_ridge* const m =
    (df_baseline_ridge*)calloc(1U, sizeof(df_baseline_ridge));
  if (!m) {
    return DF_E_NOMEM;
  }
  m->past = *past;
  m->set  = set;
  choose_features(m);
  const bool weeks =
    past->calendar.unit == DF_UNIT_SECOND && past->train >= 56 * P;
  m->profiles = weeks ? 7 * P : P;
  m->phases =
    set.scale && !set.difference && past->train - m->begin >= 8 * P ? P : 1;
  df_status status =
    past->train >= m->begin + DF_BASELINE_MEAN + 2 * past->horizon ? DF_OK
                                                                   : DF_E_SHAPE;
  if (!status && !set.difference && m->look_count == 0) {
    status = DF_E_SHAPE;
  }
  if (!status) {
    status = take(m) ? DF_OK : DF_E_NOMEM;
  }
  if (!status) {
    find_least(m);
    standardise(m);
    status = set.difference ? DF_OK : fit_ridge(m);
  }
  if (!status) {
    find_residuals(m);
    find_scales(m);
    status = fit_follow(m);
  }
  if (status) {
    df_baseline_ridge_free(m);
    return status;
  }
  *out = m;
  return DF_OK;
}

/// An earlier origin, of the same phase where there are enough.
static int
pick(const df_baseline_ridge* const m, const int origin, df_rng* const rng)
{
  const int P     = m->past.season;
  const int first = m->begin + DF_BASELINE_MEAN;
  const int last  = origin - m->past.horizon;
  const int least = (m->past.horizon + P - 1) / P;
  const int count = (origin - first) / P - least + 1;
  return count < 8
           ? last - (int)df_rng_below(rng, (uint32_t)(last - first + 1))
           : origin - P * (least + (int)df_rng_below(rng, (uint32_t)count));
}

void
df_baseline_ridge_path(const df_baseline_ridge* const m,
                       const int                      origin,
                       df_rng* const                  rng,
                       double* const                  path)
{
  const size_t D    = (size_t)m->past.series;
  const int    from = pick(m, origin, rng);
  for (size_t d = 0U; d < D; ++d) {
    double z = (double)m->z[(size_t)(origin - 1) * D + d];
    double now[2];
    double then[2];
    state(m, origin, d, now);
    state(m, from, d, then);
    for (int h = 0; h < m->past.horizon; ++h) {
      const size_t        at = (size_t)(origin + h) * D + d;
      const double* const w  = m->follow + ((size_t)h * D + d) * 2U;
      const double n = scaled(m, from + h, d) + w[0] * (now[0] - then[0]) +
                       w[1] * (now[1] - then[1]);
      const double r = n * (double)m->scale[at];
      z              = m->set.difference ? z + r : (double)m->expect[at] + r;
      const double y = m->mean[d] + m->deviation[d] * z;
      const double value = m->set.log ? exp(y) : y;
      // what was never below 0 does not go there
      path[(size_t)h * D + d] = m->least[d] < 0.0 ? value : fmax(value, 0.0);
    }
  }
}
