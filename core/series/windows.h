#ifndef DF_SERIES_WINDOWS_H
#define DF_SERIES_WINDOWS_H

#include "core/base/status.h"
#include "core/series/score.h"

#include <stdbool.h>

/// The last horizons of some rows, one after the other, each forecast from the
/// rows before it alone: what settings are chosen on, and forecasters compared.
typedef struct {
  const double* values; ///< [rows,D] NAN where missing
  int           rows;
  int           series;  ///< D
  int           horizon; ///< H, rows of a window
  int           count;   ///< Windows; count x H is at most `rows`
  int           samples; ///< N, paths of each
} df_windows;

/// Sample the rows from `origin` on, paths [N,H,D].
typedef df_status (*df_windows_forecast)(const void* forecaster,
                                         int         origin,
                                         double*     paths);

/// What is done with a forecast; paths [N,H,D] may be changed.
typedef df_status (*df_windows_visit)(void* data, int origin, double* paths);

/// Forecast each window, the oldest first.
///
/// @return DF_OK or DF_E_NOMEM; else what a call returns, which is the last.
DF_NODISCARD
df_status
df_windows_each(const df_windows*   windows,
                df_windows_forecast forecast,
                const void*         forecaster,
                df_windows_visit    visit,
                void*               data);

/// Forecast and score each window.
///
/// @param energy  The energy score as well, whose cost is the square of N
/// @param scores  [count] written
/// @return as df_windows_each.
DF_NODISCARD
df_status
df_windows_score(const df_windows*   windows,
                 df_windows_forecast forecast,
                 const void*         forecaster,
                 bool                energy,
                 df_score*           scores);

#endif // DF_SERIES_WINDOWS_H
