#include "core/series/base.h"

#include "core/series/base_parts.h"
#include "core/series/solve.h"
#include "core/tensor/eigen.h"
#include "core/tensor/gemm.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define F_MOST DF_BASE_FEATURES

/// Rows of products that are made at once.
#define BLOCK 1024

/// Of a fit going on.
typedef struct {
  df_base*      base;
  df_table      table; // the rows to be fitted on
  df_base_view* view;
  float*        z; // [rows,D]
  float*        r; // [rows,D]
} fit;

/// Least deviation, and the least that forecasts are worth something with.
#define LEAST 1e-7
#define LEAST_TOLD 1e-9

/// Mean and deviation of each series over what is there.
///
/// @return DF_OK or DF_E_FINITE (a series that moves by next to nothing).
static df_status
measure_series(fit* const f, df_note* const note)
{
  df_base* const base = f->base;
  const size_t   D    = (size_t)base->series;
  for (size_t d = 0U; d < D; ++d) {
    double sum    = 0.0;
    double square = 0.0;
    double count  = 0.0;
    double low    = (double)INFINITY;
    double high   = -(double)INFINITY;
    for (size_t i = d; i < (size_t)f->table.rows * D; i += D) {
      if (!isnan(f->table.values[i])) {
        low  = fmin(low, f->view->level[i]);
        high = fmax(high, f->view->level[i]);
        sum += f->view->level[i];
        count += 1.0;
      }
    }
    const double mean = count > 0.0 ? sum / count : 0.0;
    for (size_t i = d; i < (size_t)f->table.rows * D; i += D) {
      if (!isnan(f->table.values[i])) {
        square += (f->view->level[i] - mean) * (f->view->level[i] - mean);
      }
    }
    const double own = count > 1.0 ? sqrt(square / (count - 1.0)) : 1.0;
    if (own < LEAST_TOLD && high - low > 1e-9 * fmax(fabs(low), fabs(high))) {
      return df_note_set(
        note,
        DF_E_FINITE,
        "column %zu (%s): want values that deviate from their "
        "mean by %g or more, or do not move, found %g: another "
        "unit may do",
        d + 1U,
        f->table.names[d],
        LEAST_TOLD,
        own);
    }
    const double deviation = fmax(own, LEAST);
    base->mean[d]          = base->config.profile ? (float)mean : 0.0f;
    base->deviation[d]     = (float)deviation;
  }
  return DF_OK;
}

/// Mean of z of each series in each phase; 0 where none is known.
static df_status
measure_profile(fit* const f)
{
  df_base* const base   = f->base;
  const size_t   D      = (size_t)base->series;
  const size_t   many   = (size_t)base->profiles * D;
  double* const  sums   = (double*)calloc(many + 1U, sizeof(double));
  int* const     counts = (int*)calloc(many + 1U, sizeof(int));
  const bool     fits   = sums && counts;
  for (int t = 0; t < f->table.rows && base->profiles && fits; ++t) {
    const int    phase = df_base_profile_of(base, &f->table.calendar, t);
    const size_t of    = (size_t)phase * D;
    for (size_t d = 0U; d < D; ++d) {
      const float z = f->z[(size_t)t * D + d];
      if (!isnan(z)) {
        sums[of + d] += (double)z;
        ++counts[of + d];
      }
    }
  }
  for (size_t i = 0U; i < many && fits; ++i) {
    base->profile[i] = counts[i] ? (float)(sums[i] / counts[i]) : 0.0f;
  }
  free(sums);
  free(counts);
  return fits ? DF_OK : DF_E_NOMEM;
}

/// Products of the features of one series with themselves and with z.
static void
add_products(const fit* const f,
             const int        series,
             double           A[F_MOST * F_MOST],
             double           b[F_MOST])
{
  const size_t D = (size_t)f->base->series;
  const int    F = f->base->features;
  for (int t = f->view->begin; t < f->table.rows; ++t) {
    const float z = f->z[(size_t)t * D + (size_t)series];
    if (isnan(z)) {
      continue;
    }
    double x[F_MOST];
    df_base_gather(
      f->base, &f->table.calendar, f->z, f->table.rows, t, series, x);
    for (int i = 0; i < F; ++i) {
      for (int j = 0; j <= i; ++j) {
        A[i * F + j] += x[i] * x[j];
      }
      b[i] += x[i] * (double)z;
    }
  }
}

/// Ridge regression of each series, shrunk to that of all of them together.
static df_status
regress_series(fit* const f)
{
  df_base* const base   = f->base;
  const size_t   D      = (size_t)base->series;
  const size_t   F      = (size_t)base->features;
  const size_t   square = F * F;
  double* const  A = (double*)calloc(D * (square + F) + 1U, sizeof(double));
  double         all[F_MOST * F_MOST] = {0.0};
  double         pooled[F_MOST]       = {0.0};
  bool           good                 = true;
  if (!A) {
    return DF_E_NOMEM;
  }
  double* const b = A + D * square;
  for (size_t d = 0U; d < D; ++d) {
    add_products(f, (int)d, A + d * square, b + d * F);
    for (size_t i = 0U; i < square; ++i) {
      all[i] += A[d * square + i];
    }
    for (size_t i = 0U; i < F; ++i) {
      pooled[i] += b[d * F + i];
    }
  }
  double trace = 0.0;
  for (size_t i = 0U; i < F; ++i) {
    trace += all[i * F + i] / (double)F;
  }
  for (size_t i = 0U; i < F; ++i) {
    all[i * F + i] += 1e-3 * trace + 1e-9;
  }
  good              = F == 0U || df_solve((int)F, all, 1, pooled);
  const double pull = 0.05 * trace / (double)D + 1e-9;
  for (size_t d = 0U; d < D && good; ++d) {
    double* const own = A + d * square;
    double* const w   = b + d * F;
    for (size_t i = 0U; i < F; ++i) {
      own[i * F + i] += pull;
      w[i] += pull * pooled[i];
    }
    good = F == 0U || df_solve((int)F, own, 1, w);
    for (size_t i = 0U; i < F; ++i) {
      base->weight[d * F + i] = (float)w[i];
    }
  }
  free(A);
  return good ? DF_OK : DF_E_FINITE;
}

/// How far a series moves in its own unit, as the square root of its share.
static void
weigh_series(fit* const f)
{
  df_base* const base  = f->base;
  const size_t   D     = (size_t)base->series;
  double         total = 0.0;
  for (size_t d = 0U; d < D; ++d) {
    double square = 0.0;
    double size   = 0.0;
    double known  = 0.0;
    for (int t = f->view->begin; t < f->table.rows; ++t) {
      const size_t i = (size_t)t * D + d;
      if (!isnan(f->r[i])) {
        square += (double)f->r[i] * (double)f->r[i];
        known += 1.0;
      }
      size += base->config.transform == DF_TRANSFORM_NONE
                ? 1.0
                : exp(f->view->level[i]); // of both logs
    }
    const double rows = f->table.rows - f->view->begin;
    const double unit =
      base->config.difference ? 1.0 : (double)base->deviation[d];
    const double scale  = sqrt(square / fmax(known, 1.0)) * unit * size / rows;
    base->importance[d] = (float)scale;
    total += scale / (double)D;
  }
  for (size_t d = 0U; d < D; ++d) {
    const double share  = (double)base->importance[d] / fmax(total, 1e-30);
    base->importance[d] = (float)sqrt(fmax(share, 1e-4));
  }
}

/// Add up products of n of all rows, or of whether they are known, blocks of
/// rows at a time.
///
/// @param block  [BLOCK,D] scratch
/// @param C      [D,D] written
static void
add_pairs(const fit* const f,
          const bool       known,
          float* const     block,
          float* const     C)
{
  const df_base* const base = f->base;
  const size_t         D    = (size_t)base->series;
  const int            rows = f->table.rows - f->view->begin;
  memset(C, 0, D * D * sizeof(float));
  for (int t = f->view->begin; t < f->table.rows; t += BLOCK) {
    const int left = f->table.rows - t;
    const int many = left < BLOCK ? left : BLOCK;
    for (size_t i = 0U; i < (size_t)many * D; ++i) {
      const int    row = t + (int)(i / D);
      const double n   = df_base_scaled(f->view, f->r, row, i % D);
      block[i]         = (float)(n * (double)base->importance[i % D]);
      if (known) {
        block[i] = isnan(f->r[(size_t)t * D + i]) ? 0.0f : 1.0f;
      }
    }
    df_gemm(true,
            false,
            (int)D,
            (int)D,
            many,
            1.0f / (float)rows,
            block,
            (int)D,
            block,
            (int)D,
            1.0f,
            C,
            (int)D);
  }
}

static bool
any_missing(const fit* const f)
{
  bool         any  = false;
  const size_t from = (size_t)f->view->begin * (size_t)f->base->series;
  const size_t to   = (size_t)f->table.rows * (size_t)f->base->series;
  for (size_t i = from; i < to && !any; ++i) {
    any = isnan(f->r[i]);
  }
  return any;
}

/// Principal components of n, whose covariances are over the rows that know
/// both series.
static df_status
find_factors(fit* const f)
{
  df_base* const base   = f->base;
  const size_t   D      = (size_t)base->series;
  const size_t   k      = (size_t)base->config.factors;
  const bool     any    = any_missing(f);
  float* const   block  = (float*)malloc(BLOCK * D * sizeof(float));
  float* const   C      = (float*)malloc(D * D * sizeof(float));
  float* const   share  = any ? (float*)malloc(D * D * sizeof(float)) : NULL;
  df_status      status = block && C && (share || !any) ? DF_OK : DF_E_NOMEM;
  double         total  = 0.0;
  if (!status) {
    add_pairs(f, false, block, C);
  }
  if (!status && any) {
    const float least = 1.0f / (float)(f->table.rows - f->view->begin);
    add_pairs(f, true, block, share);
    for (size_t i = 0U; i < D * D; ++i) {
      C[i] /= fmaxf(share[i], least);
    }
  }
  for (size_t d = 0U; d < D && !status; ++d) {
    total += (double)C[d * D + d];
  }
  if (!status) {
    status =
      df_eigen_symmetric((int)D, (int)k, C, base->variance, base->factors);
  }
  for (size_t j = 0U; j < k && !status; ++j) {
    base->variance[j] = fmaxf(base->variance[j], 1e-8f);
    total -= (double)base->variance[j];
  }
  // Some is left where all series have a factor, too, and where one of them is
  // at rest: a system well posed, though factors are known to 7 digits
  const double left  = k < D ? total / (double)(D - k) : 0.0;
  const double least = fmax(1e-3 * (double)base->variance[k - 1U],
                            1e-5 * (double)base->variance[0]);
  base->variance[k]  = (float)fmax(left, least);
  free(block);
  free(C);
  free(share);
  return status;
}

/// How a series' remainder follows from its newest row and its recent mean, at
/// one step ahead: sums for a regression on both, [5] a series.
static void
add_following(const fit* const f, const int h, double* const sums)
{
  const size_t D    = (size_t)f->base->series;
  const int    from = f->view->begin + DF_BASE_MEAN;
  const float* left = f->view->left;
  for (size_t d = 0U; d < D; ++d) {
    double        mean = 0.0;
    double* const s    = sums + d * 5U;
    for (int t = from - DF_BASE_MEAN; t < from; ++t) {
      mean += (double)left[(size_t)t * D + d] / DF_BASE_MEAN;
    }
    for (int o = from; o + h < f->table.rows; ++o) {
      const double last = (double)left[(size_t)(o - 1) * D + d];
      const double y    = (double)left[(size_t)(o + h) * D + d];
      s[0] += last * last;
      s[1] += last * mean;
      s[2] += mean * mean;
      s[3] += last * y;
      s[4] += mean * y;
      const size_t out = (size_t)(o - DF_BASE_MEAN) * D + d;
      mean +=
        ((double)left[(size_t)o * D + d] - (double)left[out]) / DF_BASE_MEAN;
    }
  }
}

/// Solve for both weights of a series, pulled towards `prior`.
static void
follow(const double s[5],
       const double pull,
       const double prior[2],
       double       out[2])
{
  const double a = s[0] + pull;
  const double b = s[1];
  const double c = s[2] + pull;
  const double x = s[3] + pull * prior[0];
  const double y = s[4] + pull * prior[1];
  const double e = a * c - b * b;
  out[0]         = (x * c - y * b) / e;
  out[1]         = (y * a - x * b) / e;
}

static df_status
fit_remainder(fit* const f)
{
  df_base* const base = f->base;
  const size_t   D    = (size_t)base->series;
  double* const  sums = (double*)malloc(D * 5U * sizeof(double));
  if (!sums) {
    return DF_E_NOMEM;
  }
  for (int h = 0; h < base->config.horizon; ++h) {
    double all[5] = {0.0};
    double pooled[2];
    memset(sums, 0, D * 5U * sizeof(double));
    add_following(f, h, sums);
    for (size_t i = 0U; i < D * 5U; ++i) {
      all[i % 5U] += sums[i];
    }
    const double none[2] = {0.0, 0.0};
    const double mean    = 0.5 * (all[0] + all[2]);
    follow(all, 1e-3 * mean + 1e-9, none, pooled);
    for (size_t d = 0U; d < D; ++d) {
      double w[2];
      follow(sums + d * 5U, 0.2 * mean / (double)D + 1e-9, pooled, w);
      float* const to = base->follow + ((size_t)h * D + d) * 2U;
      to[0]           = (float)w[0];
      to[1]           = (float)w[1];
    }
  }
  free(sums);
  const int first = f->table.rows - base->pool;
  memcpy(base->remainder,
         f->view->left + (size_t)first * D,
         (size_t)base->pool * D * sizeof(float));
  base->pool_phase = df_base_phase(&base->config, &f->table.calendar, first);
  return DF_OK;
}

/// All steps in their order; each needs the ones before.
static df_status
fit_all(fit* const f, df_note* const note)
{
  df_base* const base   = f->base;
  const size_t   count  = (size_t)f->table.rows * (size_t)base->series;
  df_status      status = df_base_view_begin(base, &f->table, &f->view, note);
  if (!status) {
    f->z   = (float*)malloc(count * sizeof(float));
    f->r   = (float*)malloc(count * sizeof(float));
    status = f->z && f->r ? DF_OK : DF_E_NOMEM;
  }
  if (!status) {
    status = measure_series(f, note);
  }
  if (!status) {
    df_base_standardise(base, &f->table, f->view->level, f->z);
    status = measure_profile(f);
  }
  if (!status) {
    status = regress_series(f);
  }
  if (!status) {
    df_base_expect(f->view, f->z, f->r);
    status = df_base_measure_phases(base, f->view, f->r);
  }
  if (!status) {
    df_base_scale(f->view, f->r);
    weigh_series(f);
    status = find_factors(f);
  }
  if (!status) {
    status = df_base_factorise(f->view, f->r);
  }
  if (!status) {
    status = df_base_fit_direct(base, f->view);
  }
  if (!status && base->pool) {
    status = fit_remainder(f);
  }
  return status == DF_E_FINITE && note && !note->text[0]
           ? df_note_set(note, status, "the fit is singular")
           : status;
}

static bool
never_negative(const df_table* const table)
{
  const size_t count = (size_t)table->rows * (size_t)table->series;
  bool         good  = true;
  for (size_t i = 0U; i < count; ++i) {
    good = good && !(table->values[i] < 0.0);
  }
  return good;
}

/// Rows back that features may look where there are so many.
static int
reach_in(const df_base_config* const config, const int rows)
{
  const int third = rows > 3 ? rows / 3 : 1;
  const int most  = config->reach > 1 ? config->reach : 1;
  return most < third ? most : third;
}

int
df_base_needs(const df_base_config* const config, const int rows)
{
  df_base_config c = *config;
  c.reach          = reach_in(config, rows);
  const int blocks = 2 * (DF_BASE_MEAN + c.horizon + 1) + c.factors;
  const int clip   = c.context + 2 * c.horizon;
  return df_base_reach_of(&c).reach + 1 + (blocks > clip ? blocks : clip);
}

df_status
df_base_fit(const df_base_config* const config,
            const df_table* const       table,
            const int                   rows,
            df_base** const             out,
            df_note* const              note)
{
  *out           = NULL;
  const int H    = config->horizon;
  df_base*  base = NULL;
  if (H < 1 || H > DF_BASE_HORIZON || config->factors < 1 ||
      config->factors > DF_BASE_FACTORS || config->context < 1 ||
      config->context > 512 || rows < 1 || rows > table->rows) {
    return df_note_set(note,
                       DF_E_ARG,
                       "want horizon 1..%d, factors 1..%d, context 1..512, "
                       "found %d, %d, %d",
                       DF_BASE_HORIZON,
                       DF_BASE_FACTORS,
                       H,
                       config->factors,
                       config->context);
  }
  df_status status = df_base_make(&base);
  if (status) {
    return status;
  }
  fit f              = {.base = base, .table = *table};
  f.table.rows       = rows;
  base->config       = *config;
  base->series       = table->series;
  base->learnt       = rows;
  base->config.floor = never_negative(&f.table) ? 1 : 0;
  base->config.factors =
    config->factors < table->series ? config->factors : table->series;
  base->config.reach = reach_in(config, rows);
  const int needs    = df_base_needs(&base->config, rows);
  const int usable   = rows - df_base_reach_of(&base->config).reach - 1;
  if (rows < needs) {
    df_base_free(base);
    return df_note_set(note,
                       DF_E_SHAPE,
                       "rows: want at least %d to learn from, found %d",
                       needs,
                       rows);
  }
  if (base->config.factors < base->series) {
    base->pool = usable < DF_BASE_POOL ? usable : DF_BASE_POOL;
  }
  base->origins  = df_base_origins(&base->config, usable);
  base->profiles = df_base_profiles(&base->config, &table->calendar, usable);
  status         = df_base_reserve(base, note);
  if (!status) {
    status = fit_all(&f, note);
  }
  df_base_view_free(f.view);
  free(f.z);
  free(f.r);
  if (status) {
    df_base_free(base);
    return status;
  }
  *out = base;
  return DF_OK;
}
