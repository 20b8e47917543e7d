#include "plugin/series_ports.h"

#include <assert.h>

// clang-format off
static const df_port_info table[DF_SERIES_COUNT] = {
  [DF_SERIES_CONTROL]      = DF_ATOM("control"),
  [DF_SERIES_NOTIFY]       = DF_ATOM("notify"),
  [DF_SERIES_ENABLED]      = DF_WHOLE("enabled", 0.0f, 1.0f, 1.0f),
  [DF_SERIES_NOISE]        = DF_REAL("noise", 0.0f, 0.0f, 1.0f),
  [DF_SERIES_RATE]         = DF_REAL("rate", 0.0f, 10.0f, 1000.0f),
  [DF_SERIES_QUANTILE]     = DF_REAL("quantile", 0.0f, 0.5f, 1.0f),
  [DF_SERIES_SAMPLES]      = DF_WHOLE("samples", 1.0f, 32.0f, 256.0f),
  [DF_SERIES_HORIZON]      = DF_WHOLE("horizon", 1.0f, 64.0f, 64.0f),
  [DF_SERIES_SEED]         = DF_WHOLE("seed", 0.0f, 0.0f, 16777215.0f),
  [DF_SERIES_MODEL]        = DF_WHOLE("model", 0.0f, 0.0f, 63.0f),
  [DF_SERIES_WAIT]         = DF_WHOLE("wait", 0.0f, 0.0f, 2.0f),
  [DF_SERIES_FREEWHEEL]    = DF_WHOLE("freewheel", 0.0f, 0.0f, 1.0f),
  [DF_SERIES_LATE]         = DF_METER("late", 0.0f, 0.0f, 16777215.0f, true),
  [DF_SERIES_LOAD]         = DF_METER("load", 0.0f, 0.0f, 10.0f, false),
  [DF_SERIES_LEVEL]        = DF_METER("level", 0.0f, 0.0f, 1.0f, false),
  [DF_SERIES_MODEL_STATUS] = DF_METER("model_status", 0.0f, 1.0f, 3.0f, true),
  [DF_SERIES_OSC_PORT]     = DF_WHOLE("osc_port", 0.0f, 0.0f, 65535.0f),
  [DF_SERIES_OSC_BOUND]    = DF_METER("osc_bound", 0.0f, 0.0f, 65535.0f, true),
};
// clang-format on

const df_port_table*
df_series_table(void)
{
  static const df_port_table all = {table,
                                    DF_SERIES_COUNT,
                                    DF_SERIES_NOISE,
                                    DF_SERIES_MODEL,
                                    DF_SERIES_OSC_PORT,
                                    DF_SERIES_FREEWHEEL};
  return &all;
}

const df_port_info*
df_series_about(const df_series_port port)
{
  assert((int)port >= 0 && port < DF_SERIES_COUNT);
  return &table[port];
}

float
df_series_value(const df_series_port port, const float* const value)
{
  return df_port_clamp(df_series_about(port), value);
}
