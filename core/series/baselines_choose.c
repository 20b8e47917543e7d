#include "core/series/baselines_parts.h"

#include "core/series/score.h"
#include "core/series/windows.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/// Paths of a validation window.
#define SAMPLES 50

/// A fit being judged.
typedef struct {
  const df_baseline_ridge* ridge;
  size_t                   size; // of a path
} drawing;

static df_status
draw(const void* const data, const int origin, double* const paths)
{
  const drawing* const self = (const drawing*)data;
  for (int n = 0; n < SAMPLES; ++n) {
    df_rng rng = df_rng_make(1U, (uint64_t)origin, (uint64_t)n);
    df_baseline_ridge_path(
      self->ridge, origin, &rng, paths + (size_t)n * self->size);
  }
  return DF_OK;
}

/// Score of settings on what is known of the last windows of the rows to fit
/// on.
static df_status
judge(const df_baseline_past* const past,
      const double* const           truth,
      const int                     windows,
      const df_baseline_settings    set,
      double* const                 merit)
{
  const df_windows over = {
    truth, past->train, past->series, past->horizon, windows, SAMPLES};
  df_baseline_past   known = *past;
  df_baseline_ridge* m     = NULL;
  known.rows               = past->train;
  known.train              = past->train - windows * past->horizon;
  *merit                   = (double)INFINITY;
  df_status status         = df_baseline_ridge_make(&known, set, &m);
  if (status) {
    return status == DF_E_NOMEM ? status : DF_OK;
  }
  const drawing   self = {m, (size_t)past->horizon * (size_t)past->series};
  df_score* const scores =
    (df_score*)malloc((size_t)windows * sizeof(df_score));
  status =
    scores ? df_windows_score(&over, draw, &self, false, scores) : DF_E_NOMEM;
  if (!status) {
    const df_score all = df_score_all(scores, windows);
    *merit             = df_score_merit(&all);
  }
  free(scores);
  df_baseline_ridge_free(m);
  return status;
}

static bool
all_positive(const df_baseline_past* const past)
{
  for (size_t i = 0U; i < (size_t)past->train * (size_t)past->series; ++i) {
    if (!(past->values[i] > 0.0)) {
      return false;
    }
  }
  return true;
}

df_status
df_baseline_ridge_fit(const df_baseline_past* const past,
                      const double* const           truth,
                      const int                     validation,
                      df_baseline_ridge** const     out,
                      df_note* const                note)
{
  df_baseline_settings best   = {false, true, false, 250};
  double               least  = (double)INFINITY;
  df_status            status = judge(past, truth, validation, best, &least);
  for (int step = 0; step < 4 && !status; ++step) {
    df_baseline_settings other = best;
    double               found = 0.0;
    if (step < 2) {
      other = (df_baseline_settings){false, false, step == 1, 28};
    } else if (step == 2) {
      other.scale = 0;
    } else if (all_positive(past)) {
      other.log = true;
    } else {
      continue;
    }
    status = judge(past, truth, validation, other, &found);
    if (!status && found < 0.99 * least) { // not for a hair
      least = found;
      best  = other;
    }
  }
  if (!status) {
    status = df_baseline_ridge_make(past, best, out);
  }
  return status == DF_E_SHAPE || status == DF_E_FINITE
           ? df_note_set(note,
                         status,
                         "ridge: want more than %d rows of series that move, "
                         "found %d",
                         DF_BASELINE_MEAN + 2 * past->horizon + 1,
                         past->train)
           : status;
}
