#include "core/series/baselines.h"

#include "core/series/baselines_parts.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/// Most earlier seasons whose errors are drawn from.
#define SEASONS 500

struct df_baseline {
  df_baseline_kind   kind;
  df_baseline_past   past;
  df_baseline_ridge* ridge;
  double*            var; // [D+1,D]
};

const char*
df_baseline_name(const df_baseline_kind kind)
{
  static const char* const names[DF_BASELINES] = {
    "last value", "random walk", "seasonal naive", "ridge + AR", "VAR(1)"};
  return names[kind];
}

bool
df_baseline_suits(const df_baseline_kind          kind,
                  const df_baseline_config* const config,
                  const df_table* const           table)
{
  return kind != DF_BASELINE_VAR || (table->series <= DF_BASELINE_VAR_SERIES &&
                                     config->rows >= 20 * (table->series + 1));
}

/// Values with gaps closed from before.
static void
fill(const df_table* const table, double* const values)
{
  const size_t D = (size_t)table->series;
  for (size_t i = 0U; i < (size_t)table->rows * D; ++i) {
    const double value = table->values[i];
    values[i]          = !isnan(value) ? value : i < D ? 0.0 : values[i - D];
  }
}

df_status
df_baseline_fit(const df_baseline_kind          kind,
                const df_baseline_config* const config,
                const df_table* const           table,
                df_baseline** const             out,
                df_note* const                  note)
{
  const int season = df_calendar_season(&table->calendar);
  const int P      = season ? season : 1;
  const int least  = 2 * P + config->horizon + 1;
  *out             = NULL;
  if (config->rows < least || !df_baseline_suits(kind, config, table)) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: want at least %d rows to fit on, found %d of %d "
                       "series",
                       df_baseline_name(kind),
                       kind == DF_BASELINE_VAR ? 20 * (table->series + 1)
                                               : least,
                       config->rows,
                       table->series);
  }
  df_baseline* const b = (df_baseline*)calloc(1U, sizeof(df_baseline));
  if (!b) {
    return DF_E_NOMEM;
  }
  b->kind = kind;
  b->past = (df_baseline_past){
    .rows     = table->rows,
    .train    = config->rows,
    .series   = table->series,
    .horizon  = config->horizon,
    .season   = P,
    .calendar = table->calendar,
    .values   = (double*)malloc((size_t)table->rows * (size_t)table->series *
                              sizeof(double)),
  };
  df_status status = b->past.values ? DF_OK : DF_E_NOMEM;
  if (!status) {
    fill(table, b->past.values);
  }
  if (!status && kind == DF_BASELINE_RIDGE) {
    status = df_baseline_ridge_fit(
      &b->past, table->values, config->validation, &b->ridge, note);
  } else if (!status && kind == DF_BASELINE_VAR) {
    status = df_baseline_var_fit(&b->past, &b->var, note);
  }
  if (status) {
    df_baseline_free(b);
    return status;
  }
  *out = b;
  return DF_OK;
}

/// The value some rows before each step, P 0 for the last, and what that missed
/// from another origin; `from` 0 for none.
static void
repeat(const df_baseline_past* const past,
       const int                     origin,
       const int                     P,
       const int                     from,
       double* const                 path)
{
  const size_t        D = (size_t)past->series;
  const double* const y = past->values;
  for (int h = 0; h < past->horizon; ++h) {
    const int           back = P ? P * (h / P + 1) : h + 1;
    const double* const now  = y + (size_t)(origin + h - back) * D;
    for (size_t d = 0U; d < D; ++d) {
      double value = now[d];
      if (from) {
        value +=
          y[(size_t)(from + h) * D + d] - y[(size_t)(from + h - back) * D + d];
      }
      path[(size_t)h * D + d] = value;
    }
  }
}

/// An earlier origin, a multiple of P before this one, with all H rows known;
/// 0 where there is none.
static int
earlier(const df_baseline_past* const past,
        const int                     origin,
        const int                     P,
        const int                     most,
        df_rng* const                 rng)
{
  const int least = (past->horizon + P - 1) / P;
  const int last  = (origin - P) / P; // has a season before it
  const int count = last - least + 1 < most ? last - least + 1 : most;
  return count > 0
           ? origin - P * (least + (int)df_rng_below(rng, (uint32_t)count))
           : 0;
}

void
df_baseline_paths(const df_baseline* const b,
                  const int                origin,
                  const int                samples,
                  const uint64_t           seed,
                  double* const            paths)
{
  const df_baseline_past* const past = &b->past;
  const size_t size = (size_t)past->horizon * (size_t)past->series;
  for (int n = 0; n < samples; ++n) {
    double* const path = paths + (size_t)n * size;
    df_rng        rng  = df_rng_make(seed, (uint64_t)origin, (uint64_t)n);
    switch (b->kind) {
    case DF_BASELINE_LAST:
    case DF_BASELINES:
      repeat(past, origin, 0, 0, path);
      break;
    case DF_BASELINE_WALK:
      repeat(past,
             origin,
             0,
             earlier(past, origin, 1, DF_BASELINE_RECENT, &rng),
             path);
      break;
    case DF_BASELINE_SEASON:
      repeat(past,
             origin,
             past->season,
             earlier(past, origin, past->season, SEASONS, &rng),
             path);
      break;
    case DF_BASELINE_RIDGE:
      df_baseline_ridge_path(b->ridge, origin, &rng, path);
      break;
    case DF_BASELINE_VAR:
      df_baseline_var_path(past, b->var, origin, &rng, path);
      break;
    }
  }
}

void
df_baseline_free(df_baseline* const b)
{
  if (b) {
    df_baseline_ridge_free(b->ridge);
    free(b->var);
    free(b->past.values);
    free(b);
  }
}
