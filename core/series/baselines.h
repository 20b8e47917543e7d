#ifndef DF_SERIES_BASELINES_H
#define DF_SERIES_BASELINES_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/series/table.h"

#include <stdbool.h>
#include <stdint.h>

/// Forecasts that a model has to beat, all behind one interface: fit on the
/// first rows, then give joint paths from any origin, out of the rows before
/// it.
///
/// A missing value counts as the last known one of its series (0 before any).

typedef enum {
  DF_BASELINE_LAST,   ///< The last value, no spread
  DF_BASELINE_WALK,   ///< It, and what it missed h rows after some earlier row
  DF_BASELINE_SEASON, ///< The last season, and what it missed at this phase
  DF_BASELINE_RIDGE,  ///< Ridge on lags, regression on the newest residuals,
                      ///< and a block of what these left over
  DF_BASELINE_VAR,    ///< Changes from row to row by a vector autoregression
                      ///< of order 1, its residual rows drawn anew
  DF_BASELINES
} df_baseline_kind;

/// Most series of DF_BASELINE_VAR.
#define DF_BASELINE_VAR_SERIES 32

typedef struct {
  int horizon;    ///< H, 1..64
  int rows;       ///< Rows to fit on
  int validation; ///< Last horizons of these that DF_BASELINE_RIDGE chooses its
                  ///< settings on, 1..1000
} df_baseline_config;

/// Read-only once fitted.
typedef struct df_baseline df_baseline;

/// A short name.
const char*
df_baseline_name(df_baseline_kind kind);

/// Whether a table is one for this kind: DF_BASELINE_VAR wants few series and
/// 20 rows for each of its coefficients of one series.
bool
df_baseline_suits(df_baseline_kind          kind,
                  const df_baseline_config* config,
                  const df_table*           table);

/// Fit on rows [0, rows) of a table.  Rows after them are only looked at by
/// df_baseline_paths of an origin beyond.
///
/// @param out  Set on success; freed by df_baseline_free
/// @return DF_OK; DF_E_SHAPE (too few rows), DF_E_FINITE (a singular fit), see
/// the note; DF_E_NOMEM.
DF_NODISCARD
df_status
df_baseline_fit(df_baseline_kind          kind,
                const df_baseline_config* config,
                const df_table*           table,
                df_baseline**             out,
                df_note*                  note);

/// Joint paths [samples,H,D] of the rows from `origin` on, out of those before.
///
/// @param origin  rows..table->rows
void
df_baseline_paths(const df_baseline* baseline,
                  int                origin,
                  int                samples,
                  uint64_t           seed,
                  double*            paths);

/// NULL is allowed.
void
df_baseline_free(df_baseline* baseline);

#endif // DF_SERIES_BASELINES_H
