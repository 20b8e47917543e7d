#include "core/forecast/impute.h"

#include "core/forecast/live.h"
#include "core/series/base_pins.h"
#include "core/series/quantile.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/// A table being filled from its first row to its last.
typedef struct {
  const df_table*         table;
  const df_impute_config* config;
  df_live*                live;
  int                     H;
  size_t                  D;
  double*                 pins;   // [H,D] of the window
  double*                 known;  // [H,D] the window, its gaps by their medians
  double*                 paths;  // [samples,H,D]
  double*                 sorted; // [samples]
  double*                 values; // [rows,D]
} filling;

static void
filling_free(filling* const self)
{
  df_live_free(self->live);
  free(self->pins);
  free(self->known);
  free(self->paths);
  free(self->sorted);
}

static df_status
begin(filling* const self, const df_forecast_model* const model)
{
  const size_t n     = (size_t)self->config->paths.samples;
  const size_t count = (size_t)self->H * self->D;
  self->pins         = (double*)malloc(count * sizeof(double));
  self->known        = (double*)malloc(count * sizeof(double));
  self->paths        = (double*)malloc(n * count * sizeof(double));
  self->sorted       = (double*)malloc(n * sizeof(double));
  if (!self->pins || !self->known || !self->paths || !self->sorted) {
    return DF_E_NOMEM;
  }
  const int   before   = df_base_least(model->base);
  df_calendar calendar = self->table->calendar;
  calendar.start       = df_calendar_time(&self->table->calendar, -before);
  return df_live_make(model, &calendar, &self->live);
}

/// Rows before the table's first, so that gaps can be filled from there on:
/// nothing is known of them, but where changes are forecast they begin at the
/// first value known of each series.
static void
push_rows_before(filling* const self, const df_base* const base)
{
  for (size_t d = 0U; d < self->D; ++d) {
    self->known[d] = (double)NAN;
    for (int t = 0; t < self->table->rows && isnan(self->known[d]) &&
                    df_base_config_of(base)->difference;
         ++t) {
      self->known[d] = self->table->values[(size_t)t * self->D + d];
    }
  }
  for (int t = 0; t < df_base_least(base); ++t) {
    df_live_push(self->live, self->known);
    for (size_t d = 0U; d < self->D && !t; ++d) {
      self->known[d] = (double)NAN;
    }
  }
}

/// Values that a row lacks.
static size_t
missing(const filling* const self, const int row)
{
  const double* const x     = self->table->values + (size_t)row * self->D;
  size_t              count = 0U;
  for (size_t d = 0U; d < self->D; ++d) {
    count += isnan(x[d]) ? 1U : 0U;
  }
  return count;
}

/// Rows that a window at this one is to fill.
static int
reach(const filling* const self, const int row)
{
  const int left = self->table->rows - row;
  const int most = left < self->H ? left : self->H;
  int       rows = 1;
  while (rows < most && missing(self, row + rows)) {
    ++rows;
  }
  // As far as the table's end there is nothing to look ahead to
  return rows < self->H || left <= self->H ? rows : (self->H + 1) / 2;
}

/// Sample the window at this row, and fill the gaps of its first rows.
static df_status
fill_window(filling* const self, const int row, const int rows)
{
  const size_t    D      = self->D;
  const int       n      = self->config->paths.samples;
  df_paths_config config = self->config->paths;
  const int       left   = self->table->rows - row;
  const size_t    given  = (size_t)(left < self->H ? left : self->H) * D;
  const double*   from   = self->table->values + (size_t)row * D;
  for (size_t i = 0U; i < (size_t)self->H * D; ++i) {
    self->pins[i] = i < given ? from[i] : (double)NAN;
  }
  config.pins            = self->pins;
  config.steady          = true;
  const df_status status = df_live_forecast(self->live, &config, self->paths);
  for (int h = 0; h < rows && !status; ++h) {
    for (size_t d = 0U; d < D; ++d) {
      const size_t i = (size_t)h * D + d;
      self->known[i] = from[i];
      if (isnan(from[i])) {
        df_quantile_sort(
          self->paths, n, self->H, (int)D, h, (int)d, self->sorted);
        self->known[i] = df_quantile(self->sorted, n, 0.5);
        self->values[(size_t)row * D + i] =
          df_quantile(self->sorted, n, self->config->quantile);
      }
    }
  }
  return status;
}

static df_status
fill_all(filling* const self, size_t* const filled)
{
  df_status status = DF_OK;
  for (int t = 0; t < self->table->rows && !status;) {
    if (!missing(self, t)) {
      df_live_push(self->live, self->table->values + (size_t)t * self->D);
      ++t;
      continue;
    }
    const int rows = reach(self, t);
    status         = fill_window(self, t, rows);
    for (int h = 0; h < rows && !status; ++h) {
      df_live_push(self->live, self->known + (size_t)h * self->D);
      *filled += missing(self, t + h);
    }
    t += rows;
  }
  return status;
}

df_status
df_impute(const df_forecast_model* const model,
          const df_table* const          table,
          const df_impute_config* const  config,
          double* const                  values,
          size_t* const                  filled,
          df_note* const                 note)
{
  *filled = 0U;
  if (!(config->quantile >= 0.0 && config->quantile <= 1.0) ||
      config->paths.samples < 1) {
    return DF_E_ARG;
  }
  if (table->series != df_base_series(model->base)) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "series: want %d, those of the model, found %d",
                       df_base_series(model->base),
                       table->series);
  }
  df_status status =
    df_base_pins_check(model->base, table->rows, table->values, note);
  if (!status) {
    status = df_base_check_start(model->base, table, note);
  }
  if (status) {
    return status;
  }
  filling self = {.table  = table,
                  .config = config,
                  .H      = df_base_config_of(model->base)->horizon,
                  .D      = (size_t)table->series,
                  .values = values};
  status       = begin(&self, model);
  if (!status) {
    memcpy(
      values, table->values, (size_t)table->rows * self.D * sizeof(double));
    push_rows_before(&self, model->base);
    status = fill_all(&self, filled);
  }
  filling_free(&self);
  return status;
}
