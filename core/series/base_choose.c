#include "core/series/base.h"

#include "core/series/base_parts.h"
#include "core/series/score.h"
#include "core/series/windows.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 100

/// Fewest horizons that are chosen on, if nobody says how many.
#define WINDOWS 7

/// Configs that are compared, each the best before it but for this.
typedef enum {
  AS_IT_IS,
  LOG,
  LOG1P,
  DIFFERENCE, // or not
  SEASON,
  ONE_SCALE,
  PROFILE,
  OTHER_PROFILE,
  STEPS
} step_kind;

/// A base, and space for its tokens.
typedef struct {
  const df_base_view* view;
  int                 rows;
  int                 horizon;
  float*              space; // [2,H,k]
} drawing;

static df_status
draw(const void* const data, const int origin, double* const paths)
{
  const drawing* const self = (const drawing*)data;
  const int            w    = (self->rows - origin) / self->horizon;
  df_base_draw(
    self->view, origin, 1U, (uint64_t)w, SAMPLES, self->space, paths);
  return DF_OK;
}

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
  const int        H     = base->config.horizon;
  const size_t     count = (size_t)H * (size_t)base->config.factors;
  const df_windows over  = {
     table->values, rows, table->series, H, windows, SAMPLES};
  df_table      known  = *table;
  df_base_view* view   = NULL;
  float* const  space  = (float*)malloc(2U * count * sizeof(float));
  df_status     status = space ? DF_OK : DF_E_NOMEM;
  known.rows           = rows;
  if (!status) {
    status = df_base_view_make(base, &known, &view, note);
  }
  if (!status) {
    const drawing self = {view, rows, H, space};
    status             = df_windows_score(&over, draw, &self, false, scores);
  }
  df_base_view_free(view);
  free(space);
  return status;
}

/// Fit on the rows before the windows and score.
///
/// @param good  Whether it could be fitted; false where there is no log, or, if
///              any other could, where rows are too few
static df_status
attempt(const df_base_config* const config,
        const df_table* const       table,
        const int                   rows,
        const int                   windows,
        df_score* const             scores,
        const bool                  any,
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
  if (status == DF_E_FINITE || (status == DF_E_SHAPE && any)) {
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
    attempt(&other, table, rows, windows, scores, self->any, &good, note);
  if (!status && good &&
      (!self->any || df_score_beats(scores, self->scores, windows))) {
    memcpy(self->scores, scores, (size_t)windows * sizeof(df_score));
    self->best = other;
    self->any  = true;
  }
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

/// Make a config the next to be compared.
///
/// @param start  Profile of the first
/// @param found  Season that the values show where the calendar has none, or 0
/// @return false where it is none of its own
static bool
alter(df_base_config* const c,
      const step_kind       step,
      const int             start,
      const int             found)
{
  switch (step) {
  case LOG:
    c->transform = DF_TRANSFORM_LOG;
    return true;
  case LOG1P:
    c->transform = DF_TRANSFORM_LOG1P;
    return true;
  case DIFFERENCE:
    c->difference = 1 - c->difference;
    c->scale      = c->difference ? DF_BASE_CHANGES : DF_BASE_LEVELS;
    c->season     = c->season ? c->season : 1;
    return true;
  case SEASON:
    c->difference = 0;
    c->scale      = DF_BASE_LEVELS;
    c->season     = found;
    return found > 0;
  case ONE_SCALE:
    c->scale = 0;
    return true;
  case PROFILE:
  case OTHER_PROFILE:
    c->profile = (start + (int)(step - ONE_SCALE)) % DF_PROFILES;
    return !c->difference && start != DF_PROFILE_NONE && // 0 stays 0
           (c->profile != DF_PROFILE_PHASE || df_base_told(c) > 1);
  default:
    return true;
  }
}

int
df_base_windows_most(const df_base_config* const config, const int rows)
{
  return (rows - 1) / (2 * config->horizon) - 1;
}

int
df_base_windows(const df_base_config* const config, const int rows)
{
  const int H      = config->horizon;
  const int season = (config->season + H - 1) / H;
  const int most   = rows / (4 * H);
  const int fits   = season < most ? season : most;
  const int wanted = fits > WINDOWS ? fits : WINDOWS;
  const int spare  = (rows - df_base_needs(config, rows)) / H;
  const int half   = df_base_windows_most(config, rows);
  const int least  = spare < half ? spare : half;
  return least >= wanted ? wanted : least > 1 ? least : 1;
}

df_status
df_base_choose(df_base_config* const config,
               const df_table* const table,
               const int             rows,
               const int             windows,
               const bool            changes,
               df_note* const        note)
{
  int       found   = 0;
  choice    self    = {.best = *config,
                       .scores =
                         (df_score*)malloc(2U * (size_t)windows * sizeof(df_score))};
  df_status status  = self.scores ? DF_OK : DF_E_NOMEM;
  const int start   = guess_profile(config, table, rows);
  self.best.profile = start;
  if (changes) {
    self.best.difference = 1;
    self.best.scale      = DF_BASE_CHANGES;
  } else if (!status && !config->season) {
    status =
      df_base_find_season(table, rows - windows * config->horizon, &found);
  }
  for (int step = 0; step < STEPS && !status; ++step) {
    df_base_config other = self.best;
    if (!(changes && step == DIFFERENCE) &&
        alter(&other, (step_kind)step, start, found)) {
      status = compare(&self, other, table, rows, windows, note);
    }
  }
  if (!status) {
    *config = self.best;
  }
  free(self.scores);
  return status;
}
