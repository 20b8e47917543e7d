#ifndef DF_SERIES_BASE_PARTS_H
#define DF_SERIES_BASE_PARTS_H

#include "core/series/base.h"

#include <stdbool.h>

/// What the files of the base share; private to them.

/// Most factors.
#define DF_BASE_FACTORS 64

/// Horizons before an origin whose misses its volatility counts.
#define DF_BASE_MISSES 28

/// Rows of the rolling scale of levels, and of changes from row to row.
#define DF_BASE_LEVELS 28
#define DF_BASE_CHANGES 60

/// Rows of the mean that the remainder also sees, and the longest of the direct
/// forecast.
#define DF_BASE_MEAN 24

/// Means that the direct forecast sees of each factor: over its newest 1, 2, 6
/// and DF_BASE_MEAN rows, so that it tells a slope from a level.
#define DF_BASE_RECENT 4

/// Longest season whose phases are told apart.
#define DF_BASE_PHASES 366

/// Most parts of a season whose origins have weights of their own.
#define DF_BASE_ORIGINS 24

/// Largest value: means, deviations and their products are kept in 32 bits.
#define DF_BASE_VALUE 1e18

/// Largest n, in scales.
#define DF_BASE_CLIP 8.0

/// Side numbers besides the calendar's: factors of the expectation, of the
/// direct forecast, step and flag.
#define DF_BASE_SEEN 4
#define DF_BASE_AHEAD 8

/// Remainder rows kept.
#define DF_BASE_POOL 4096

struct df_base {
  df_base_config config;
  int            series;     // D
  int            learnt;     // rows that it was fitted on
  int            features;   // F
  int            phases;     // of `phase_scale`: P or 1
  int            pool;       // rows of remainder kept; 0: no remainder
  int            pool_phase; // phase of the first
  int            origins;    // parts of a season told apart; 0: none
  int            profiles;   // Q, phases whose mean is a feature: of the
                             // season, or of seven such; 0: none

  float* mean;        // [D]
  float* deviation;   // [D]
  float* weight;      // [D,F]
  float* profile;     // [Q,D] mean of z
  float* phase_scale; // [phases,D] variance of r
  float* importance;  // [D] of a series when factors are sought
  float* factors;     // [k,D] rows of unit length
  float* variance;    // [k+1] of the factors before they are scaled, then of
                      // what they leave of a series
  float* direct;      // [H,4k,k]
  float* by_origin;   // [origins,H,4k,k] to be added to `direct`
  float* spread;      // [H,k]
  float* by_phase;    // [phases,k] spread of a phase over that of all
  float* follow;      // [H,D,2] remainder from its newest row and its mean
  float* remainder;   // [pool,D]
};

struct df_base_view {
  const df_base* base;
  df_calendar    calendar;
  int            rows;
  int            begin;   // first row with an r
  double*        level;   // [rows,D] y, the last known where it is missing
  float*         expect;  // [rows+H,D] of z; 0 with differences
  float*         scale;   // [rows+H,D]
  float*         factor;  // [rows,k]
  float*         unknown; // [rows]
  float*         left;    // [rows,D] remainder; NULL without one
};

/// Offsets of the features: lags, then means over same-phase rows.
typedef struct {
  int lags[5];
  int lag_count;
  int first[3]; // offset of the newest row of a mean
  int step[3];
  int count[3];
  int mean_count;
  int reach; // largest offset
} df_base_reach;

/// Which features a config has: those that its reach allows.
df_base_reach
df_base_reach_of(const df_base_config* config);

/// Rows that a fit of this config needs, of `rows` that there are, after what
/// the features look back on: two blocks for the direct forecast
/// (base_direct.c) and as many more as there are factors, or a context and two
/// horizons for a network, if these are more.
int
df_base_needs(const df_base_config* config, int rows);

/// Their number, the constant counted, the mean of the phase not.
int
df_base_reach_features(const df_base_config* config,
                       const df_base_reach*  reach);

/// Features of a row and series; offsets before row 0 count as 0.
///
/// @param z    [rows,D] NAN where missing
/// @param out  [F]
void
df_base_gather(const df_base*     base,
               const df_calendar* calendar,
               const float*       z,
               int                rows,
               int                row,
               int                series,
               double*            out);

/// A season that the last values of rows [0, rows) show, whatever the calendar:
/// rows P apart differ by less than those P / 2 less and more do.  The newest
/// 4096 rows of up to 64 series are looked at.
///
/// @param out  2..1000, at most a quarter of these rows; or 0 for none
DF_NODISCARD
df_status
df_base_find_season(const df_table* table, int rows, int* out);

/// How many phases have means of their own in a fit to `rows` rows.
int
df_base_profiles(const df_base_config* config,
                 const df_calendar*    calendar,
                 int                   rows);

/// That of a row, 0..Q-1; Q at least 1.
int
df_base_profile_of(const df_base*     base,
                   const df_calendar* calendar,
                   int64_t            row);

/// Phases that the calendar tells apart: P, or 1.
int
df_base_told(const df_base_config* config);

/// The one of a row, from 0 on.
int
df_base_phase(const df_base_config* config,
              const df_calendar*    calendar,
              int64_t               row);

/// What the spreads of a row's factors are multiplied with, [k].
const float*
df_base_by_phase(const df_base_view* view, int row);

/// Mean of column i over the newest `count` rows before the origin of an array
/// [rows,n].
double
df_base_newest_mean(const float* x, int origin, size_t n, size_t i, int count);

/// g and its inverse; what g takes has to be `lowest` or above.
double
df_base_transform(const df_base_config* config, double value);
double
df_base_restore(const df_base_config* config, double y);
double
df_base_lowest(const df_base_config* config);

/// Memory of a view with its levels; the rest zero.
DF_NODISCARD
df_status
df_base_view_begin(const df_base*  base,
                   const df_table* table,
                   df_base_view**  out,
                   df_note*        note);

/// z [rows,D] of a table whose levels are known; NAN where missing.
void
df_base_standardise(const df_base*  base,
                    const df_table* table,
                    const double*   level,
                    float*          z);

/// Expectations from z, and r [rows,D]; NAN where missing.
void
df_base_expect(df_base_view* view, const float* z, float* r);

/// Rolling scales from the r that are known; 0 for a series at rest: all were
/// exactly as expected, as a sun's are at night.
void
df_base_scale(df_base_view* view, const float* r);

/// n of a row and series, within DF_BASE_CLIP; 0 at rest or missing.
double
df_base_scaled(const df_base_view* view,
               const float*        r,
               int                 row,
               size_t              series);

/// Factors and remainder from r; what is missing is what its row lets expect.
DF_NODISCARD
df_status
df_base_factorise(df_base_view* view, const float* r);

/// Which origins a fit learns from: all, or those of one half of the blocks
/// that the rows are cut into, so that it can be judged on the other.
typedef enum { DF_BASE_ALL = -1, DF_BASE_EVEN, DF_BASE_ODD } df_base_half;

/// Whether an origin, with the horizon ahead of it, lies in a half.
bool
df_base_in_half(const df_base_view* view, int origin, df_base_half half);

/// What the direct forecast sees before an origin, [4k].
void
df_base_recent(const df_base_view* view, int origin, double* out);

/// Fit the direct forecast of the factors, and how far they spread about it:
/// about one that was fitted on the other half of the blocks.
///
/// @param view  Of the rows to be fitted on, factors and all
DF_NODISCARD
df_status
df_base_fit_direct(df_base* base, const df_base_view* view);

/// Variance of r by phase.  Where there are fewer than 20 seasons a phase
/// counts those a 24th of a season before and after it as well, and is drawn
/// half-way to that of all rows, as a geometric mean.
///
/// @param r  [rows,D] NAN where missing
DF_NODISCARD
df_status
df_base_measure_phases(df_base* base, const df_base_view* view, const float* r);

/// How much more the factors of a phase spread than those of all: factors that
/// are still at night are not so by day.  From what the fit itself misses, so
/// that these bands are a little narrower than `spread` says; where there are
/// fewer than 20 seasons as above, drawn to all by 24 rows, and relative to
/// all.
DF_NODISCARD
df_status
df_base_measure_by_phase(df_base* base, const df_base_view* view);

/// How many parts of a season a fit to `rows` rows can tell apart.
int
df_base_origins(const df_base_config* config, int rows);

/// What origins of this one's part of the season add to the direct forecast's
/// weights, [H,4k,k]; NULL where there is no such.
const float*
df_base_by_origin(const df_base_view* view, int origin);

/// Fit that: a morning's origin sees other days ahead than an evening's.
///
/// @param view  As for df_base_fit_direct, which calls this
DF_NODISCARD
df_status
df_base_fit_origins(df_base* base, const df_base_view* view, df_base_half half);

#endif // DF_SERIES_BASE_PARTS_H
