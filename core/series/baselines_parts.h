#ifndef DF_SERIES_BASELINES_PARTS_H
#define DF_SERIES_BASELINES_PARTS_H

#include "core/base/rng.h"
#include "core/base/status.h"
#include "core/series/baselines.h"
#include "core/series/calendar.h"

#include <stdbool.h>

/// What the files of the baselines share; private to them.

/// Newest rows whose errors are drawn from, where phase plays no part.
#define DF_BASELINE_RECENT 1000

/// The past of a table: values known, or the last known.
typedef struct {
  int         rows;
  int         train; ///< Rows to fit on
  int         series;
  int         horizon;
  int         season; ///< P, at least 1
  df_calendar calendar;
  double*     values; ///< [rows,D]
} df_baseline_past;

/// Rows of the mean that the regression on residuals sees.
#define DF_BASELINE_MEAN 24

/// What validation chooses between.
typedef struct {
  bool log;
  bool difference; ///< Changes from row to row in place of the ridge
  bool profile;    ///< Mean, constant and the mean of each phase
  int  scale;      ///< Rows of the rolling scale; 0: one for all
} df_baseline_settings;

/// Residuals of a ridge, bootstrapped.
typedef struct df_baseline_ridge df_baseline_ridge;

/// @return DF_OK, DF_E_SHAPE (too few rows), DF_E_FINITE or DF_E_NOMEM.
DF_NODISCARD
df_status
df_baseline_ridge_make(const df_baseline_past* past,
                       df_baseline_settings    set,
                       df_baseline_ridge**     out);

/// The same with the settings that forecast the last windows best.
///
/// @param truth  [rows,D] NAN where missing: what they are judged by
DF_NODISCARD
df_status
df_baseline_ridge_fit(const df_baseline_past* past,
                      const double*           truth,
                      int                     validation,
                      df_baseline_ridge**     out,
                      df_note*                note);

/// One path [H,D].
void
df_baseline_ridge_path(const df_baseline_ridge* ridge,
                       int                      origin,
                       df_rng*                  rng,
                       double*                  path);

void
df_baseline_ridge_free(df_baseline_ridge* ridge);

/// Coefficients [D+1,D] of a row of changes on the row before and 1; the caller
/// frees them.
DF_NODISCARD
df_status
df_baseline_var_fit(const df_baseline_past* past, double** out, df_note* note);

/// One path [H,D].
void
df_baseline_var_path(const df_baseline_past* past,
                     const double*           weight,
                     int                     origin,
                     df_rng*                 rng,
                     double*                 path);

#endif // DF_SERIES_BASELINES_PARTS_H
