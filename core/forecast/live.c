#include "core/forecast/live.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct df_live {
  const df_forecast_model* model;
  df_table                 table; ///< The newest rows; its calendar is theirs
  df_calendar              calendar;
  int                      most; ///< Rows that the table can hold
  int64_t                  count;
};

df_status
df_live_make(const df_forecast_model* const model,
             const df_calendar* const       calendar,
             df_live** const                out)
{
  const int    D      = df_base_series(model->base);
  const int    most   = df_base_memory(model->base);
  const size_t rows   = (size_t)most;
  *out                = NULL;
  df_live* const self = (df_live*)calloc(1U, sizeof(df_live));
  if (!self) {
    return DF_E_NOMEM;
  }
  self->model        = model;
  self->calendar     = *calendar;
  self->most         = most;
  self->table.series = D;
  self->table.values = (double*)malloc(rows * (size_t)D * sizeof(double));
  self->table.names  = calloc((size_t)D, sizeof(*self->table.names));
  if (!self->table.values || !self->table.names) {
    df_live_free(self);
    return DF_E_NOMEM;
  }
  *out = self;
  return DF_OK;
}

void
df_live_free(df_live* const live)
{
  if (live) {
    df_table_free(&live->table);
    free(live);
  }
}

/// Where changes are forecast, let the second row know what the first one
/// does, which is about to go.
static void
keep_levels(df_live* const live)
{
  const size_t  D    = (size_t)live->table.series;
  double* const rows = live->table.values;
  if (df_base_config_of(live->model->base)->difference) {
    for (size_t d = 0U; d < D; ++d) {
      rows[D + d] = isnan(rows[D + d]) ? rows[d] : rows[D + d];
    }
  }
}

void
df_live_push(df_live* const live, const double* const row)
{
  const size_t D = (size_t)live->table.series;
  if (live->table.rows == live->most) {
    keep_levels(live);
    memmove(live->table.values,
            live->table.values + D,
            (size_t)(live->most - 1) * D * sizeof(double));
    --live->table.rows;
  }
  double* const to = live->table.values + (size_t)live->table.rows * D;
  for (size_t d = 0U; d < D; ++d) {
    to[d] = isfinite(row[d]) ? row[d] : (double)NAN;
  }
  ++live->table.rows;
  ++live->count;
}

int64_t
df_live_count(const df_live* const live)
{
  return live->count;
}

int
df_live_least(const df_live* const live)
{
  return df_base_least(live->model->base);
}

/// The calendar seen from row `row` of the stream.
static df_calendar
seen_from(const df_live* const live, const int64_t row)
{
  df_calendar calendar = live->calendar;
  calendar.start       = df_calendar_time(&live->calendar, row);
  return calendar;
}

df_calendar
df_live_next(const df_live* const live)
{
  return seen_from(live, live->count);
}

df_status
df_live_forecast(df_live* const               live,
                 const df_paths_config* const config,
                 double* const                paths)
{
  df_base_view* view = NULL;
  if (live->table.rows < df_live_least(live)) {
    return DF_E_AGAIN;
  }
  live->table.calendar = seen_from(live, live->count - live->table.rows);
  df_status status =
    df_base_view_make(live->model->base, &live->table, &view, NULL);
  if (!status) {
    status =
      df_paths_sample(live->model, view, live->table.rows, config, paths);
  }
  df_base_view_free(view);
  return status;
}
