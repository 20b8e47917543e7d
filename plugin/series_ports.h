#ifndef DF_PLUGIN_SERIES_PORTS_H
#define DF_PLUGIN_SERIES_PORTS_H

#include "core/base/attr.h"
#include "plugin/ports.h"

/// The ports of `urn:dforce:series`: DF_CV inputs, as many outputs, then those
/// below, at index 2 DF_CV + number.  ttl/series.ttl says the same.

/// Control voltages in, and out.
#define DF_CV 8

typedef enum {
  DF_SERIES_CONTROL, ///< Atoms in: patch, time
  DF_SERIES_NOTIFY,  ///< Atoms out: patch
  DF_SERIES_ENABLED,
  DF_SERIES_NOISE,
  DF_SERIES_RATE,     ///< Rows a second; 0: by OSC alone
  DF_SERIES_QUANTILE, ///< Of the futures, that is put out
  DF_SERIES_SAMPLES,  ///< Futures
  DF_SERIES_HORIZON,  ///< Rows of a forecast that are used, at most
  DF_SERIES_SEED,
  DF_SERIES_MODEL,
  DF_SERIES_WAIT,
  DF_SERIES_FREEWHEEL,
  DF_SERIES_LATE,
  DF_SERIES_LOAD,
  DF_SERIES_LEVEL,
  DF_SERIES_MODEL_STATUS,
  DF_SERIES_OSC_PORT,
  DF_SERIES_OSC_BOUND,
  DF_SERIES_COUNT
} df_series_port;

/// All of them.
DF_RT
const df_port_table*
df_series_table(void);

/// What a port is.
DF_RT
const df_port_info*
df_series_about(df_series_port port);

/// The value to work with, as df_port_value.
DF_RT
float
df_series_value(df_series_port port, const float* value);

#endif // DF_PLUGIN_SERIES_PORTS_H
