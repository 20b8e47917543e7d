#include "core/forecast/rolling.h"

#include <stddef.h>
#include <stdlib.h>

/// A model, and what it sees.
typedef struct {
  const df_forecast_model* model;
  const df_paths_config*   config;
  df_base_view*            view;
} forecaster;

static df_status
sample(const void* const data, const int origin, double* const paths)
{
  const forecaster* const self = (const forecaster*)data;
  return df_paths_sample(self->model, self->view, origin, self->config, paths);
}

/// Look at the rows that are known.
///
/// @param view  Freed by the caller in any case
static df_status
look(const df_forecast_model* const model,
     const df_table* const          table,
     const df_windows* const        windows,
     df_base_view** const           view,
     df_note* const                 note)
{
  df_table known   = *table;
  known.rows       = windows->rows;
  df_status status = df_base_view_make(model->base, &known, view, note);
  const int first  = windows->rows - windows->count * windows->horizon;
  if (!status && first < df_base_view_first(*view)) {
    status = df_note_set(note,
                         DF_E_SHAPE,
                         "rows: want at least %d before the first window, "
                         "found %d",
                         df_base_view_first(*view),
                         first);
  }
  return status;
}

static df_windows
windows_of(const df_forecast_model* const model,
           const df_table* const          table,
           const int                      rows,
           const int                      count,
           const df_paths_config* const   config)
{
  return (df_windows){.values  = table->values,
                      .rows    = rows,
                      .series  = df_base_series(model->base),
                      .horizon = df_base_config_of(model->base)->horizon,
                      .count   = count,
                      .samples = config->samples};
}

df_status
df_rolling_each(const df_forecast_model* const model,
                const df_table* const          table,
                const int                      rows,
                const int                      windows,
                const df_paths_config* const   config,
                const df_windows_visit         visit,
                void* const                    data,
                df_note* const                 note)
{
  const df_windows over   = windows_of(model, table, rows, windows, config);
  forecaster       self   = {model, config, NULL};
  df_status        status = look(model, table, &over, &self.view, note);
  if (!status) {
    status = df_windows_each(&over, sample, &self, visit, data);
  }
  df_base_view_free(self.view);
  return status;
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
  const df_windows over  = windows_of(model, table, rows, windows, config);
  forecaster       self  = {model, config, NULL};
  df_score* const scores = (df_score*)calloc((size_t)windows, sizeof(df_score));
  df_status       status = scores ? DF_OK : DF_E_NOMEM;
  if (!status) {
    status = look(model, table, &over, &self.view, note);
  }
  if (!status) {
    status = df_windows_score(&over, sample, &self, true, scores);
  }
  *score = scores ? df_score_all(scores, windows) : (df_score){0};
  free(scores);
  df_base_view_free(self.view);
  return status;
}
