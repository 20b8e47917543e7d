#include "core/forecast/rolling.h"

#include <stddef.h>
#include <stdlib.h>

df_status
df_rolling_each(const df_forecast_model* const model,
                const df_table* const          table,
                const int                      rows,
                const int                      windows,
                const df_paths_config* const   config,
                const df_rolling_visit         visit,
                void* const                    data,
                df_note* const                 note)
{
  const int     H     = df_base_config_of(model->base)->horizon;
  const size_t  D     = (size_t)df_base_series(model->base);
  df_table      known = *table;
  df_base_view* view  = NULL;
  known.rows          = rows;
  df_status status    = df_base_view_make(model->base, &known, &view, note);
  if (status) {
    return status;
  }
  double* const paths =
    (double*)malloc((size_t)config->samples * (size_t)H * D * sizeof(double));
  if (!paths) {
    status = DF_E_NOMEM;
  }
  for (int w = windows; w > 0 && !status; --w) {
    const int origin = rows - w * H;
    status           = origin < df_base_view_first(view)
                         ? df_note_set(note,
                             DF_E_SHAPE,
                             "rows: want at least %d before the first window, "
                                       "found %d",
                             df_base_view_first(view),
                             origin)
                         : df_paths_sample(model, view, origin, config, paths);
    if (!status) {
      status = visit(data, origin, paths);
    }
  }
  free(paths);
  df_base_view_free(view);
  return status;
}

/// A score being added up.
typedef struct {
  df_score*       score;
  const df_table* table;
  int             samples;
  int             horizon;
} scoring;

static df_status
add(void* const data, const int origin, double* const paths)
{
  const scoring* const self  = (const scoring*)data;
  const int            D     = self->table->series;
  const double* const  truth = self->table->values + (size_t)origin * (size_t)D;
  df_score_add_energy(
    self->score, self->samples, self->horizon, D, paths, truth);
  return df_score_add(
    self->score, self->samples, self->horizon, D, paths, truth);
}

df_status
df_rolling_score(const df_forecast_model* const model,
                 const df_table* const          table,
                 const int                      rows,
                 const int                      windows,
                 const df_paths_config* const   config,
                 df_score* const                score,
                 df_note* const                 note)
{
  scoring self = {
    score, table, config->samples, df_base_config_of(model->base)->horizon};
  *score = (df_score){0};
  return df_rolling_each(model, table, rows, windows, config, add, &self, note);
}
