#ifndef DF_FORECAST_ROLLING_H
#define DF_FORECAST_ROLLING_H

#include "core/base/status.h"
#include "core/forecast/model.h"
#include "core/forecast/paths.h"
#include "core/series/score.h"
#include "core/series/table.h"
#include "core/series/windows.h"

/// Forecast the last `windows` horizons of rows [0, rows) of a table, each from
/// the rows before it alone.
///
/// @return DF_OK; DF_E_SHAPE (too few rows, other series; see note),
/// DF_E_FINITE or DF_E_NOMEM; what a visit returns.
DF_NODISCARD
df_status
df_rolling_each(const df_forecast_model* model,
                const df_table*          table,
                int                      rows,
                int                      windows,
                const df_paths_config*   config,
                df_windows_visit         visit,
                void*                    data,
                df_note*                 note);

/// The same, scored.
///
/// @return DF_OK; DF_E_SHAPE (too few rows, other series; see note),
/// DF_E_FINITE or DF_E_NOMEM.
DF_NODISCARD
df_status
df_rolling_score(const df_forecast_model* model,
                 const df_table*          table,
                 int                      rows,
                 int                      windows,
                 const df_paths_config*   config,
                 df_score*                score,
                 df_note*                 note);

#endif // DF_FORECAST_ROLLING_H
