#include "core/series/base.h"

#include "core/series/base_parts.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// Fewest rows without any move that make a series be at rest.
#define REST 14

/// Fewest weeks that tell the phases of a week apart.
#define WEEKS 8

static void
add_lag(df_base_reach* const reach, const int most, const int lag)
{
  for (int i = 0; i < reach->lag_count; ++i) {
    if (reach->lags[i] == lag) {
      return;
    }
  }
  if (lag <= most) {
    reach->lags[reach->lag_count++] = lag;
    reach->reach                    = lag > reach->reach ? lag : reach->reach;
  }
}

static void
add_mean(df_base_reach* const reach,
         const int            most,
         const int            first,
         const int            step,
         const int            count)
{
  const int last = first + step * (count - 1);
  const int i    = reach->mean_count;
  if (first + step <= most) {
    reach->first[i] = first;
    reach->step[i]  = step;
    reach->count[i] = count;
    reach->reach    = last <= most && last > reach->reach ? last : reach->reach;
    ++reach->mean_count;
  }
}

df_base_reach
df_base_reach_of(const df_base_config* const config)
{
  df_base_reach reach = {{0}, 0, {0}, {0}, {0}, 0, 0};
  const int     H     = config->horizon;
  const int     P     = config->season;
  if (P && !config->difference) {
    const int day = P * ((H + P - 1) / P);
    add_lag(&reach, config->reach, H);
    add_lag(&reach, config->reach, 2 * H);
    add_lag(&reach, config->reach, day);
    add_lag(&reach, config->reach, day + P);
    add_mean(&reach, config->reach, day, P, 7);
    add_mean(&reach, config->reach, day, P, 28);
    if (P > 1) {
      add_lag(&reach, config->reach, 7 * day);
      add_mean(&reach, config->reach, 7 * day, 7 * P, 4);
    }
  }
  return reach;
}

int
df_base_reach_features(const df_base_config* const config,
                       const df_base_reach* const  reach)
{
  return config->difference
           ? 0
           : reach->lag_count + reach->mean_count + (config->profile ? 1 : 0);
}

void
df_base_gather(const df_base* const     base,
               const df_calendar* const calendar,
               const float* const       z,
               const int                rows,
               const int                row,
               const int                series,
               double* const            out)
{
  const df_base_reach reach = df_base_reach_of(&base->config);
  const size_t        D     = (size_t)base->series;
  int                 at    = 0;
  for (int i = 0; i < reach.lag_count; ++i) {
    const int from = row - reach.lags[i];
    out[at]        = 0.0;
    if (from >= 0 && from < rows) {
      const float value = z[(size_t)from * D + (size_t)series];
      out[at]           = isnan(value) ? 0.0 : (double)value;
    }
    ++at;
  }
  for (int i = 0; i < reach.mean_count; ++i) {
    double sum   = 0.0;
    int    count = 0;
    for (int j = 0; j < reach.count[i]; ++j) {
      const int from = row - reach.first[i] - j * reach.step[i];
      if (from >= 0 && from < rows) {
        const float value = z[(size_t)from * D + (size_t)series];
        if (!isnan(value)) {
          sum += (double)value;
          ++count;
        }
      }
    }
    out[at++] = count ? sum / count : 0.0;
  }
  if (base->profiles) {
    const int phase = df_base_profile_of(base, calendar, row);
    out[at++]       = (double)base->profile[(size_t)phase * D + (size_t)series];
  }
  if (base->config.profile) {
    out[at] = 1.0;
  }
}

static int
phase_in(const int period, const df_calendar* const calendar, const int64_t row)
{
  const int64_t number = df_calendar_number(calendar, row);
  return (int)((number % period + period) % period);
}

int
df_base_told(const df_base_config* const config)
{
  return config->anchored && config->season > 1 ? config->season : 1;
}

int
df_base_phase(const df_base_config* const config,
              const df_calendar* const    calendar,
              const int64_t               row)
{
  return phase_in(df_base_told(config), calendar, row);
}

int
df_base_profiles(const df_base_config* const config,
                 const df_calendar* const    calendar,
                 const int                   rows)
{
  const int  P     = df_base_told(config);
  const bool weeks = calendar->unit == DF_UNIT_SECOND && rows >= WEEKS * 7 * P;
  if (config->profile != DF_PROFILE_PHASE || config->difference || P < 2 ||
      P > DF_BASE_PHASES) {
    return 0;
  }
  return weeks ? 7 * P : P;
}

int
df_base_profile_of(const df_base* const     base,
                   const df_calendar* const calendar,
                   const int64_t            row)
{
  return phase_in(base->profiles, calendar, row);
}

const float*
df_base_by_phase(const df_base_view* const view, const int row)
{
  const df_base* const base = view->base;
  const int            phase =
    base->phases > 1 ? df_base_phase(&base->config, &view->calendar, row) : 0;
  return base->by_phase + (size_t)phase * (size_t)base->config.factors;
}

double
df_base_transform(const df_base_config* const config, const double value)
{
  return config->transform == DF_TRANSFORM_LOG     ? log(value)
         : config->transform == DF_TRANSFORM_LOG1P ? log1p(value)
                                                   : value;
}

double
df_base_restore(const df_base_config* const config, const double y)
{
  return config->transform == DF_TRANSFORM_LOG     ? exp(y)
         : config->transform == DF_TRANSFORM_LOG1P ? expm1(y)
                                                   : y;
}

double
df_base_lowest(const df_base_config* const config)
{
  return config->transform == DF_TRANSFORM_LOG     ? DBL_MIN
         : config->transform == DF_TRANSFORM_LOG1P ? -1.0 + DBL_EPSILON
                                                   : -DBL_MAX;
}

/// y of a table into level [rows,D]: the last known value where one is missing.
///
/// @return DF_OK, or DF_E_FINITE where a log is asked for of what has none.
static df_status
set_levels(const df_base_config* const config,
           const df_table* const       table,
           double* const               level,
           df_note* const              note)
{
  const size_t D = (size_t)table->series;
  for (size_t d = 0U; d < D; ++d) {
    double last = 0.0;
    for (size_t t = 0U; t < (size_t)table->rows; ++t) {
      const double value = table->values[t * D + d];
      if (isnan(value)) {
        level[t * D + d] = last;
        continue;
      }
      if (fabs(value) > DF_BASE_VALUE) {
        return df_note_set(note,
                           DF_E_FINITE,
                           "row %zu, column %zu (%s): want values within %g, "
                           "found %g",
                           t + 1U,
                           d + 1U,
                           table->names[d],
                           DF_BASE_VALUE,
                           value);
      }
      if (value < df_base_lowest(config)) {
        return df_note_set(note,
                           DF_E_FINITE,
                           "row %zu, column %zu (%s): the %s transform wants "
                           "values above %d, found %g",
                           t + 1U,
                           d + 1U,
                           table->names[d],
                           df_transform_name(config->transform),
                           config->transform == DF_TRANSFORM_LOG ? 0 : -1,
                           value);
      }
      last             = df_base_transform(config, value);
      level[t * D + d] = last;
    }
  }
  return DF_OK;
}

df_status
df_base_check_start(const df_base* const  base,
                    const df_table* const table,
                    df_note* const        note)
{
  const size_t D    = (size_t)table->series;
  const size_t rows = base->config.difference ? (size_t)table->rows : 0U;
  for (size_t d = 0U; d < D && rows; ++d) {
    size_t t = 0U;
    while (t < rows && isnan(table->values[t * D + d])) {
      ++t;
    }
    if (t == rows) {
      return df_note_set(note,
                         DF_E_FINITE,
                         "column %zu (%s): want a value that changes can begin "
                         "from, found none",
                         d + 1U,
                         table->names[d]);
    }
  }
  return DF_OK;
}

df_status
df_base_view_begin(const df_base* const  base,
                   const df_table* const table,
                   df_base_view** const  out,
                   df_note* const        note)
{
  const size_t D     = (size_t)base->series;
  const size_t rows  = (size_t)table->rows;
  const size_t ahead = rows + (size_t)base->config.horizon;
  *out               = NULL;
  if (table->series != base->series) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "series: want %d, those of the model, found %d",
                       base->series,
                       table->series);
  }
  df_base_view* const view = (df_base_view*)calloc(1U, sizeof(df_base_view));
  if (!view) {
    return DF_E_NOMEM;
  }
  view->base     = base;
  view->calendar = table->calendar;
  view->rows     = table->rows;
  view->begin =
    base->config.difference ? 1 : df_base_reach_of(&base->config).reach;
  view->level  = (double*)malloc(rows * D * sizeof(double));
  view->expect = (float*)calloc(ahead * D, sizeof(float));
  view->scale  = (float*)calloc(ahead * D, sizeof(float));
  view->factor =
    (float*)calloc(rows * (size_t)base->config.factors, sizeof(float));
  view->unknown = (float*)calloc(rows, sizeof(float));
  if (base->config.factors < base->series) {
    view->left = (float*)calloc(rows * D, sizeof(float));
  }
  df_status status = DF_E_NOMEM;
  if (view->level && view->expect && view->scale && view->factor &&
      view->unknown && (view->left || base->config.factors == base->series)) {
    status = set_levels(&base->config, table, view->level, note);
  }
  if (status) {
    df_base_view_free(view);
    return status;
  }
  *out = view;
  return DF_OK;
}

void
df_base_view_free(df_base_view* const view)
{
  if (view) {
    free(view->level);
    free(view->expect);
    free(view->scale);
    free(view->factor);
    free(view->unknown);
    free(view->left);
    free(view);
  }
}

void
df_base_standardise(const df_base* const  base,
                    const df_table* const table,
                    const double* const   level,
                    float* const          z)
{
  const size_t D = (size_t)base->series;
  for (size_t i = 0U; i < (size_t)table->rows * D; ++i) {
    const double mean      = (double)base->mean[i % D];
    const double deviation = (double)base->deviation[i % D];
    z[i] =
      isnan(table->values[i]) ? NAN : (float)((level[i] - mean) / deviation);
  }
}

void
df_base_expect(df_base_view* const view, const float* const z, float* const r)
{
  const df_base* const base = view->base;
  const size_t         D    = (size_t)base->series;
  const int            F    = base->features;
  const int            last = view->rows + base->config.horizon;
  for (size_t i = 0U; i < (size_t)view->rows * D; ++i) {
    r[i] = NAN;
  }
  for (int t = view->begin; t < last; ++t) {
    for (size_t d = 0U; d < D; ++d) {
      const size_t i                          = (size_t)t * D + d;
      double       features[DF_BASE_FEATURES] = {0.0};
      double       sum                        = 0.0;
      if (F) {
        df_base_gather(
          base, &view->calendar, z, view->rows, t, (int)d, features);
      }
      for (int f = 0; f < F; ++f) {
        sum += (double)base->weight[d * (size_t)F + (size_t)f] * features[f];
      }
      view->expect[i] = (float)sum;
      if (t < view->rows && !isnan(z[i])) {
        r[i] = base->config.difference
                 ? (float)(view->level[i] - view->level[i - D])
                 : z[i] - view->expect[i];
      }
    }
  }
}

/// Sum of squares of r over the rows that the scale of row t may know: those of
/// its phase at least a horizon before it, or simply the newest such rows; and
/// the number of those that are known.
static int
squares(const df_base_view* const view,
        const float* const        r,
        const int                 t,
        const size_t              d,
        bool* const               rest,
        double* const             sum)
{
  const df_base_config* const c = &view->base->config;
  const size_t                D = (size_t)view->base->series;
  const int step                = c->season && !c->difference ? c->season : 1;
  int       count               = 0;
  *sum                          = 0.0;
  for (int j = 0; j < c->scale; ++j) {
    const int from = t - step * ((c->horizon + step - 1) / step) - j * step;
    if (from < view->begin) {
      break;
    }
    if (from < view->rows && !isnan(r[(size_t)from * D + d])) {
      const double x = (double)r[(size_t)from * D + d];
      *sum += x * x;
      ++count;
    }
  }
  *rest = !(*sum > 0.0) && count >= REST;
  return count;
}

void
df_base_scale(df_base_view* const view, const float* const r)
{
  const df_base* const base = view->base;
  const size_t         D    = (size_t)base->series;
  const int            last = view->rows + base->config.horizon;
  for (int t = view->begin; t < last; ++t) {
    const int    phase = df_base_phase(&base->config, &view->calendar, t);
    const size_t of    = base->phases > 1 ? (size_t)phase * D : 0U;
    for (size_t d = 0U; d < D; ++d) {
      double       sum   = 0.0;
      bool         rest  = false;
      const double prior = (double)base->phase_scale[of + d];
      const int    count = squares(view, r, t, d, &rest, &sum);
      const double scale = sqrt((sum + 4.0 * prior) / (count + 4.0) + 1e-10);
      view->scale[(size_t)t * D + d] = rest ? 0.0f : (float)scale;
    }
  }
}

df_status
df_base_view_make(const df_base* const  base,
                  const df_table* const table,
                  df_base_view** const  out,
                  df_note* const        note)
{
  df_base_view* view   = NULL;
  df_status     status = df_base_view_begin(base, table, &view, note);
  if (status) {
    return status;
  }
  const size_t count = (size_t)view->rows * (size_t)base->series;
  float* const z     = (float*)malloc(count * sizeof(float));
  float* const r     = (float*)malloc(count * sizeof(float));
  if (df_base_view_first(view) > view->rows) {
    status = df_note_set(note,
                         DF_E_SHAPE,
                         "rows: want at least %d to look back on, found %d",
                         df_base_view_first(view),
                         view->rows);
  } else if (!z || !r) {
    status = DF_E_NOMEM;
  } else {
    df_base_standardise(base, table, view->level, z);
    df_base_expect(view, z, r);
    df_base_scale(view, r);
    status = df_base_factorise(view, r);
  }
  free(z);
  free(r);
  if (status) {
    df_base_view_free(view);
    return status;
  }
  *out = view;
  return DF_OK;
}

int
df_base_least(const df_base* const base)
{
  const df_base_config* const c = &base->config;
  return (c->difference ? 1 : df_base_reach_of(c).reach) +
         (c->context > DF_BASE_MEAN ? c->context : DF_BASE_MEAN);
}

int
df_base_memory(const df_base* const base)
{
  const df_base_config* const c     = &base->config;
  const df_base_reach         reach = df_base_reach_of(c);
  const int step = c->season && !c->difference ? c->season : 1;
  const int lead = (c->horizon + step - 1) / step * step;
  int       back = 0; // that a mean looks, begun with fewer rows or not
  for (int i = 0; i < reach.mean_count; ++i) {
    const int last = reach.first[i] + reach.step[i] * (reach.count[i] - 1);
    back           = last - reach.reach > back ? last - reach.reach : back;
  }
  const int misses = c->difference ? 0 : DF_BASE_MISSES * c->horizon;
  return df_base_least(base) + back + lead + c->scale * step + misses + 1;
}

int
df_base_view_first(const df_base_view* const view)
{
  return df_base_least(view->base);
}

int
df_base_view_last(const df_base_view* const view)
{
  return view->rows;
}

const float*
df_base_factors(const df_base_view* const view, const int row)
{
  return view->factor + (size_t)row * (size_t)view->base->config.factors;
}

double
df_base_unknown(const df_base_view* const view, const int row)
{
  return (double)view->unknown[row];
}
