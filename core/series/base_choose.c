#include "core/series/base.h"

#include "core/series/base_parts.h"
#include "core/series/score.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 100

/// Configs that are compared.
#define STEPS 7

/// Forecast the last windows of rows [0, rows) and score them.
///
/// @param scores  [windows] written
static df_status
judge(const df_base* const  base,
      const df_table* const table,
      const int             rows,
      const int             windows,
      df_score* const       scores,
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
  for (int w = windows; w > 0 && !status; --w) {
    const int       origin = rows - w * (int)H;
    df_score* const score  = scores + windows - w;
    *score                 = (df_score){0};
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

/// Fit on the rows before the windows and score.
///
/// @param good  Whether it could be fitted; false where there is no log
static df_status
attempt(const df_base_config* const config,
        const df_table* const       table,
        const int                   rows,
        const int                   windows,
        df_score* const             scores,
        bool* const                 good,
        df_note* const              note)
{
  df_base*  base = NULL;
  df_note   why  = {{0}};
  df_status status =
    df_base_fit(config, table, rows - windows * config->horizon, &base, &why);
  if (!status) {
    status = judge(base, table, rows, windows, scores, &why);
  }
  *good = !status;
  df_base_free(base);
  if (status == DF_E_FINITE) {
    return DF_OK;
  }
  return status ? df_note_set(note, status, "%s", why.text) : DF_OK;
}

/// What a choice is between.
typedef struct {
  df_base_config best;
  bool           any;    // whether `best` could be fitted
  df_score*      scores; // [2,windows] of the best, of another
} choice;

/// Try another config; keep it where it is clearly better.
static df_status
compare(choice* const         self,
        const df_base_config  other,
        const df_table* const table,
        const int             rows,
        const int             windows,
        df_note* const        note)
{
  df_score* const scores = self->scores + windows;
  bool            good   = false;
  const df_status status =
    attempt(&other, table, rows, windows, scores, &good, note);
  if (!status && good &&
      (!self->any || df_score_beats(scores, self->scores, windows))) {
    memcpy(self->scores, scores, (size_t)windows * sizeof(df_score));
    self->best = other;
    self->any  = true;
  }
  return status;
}

static double
merit(const df_score* const scores, const int windows)
{
  df_score all = {0};
  for (int w = 0; w < windows; ++w) {
    df_score_join(&all, scores + w);
  }
  return df_score_merit(&all);
}

/// How much the bands have to widen to score best.
static df_status
choose_width(choice* const         self,
             const df_table* const table,
             const int             rows,
             const int             windows,
             double* const         widen,
             df_note* const        note)
{
  static const double tries[] = {1.15, 1.3, 1.5, 1.8, 0.9, 0.8, 0.7};
  df_score* const     scores  = self->scores + windows;
  df_base*            base    = NULL;
  const int           known   = rows - windows * self->best.horizon;
  df_status status = df_base_fit(&self->best, table, known, &base, note);
  *widen           = 1.0;
  for (size_t i = 0U; i < sizeof(tries) / sizeof(tries[0]) && !status; ++i) {
    df_base_widen(base, tries[i]);
    status = judge(base, table, rows, windows, scores, note);
    // bands too narrow do more harm than a narrower fit to few windows helps
    if (!status &&
        (tries[i] < 1.0
           ? df_score_beats(scores, self->scores, windows)
           : merit(scores, windows) < merit(self->scores, windows))) {
      memcpy(self->scores, scores, (size_t)windows * sizeof(df_score));
      *widen = tries[i];
    }
  }
  df_base_free(base);
  return status;
}

/// What of a level to subtract, before anything was tried.
///
/// Where many values are exactly 0, as at night, 0 means something.  Else the
/// phases of a season differ.
static int
guess_profile(const df_base_config* const config,
              const df_table* const       table,
              const int                   rows)
{
  const size_t count = (size_t)rows * (size_t)table->series;
  size_t       zeros = 0U;
  for (size_t i = 0U; i < count; ++i) {
    zeros += table->values[i] >= 0.0 && table->values[i] <= 0.0 ? 1U : 0U;
  }
  return config->season < 2    ? DF_PROFILE_MEAN
         : zeros * 10U > count ? DF_PROFILE_NONE
                               : DF_PROFILE_PHASE;
}

df_status
df_base_choose(df_base_config* const config,
               const df_table* const table,
               const int             rows,
               const int             windows,
               double* const         widen,
               df_note* const        note)
{
  choice    self    = {.best = *config,
                       .scores =
                         (df_score*)malloc(2U * (size_t)windows * sizeof(df_score))};
  df_status status  = self.scores ? DF_OK : DF_E_NOMEM;
  const int start   = guess_profile(config, table, rows);
  self.best.profile = start;
  for (int step = 0; step < STEPS && !status; ++step) {
    df_base_config other = self.best;
    if (step == 1) {
      other.transform = DF_TRANSFORM_LOG;
    } else if (step == 2) {
      other.transform = DF_TRANSFORM_LOG1P;
    } else if (step == 3) {
      other.difference = 1 - other.difference;
      other.scale      = other.difference ? 250 : 28;
    } else if (step == 4) {
      other.scale = 0;
    } else if (step > 4) {
      other.profile = (start + step - 4) % DF_PROFILES;
    }
    if ((step == 3 && !config->season) || (step > 4 && other.difference)) {
      continue; // without a season there are changes only
    }
    status = compare(&self, other, table, rows, windows, note);
  }
  if (!status) {
    *config = self.best;
    status  = choose_width(&self, table, rows, windows, widen, note);
  }
  free(self.scores);
  return status;
}
