#ifndef DF_SERIES_BASE_H
#define DF_SERIES_BASE_H

#include "core/base/attr.h"
#include "core/base/rng.h"
#include "core/base/status.h"
#include "core/series/table.h"
#include "core/tensor/named.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The linear part of a series model: values to tokens and back.
///
/// Letters: D series, H horizon, k factors (the width of a token), P season.
/// A row goes down these steps, and a forecast back up:
///
///     y = g(value)                      identity, log, or log1p
///     z = (y - mean) / deviation        of each series
///     r = z - ridge(features)           features of row t know rows <= t - H
///     n = r / scale(t)                  from the r of rows <= t - H, rolling
///     f = factors of n                  principal components, variance 1
///     x = (f - direct(h)) / spread(h)   a token, given the origin it is seen
///                                       from; direct is linear in the newest
///                                       f, by part of the season of the origin
///
/// With `difference` r is the change of y from row to row instead.  What the
/// factors leave over (n - back(f)) is drawn from training rows of the same
/// phase, its own regression on the newest rows exchanged for the present one.
/// With tokens drawn from N(0, I) this is a whole forecaster; a network
/// (core/forecast) only learns how tokens depend on each other and on the past.
///
/// A missing value counts as what is expected of it given the row's others: n
/// is then the mean that these and the factors' variances give it.  How much of
/// the factors a row leaves unknown by that is kept, so that a network can be
/// told (core/forecast/context.h).

/// Most features of a row.
#define DF_BASE_FEATURES 10

/// Longest horizon.
#define DF_BASE_HORIZON 64

/// log1p is log(1 + value), for counts and what can be 0.
typedef enum {
  DF_TRANSFORM_NONE,
  DF_TRANSFORM_LOG,
  DF_TRANSFORM_LOG1P
} df_transform;

/// What is subtracted of each series' level.
typedef enum {
  DF_PROFILE_NONE,  ///< Nothing: 0 means something, as at night
  DF_PROFILE_MEAN,  ///< Its mean, and there is a constant
  DF_PROFILE_PHASE, ///< As well what the mean of a row's phase in the season
                    ///< tells, over all rows of the fit
  DF_PROFILES
} df_profile;

/// Passed by value, kept in the model file.
typedef struct {
  int horizon;    ///< H, 1..64
  int season;     ///< P, rows; 0 or, of levels, 1 for none
  int anchored;   ///< 1: the calendar tells which phase of it a row is
  int transform;  ///< df_transform
  int difference; ///< 1: of the changes from row to row
  int profile;    ///< df_profile
  int scale;      ///< J, rows of the rolling scale; 0: one scale for all
  int factors;    ///< k, 1..64
  int context;    ///< C, factor rows that a network is shown, 1..512
  int floor;      ///< 1: no value below 0
  int reach;      ///< Rows back that a feature may look, 1..1000000
} df_base_config;

typedef struct df_base df_base;

/// What is known of the rows of a table: expectation and scale for each up to
/// H past its end, factors and remainder of those within.
typedef struct df_base_view df_base_view;

/// "none", "log" or "log1p".
const char*
df_transform_name(int transform);

/// A start from what the calendar suggests.
df_base_config
df_base_config_guess(const df_table* table, int horizon);

/// Fit on rows [0, rows).
///
/// @return DF_OK; DF_E_ARG (config), DF_E_SHAPE (too few rows), DF_E_FINITE (a
/// log of what has none, a singular fit); DF_E_NOMEM.  See the note.
DF_NODISCARD
df_status
df_base_fit(const df_base_config* config,
            const df_table*       table,
            int                   rows,
            df_base**             out,
            df_note*              note);

/// How many of the last horizons of rows [0, rows) to choose on, if nobody
/// says: 7, or those of a season if it is longer, since an afternoon says
/// little of a night, but of these no more than a quarter of the rows hold;
/// and fewer, at least 1, where the rows before them would not do for a fit, or
/// where that is more than may be.
int
df_base_windows(const df_base_config* config, int rows);

/// How many may be at most: with one more than these, less than half of the
/// rows.  Below 1 where rows are too few for any.
int
df_base_windows_most(const df_base_config* config, int rows);

/// Choose transform, differences, scale and profile by rolling forecasts of
/// the last `windows` horizons of rows [0, rows); and a season, where the
/// calendar has none.
///
/// @param config   In: where to start; out: what forecast best
/// @param changes  Only from row to row: levels may come that the table lacks
DF_NODISCARD
df_status
df_base_choose(df_base_config* config,
               const df_table* table,
               int             rows,
               int             windows,
               bool            changes,
               df_note*        note);

/// NULL is allowed.
void
df_base_free(df_base* base);

const df_base_config*
df_base_config_of(const df_base* base);

/// D
int
df_base_series(const df_base* base);

/// Rows of the table, from the first, that it was fitted on.
int
df_base_learnt(const df_base* base);

/// Rows that a forecast needs at least, and the most that it looks back on: it
/// is the same whatever lies before those.
int
df_base_least(const df_base* base);
int
df_base_memory(const df_base* base);

/// Side numbers of a token.
int
df_base_side_count(const df_base* base);

/// Look at a table whose series are those of the fit, in order.
///
/// @return DF_OK; DF_E_SHAPE (other series, too few rows), DF_E_FINITE; see
/// the note; DF_E_NOMEM.
DF_NODISCARD
df_status
df_base_view_make(const df_base*  base,
                  const df_table* table,
                  df_base_view**  out,
                  df_note*        note);

/// Can a forecast begin at the end of a table?  Where changes are forecast that
/// takes a value of each series, else it would begin at 0.
///
/// @return DF_OK or DF_E_FINITE; the note names the column.
DF_NODISCARD
df_status
df_base_check_start(const df_base* base, const df_table* table, df_note* note);

/// NULL is allowed.
void
df_base_view_free(df_base_view* view);

/// First origin that can be forecast from, and the last (the table's rows).
int
df_base_view_first(const df_base_view* view);
int
df_base_view_last(const df_base_view* view);

/// Factors of a row, [k]; row first() - context .. last() - 1.
const float*
df_base_factors(const df_base_view* view, int row);

/// Share of the factors' variance that what is missing of a row leaves unknown,
/// 0 where none is .. 1 where all are; rows as above.
double
df_base_unknown(const df_base_view* view, int row);

/// Direct forecast of the factors from rows before `origin`: direct [H,k].
void
df_base_direct(const df_base_view* view, int origin, float* direct);

/// Side numbers: context [C,S] of rows origin - C .. origin - 1, and window
/// [H,S].  Nothing in them knows of rows from the origin on.
void
df_base_side(const df_base_view* view,
             int                 origin,
             const float*        direct,
             float*              context,
             float*              window);

/// What the tokens of the rows from the origin on were, x [H,k]: for training.
///
/// @param origin  At most last() - H
void
df_base_tokens(const df_base_view* view,
               int                 origin,
               const float*        direct,
               float*              x);

/// How much wider than its fit a path is to spread, since the spread itself is
/// known from few rows: the square root of n / chi2(n) with n + 1 the seasons,
/// or horizons if these are longer, in the rows of the fit.  A forecast about
/// which paths spread so is Student's of n degrees of freedom (Geisser 1993,
/// Predictive Inference); chi2 by Wilson and Hilferty 1931.
///
/// @param rng  Changed
/// @return At most 4; near 1 where there are many
double
df_base_doubt(const df_base* base, df_rng* rng);

/// How far forecasts missed of late, beside how far they do: the root of a mean
/// of squares of tokens over horizons up to the origin, each weighing .6 of the
/// one after it, and of one as usual, which is the mean of the last 28 and of
/// four that are as `spread` says.  RiskMetrics (J.P. Morgan 1996) held to its
/// own mean.  Of changes from row to row it is 1: their scale is over the
/// newest rows already.
///
/// @return 0.5..3
double
df_base_volatility(const df_base_view* view, int origin);

/// One joint path of all series, values [H,D], from tokens x [H,k].
///
/// @param doubt  Of df_base_doubt, times df_base_volatility or not
/// @param rng    Picks the remainder; changed
void
df_base_path(const df_base_view* view,
             int                 origin,
             const float*        direct,
             const float*        x,
             double              doubt,
             df_rng*             rng,
             double*             values);

/// Joint paths from tokens that depend on nothing, N(0, I).  Path n follows
/// from (seed, stream, n).
///
/// @param space  [2,H,k] written
/// @param paths  [samples,H,D] written
void
df_base_draw(const df_base_view* view,
             int                 origin,
             uint64_t            seed,
             uint64_t            stream,
             int                 samples,
             float*              space,
             double*             paths);

/// Arrays and settings for a model file.  They point into the base.
#define DF_BASE_ARRAYS 14
#define DF_BASE_SETTINGS 17
int
df_base_arrays(df_base* base, df_named out[DF_BASE_ARRAYS]);
int
df_base_settings(df_base* base, df_setting out[DF_BASE_SETTINGS]);

/// An empty base of the sizes that its settings say: read the settings of
/// df_base_settings into it, then df_base_reserve, then its arrays.
DF_NODISCARD
df_status
df_base_make(df_base** out);

/// @return DF_OK, DF_E_FORMAT (settings that contradict each other; see the
/// note) or DF_E_NOMEM.
DF_NODISCARD
df_status
df_base_reserve(df_base* base, df_note* note);

#endif // DF_SERIES_BASE_H
