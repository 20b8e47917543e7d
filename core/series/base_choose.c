#include "core/series/base.h"

#include "core/series/base_parts.h"
#include "core/series/score.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define SAMPLES 100

/// Forecast the last windows of rows [0, rows) and score them.
static df_status
judge(const df_base* const  base,
      const df_table* const table,
      const int             rows,
      const int             windows,
      df_score* const       score,
      df_note* const        note)
{
  const size_t  D      = (size_t)table->series;
  const size_t  H      = (size_t)base->config.horizon;
  const size_t  k      = (size_t)base->config.factors;
  df_table      known  = *table;
  df_base_view* view   = NULL;
  float* const  direct = (float*)malloc(2U * H * k * sizeof(float));
  double* const paths  = (double*)malloc(SAMPLES * H * D * sizeof(double));
  df_status     status = direct && paths ? DF_OK : DF_E_NOMEM;
  known.rows           = rows;
  if (!status) {
    status = df_base_view_make(base, &known, &view, note);
  }
  *score = (df_score){0};
  for (int w = windows; w > 0 && !status; --w) {
    const int origin = rows - w * (int)H;
    df_base_draw(view, origin, 1U, (uint64_t)w, SAMPLES, direct, paths);
    status = df_score_add(score,
                          SAMPLES,
                          (int)H,
                          table->series,
                          paths,
                          table->values + (size_t)origin * D);
  }
  df_base_view_free(view);
  free(paths);
  free(direct);
  return status;
}

static df_status
attempt(const df_base_config* const config,
        const df_table* const       table,
        const int                   rows,
        const int                   windows,
        double* const               found,
        df_note* const              note)
{
  df_base*  base = NULL;
  df_score  score;
  df_note   why = {{0}};
  df_status status =
    df_base_fit(config, table, rows - windows * config->horizon, &base, &why);
  if (!status) {
    status = judge(base, table, rows, windows, &score, &why);
  }
  *found = status ? (double)INFINITY : df_score_merit(&score);
  df_base_free(base);
  if (status == DF_E_FINITE) {
    return DF_OK; // a log of 0: not this one
  }
  return status ? df_note_set(note, status, "%s", why.text) : DF_OK;
}

/// Try one changed config; keep it where it is better by more than a little.
static df_status
compare(df_base_config* const best,
        const df_base_config  other,
        const df_table* const table,
        const int             rows,
        const int             windows,
        double* const         least,
        df_note* const        note)
{
  double          found  = 0.0;
  const df_status status = attempt(&other, table, rows, windows, &found, note);
  if (!status && found < 0.99 * *least) {
    *least = found;
    *best  = other;
  }
  return status;
}

/// How much the bands have to widen to score best.
static df_status
choose_width(const df_base_config* const config,
             const df_table* const       table,
             const int                   rows,
             const int                   windows,
             double* const               widen,
             df_note* const              note)
{
  static const double tries[] = {0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.8};
  df_base*            base    = NULL;
  double              least   = (double)INFINITY;
  df_status           status =
    df_base_fit(config, table, rows - windows * config->horizon, &base, note);
  *widen = 1.0;
  for (size_t i = 0U; i < sizeof(tries) / sizeof(tries[0]) && !status; ++i) {
    df_score score;
    df_base_widen(base, tries[i]);
    status = judge(base, table, rows, windows, &score, note);
    // bands too narrow do more harm than a narrower fit to few windows helps
    const double need = tries[i] < 1.0 ? 1.02 : 1.0;
    if (!status && need * df_score_merit(&score) < least) {
      least  = need * df_score_merit(&score);
      *widen = tries[i];
    }
  }
  df_base_free(base);
  return status;
}

df_status
df_base_choose(df_base_config* const config,
               const df_table* const table,
               const int             rows,
               const int             windows,
               double* const         widen,
               df_note* const        note)
{
  df_base_config best   = *config;
  double         least  = 0.0;
  df_status      status = attempt(&best, table, rows, windows, &least, note);
  for (int step = 0; step < 5 && !status; ++step) {
    df_base_config other = best;
    if (step == 0) {
      other.transform = DF_TRANSFORM_LOG;
    } else if (step == 1) {
      other.transform = DF_TRANSFORM_LOG1P;
    } else if (step == 2) {
      other.difference = 1 - other.difference;
      other.scale      = other.difference ? 250 : 28;
    } else if (step == 3) {
      other.scale = 0;
    } else {
      other.profile = 1 - other.profile;
    }
    if (step == 2 && !config->season) {
      continue; // without a season there are changes only
    }
    status = compare(&best, other, table, rows, windows, &least, note);
  }
  if (!status) {
    *config = best;
    status  = choose_width(config, table, rows, windows, widen, note);
  }
  return status;
}
