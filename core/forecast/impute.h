#ifndef DF_FORECAST_IMPUTE_H
#define DF_FORECAST_IMPUTE_H

#include "core/base/status.h"
#include "core/forecast/model.h"
#include "core/forecast/paths.h"
#include "core/series/table.h"

/// Fill what is missing in a table by forecasts that know what follows.
///
/// At a row with a gap, H rows are sampled from there on, given
///
///  * the rows before it, earlier gaps filled by the medians of their paths;
///  * as pins (core/series/base_pins.h) all values of these H rows that are
///    known: other series at the same time, and what comes after the gap.
///
/// They fill the rows before the next that is known whole; where there is none,
/// the first half of the H rows, so that none is filled without a look ahead as
/// far as the horizon allows.  Rows at the table's beginning are filled alike:
/// nothing is known of the rows before it.
typedef struct {
  df_paths_config paths; ///< But for its pins
  double quantile;       ///< Of the paths, that the gaps are filled with, 0..1
} df_impute_config;

/// @param values  [rows,D] written: the table's, its gaps filled
/// @param filled  Number of values that were filled
/// @return DF_OK; DF_E_SHAPE (other series), DF_E_FINITE (a log
/// of what has none, or df_base_check_start; see the note); DF_E_ARG (config);
/// DF_E_NOMEM.
DF_NODISCARD
df_status
df_impute(const df_forecast_model* model,
          const df_table*          table,
          const df_impute_config*  config,
          double*                  values,
          size_t*                  filled,
          df_note*                 note);

#endif // DF_FORECAST_IMPUTE_H
