#ifndef DF_FORECAST_LIVE_H
#define DF_FORECAST_LIVE_H

#include "core/base/status.h"
#include "core/forecast/model.h"
#include "core/forecast/paths.h"
#include "core/series/calendar.h"

#include <stdint.h>

/// A stream of rows that can be forecast from at any time.
///
/// It holds as many rows as a forecast looks back on, so that what it costs
/// does not depend on how long the stream is, and what it says is, byte for
/// byte, what df_paths_sample says of a table of these rows.  Where changes are
/// forecast, the oldest row holds the last values known before it, so that a
/// level outlasts any gap.  One thread; forecasting allocates, so it is nothing
/// for audio.
typedef struct df_live df_live;

/// @param model     Borrowed
/// @param calendar  Of the first row that will be pushed
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD
df_status
df_live_make(const df_forecast_model* model,
             const df_calendar*       calendar,
             df_live**                out);

/// NULL is allowed.
void
df_live_free(df_live* live);

/// Append a row.  Does not allocate.
///
/// @param row  [D] NAN, or anything not finite, where missing
void
df_live_push(df_live* live, const double* row);

/// Rows pushed.
int64_t
df_live_count(const df_live* live);

/// Rows that have to be pushed before the first forecast.
int
df_live_least(const df_live* live);

/// The calendar of the next row.
df_calendar
df_live_next(const df_live* live);

/// Sample what follows the newest row.
///
/// @param paths  [config.samples,H,D] written
/// @return DF_OK; DF_E_AGAIN (too few rows yet); DF_E_FINITE (a log of what has
/// none); DF_E_ARG (config); DF_E_NOMEM.
DF_NODISCARD
df_status
df_live_forecast(df_live* live, const df_paths_config* config, double* paths);

#endif // DF_FORECAST_LIVE_H
