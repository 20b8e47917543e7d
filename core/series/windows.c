#include "core/series/windows.h"

#include <stddef.h>
#include <stdlib.h>

df_status
df_windows_each(const df_windows* const   windows,
                const df_windows_forecast forecast,
                const void* const         forecaster,
                const df_windows_visit    visit,
                void* const               data)
{
  const size_t  size = (size_t)windows->horizon * (size_t)windows->series;
  double* const paths =
    (double*)malloc((size_t)windows->samples * size * sizeof(double));
  df_status status = paths ? DF_OK : DF_E_NOMEM;
  for (int w = windows->count; w > 0 && !status; --w) {
    const int origin = windows->rows - w * windows->horizon;
    status           = forecast(forecaster, origin, paths);
    if (!status) {
      status = visit(data, origin, paths);
    }
  }
  free(paths);
  return status;
}

/// Scores being written.
typedef struct {
  const df_windows* windows;
  bool              energy;
  df_score*         next;
} scoring;

static df_status
score(void* const data, const int origin, double* const paths)
{
  scoring* const          self = (scoring*)data;
  const df_windows* const w    = self->windows;
  const double* const truth    = w->values + (size_t)origin * (size_t)w->series;
  df_score* const     to       = self->next++;
  *to                          = (df_score){0};
  if (self->energy) {
    df_score_add_energy(to, w->samples, w->horizon, w->series, paths, truth);
  }
  return df_score_add(to, w->samples, w->horizon, w->series, paths, truth);
}

df_status
df_windows_score(const df_windows* const   windows,
                 const df_windows_forecast forecast,
                 const void* const         forecaster,
                 const bool                energy,
                 df_score* const           scores)
{
  scoring self = {windows, energy, scores};
  return df_windows_each(windows, forecast, forecaster, score, &self);
}
