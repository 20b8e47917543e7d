#include "plugin/series.h"

#include "plugin/osc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// Rows that one message may ask for
#define ROWS DF_BASE_HORIZON

static float
value(const df_series* const self, const df_series_port port)
{
  return df_remote_read(self->remote, (int)port);
}

static void
push(void* const desk, const df_osc_call* const call)
{
  const df_series* const self = (const df_series*)df_desk_owner(desk);
  const size_t           size = (size_t)call->count * sizeof(double);
  double* const          row  = (double*)malloc(size ? size : 1U);
  int                    D    = 0;
  char                   text[96];
  df_remote_settle(self->remote);
  if (value(self, DF_SERIES_RATE) > 0.0f) {
    free(row);
    df_osc_refuse(call, "rows come from the inputs: set rate to 0");
    return;
  }
  for (int i = 0; i < call->count && row; ++i) {
    float number = 0.0f;
    row[i]       = df_osc_number(call, i, &number) ? (double)number : NAN;
  }
  const df_status st =
    row ? df_forecaster_tell(self->forecaster, row, call->count, &D)
        : DF_E_NOMEM;
  free(row);
  if (st == DF_E_SHAPE) {
    (void)snprintf(text,
                   sizeof(text),
                   "wanted push with %d values, those of the model, found %d",
                   D,
                   call->count);
    df_osc_refuse(call, text);
  } else if (st) {
    df_osc_refuse(call, st == DF_E_NONE ? "no model" : df_status_text(st));
  }
}

static void
answer(const df_osc_call* const call,
       const char* const        name,
       const int                row,
       const float* const       values,
       const int                D)
{
  lo_message message = lo_message_new();
  (void)lo_message_add_int32(message, row + 1);
  for (int d = 0; d < D; ++d) {
    (void)lo_message_add_float(message, values[d]);
  }
  df_osc_answer(call, name, message);
}

static void
forecast(void* const desk, const df_osc_call* const call)
{
  const df_series* const self   = (const df_series*)df_desk_owner(desk);
  float                  number = 0.0f;
  float*                 values = NULL;
  float*                 means  = NULL;
  int                    D      = 0;
  if (call->count != 1 || !df_osc_number(call, 0, &number) ||
      !(number >= 1.0f && number <= (float)ROWS)) {
    df_osc_refuse(call, "wanted forecast n, 1 to 64 rows");
    return;
  }
  df_remote_settle(self->remote);
  const df_futures futures = {.quantile = value(self, DF_SERIES_QUANTILE),
                              .samples  = (int)value(self, DF_SERIES_SAMPLES),
                              .seed = (uint32_t)value(self, DF_SERIES_SEED)};
  int              rows    = (int)number;
  const df_status  st      = df_forecaster_foresee(
    self->forecaster, &futures, &rows, &D, &values, &means);
  if (st) {
    df_osc_refuse(call,
                  st == DF_E_NONE    ? "no model"
                  : st == DF_E_AGAIN ? "too few rows yet"
                                     : df_status_text(st));
  }
  for (int h = 0; h < rows && !st; ++h) {
    answer(call, "forecast", h, values + (size_t)h * (size_t)D, D);
    answer(call, "mean", h, means + (size_t)h * (size_t)D, D);
  }
  free(values);
  free(means);
}

const df_osc_method*
df_series_methods(void)
{
  static const df_osc_method methods[DF_SERIES_METHODS] = {
    {"push", 0, push}, {"forecast", 0, forecast}};
  return methods;
}
