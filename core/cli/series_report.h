#ifndef DF_CLI_SERIES_REPORT_H
#define DF_CLI_SERIES_REPORT_H

#include "core/base/status.h"
#include "core/forecast/model.h"
#include "core/series/score.h"
#include "core/series/table.h"
#include "core/train/checkpoint.h"

/// A training run on series on one page, as PNG: loss, validation error by
/// noise band, how often the truth lay within bands of the validation windows,
/// and these windows as fan charts of the first series.

/// Bands whose coverage is counted: the central .05, .10 .. .95.
#define DF_REPORT_BANDS 19

/// Forecasts of validation windows, one after the other up to a table's end.
typedef struct {
  df_score  score;
  df_score* by_window;                  ///< [span / horizon] of each window
  double    inside[2][DF_REPORT_BANDS]; ///< Of the sum, of single series
  double    count[2];
  int       rows;      ///< Of the table that were known, windows included
  int       span;      ///< Rows of all windows
  int       horizon;   ///< H
  int       shown;     ///< Series that are kept for a fan chart
  double*   quantiles; ///< [shown,5,span] .05, .25, .5, .75, .95
} df_validation;

/// Forecast the last `windows` horizons of rows [0, rows) of a table, each from
/// the rows before it alone, and count.
///
/// @param out  Freed by the caller in any case
/// @return as df_rolling_each.
DF_NODISCARD
df_status
df_validation_make(const df_forecast_model* model,
                   const df_table*          table,
                   int                      rows,
                   int                      windows,
                   df_validation*           out,
                   df_note*                 note);

/// Free and zero.
void
df_validation_free(df_validation* validation);

/// @param about  Line above the coverage
/// @return DF_OK, DF_E_NOMEM or DF_E_IO.
DF_NODISCARD
df_status
df_series_report_write(const char*           path,
                       const char*           title,
                       const char*           about,
                       const df_trainer_log* log,
                       const df_table*       table,
                       const df_validation*  validation,
                       df_note*              note);

#endif // DF_CLI_SERIES_REPORT_H
