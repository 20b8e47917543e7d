#ifndef DF_SERIES_SCORE_H
#define DF_SERIES_SCORE_H

#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>

/// How good sampled forecasts were.
///
/// With samples sorted, the forecast of level q = .05, .10 .. .95 is the
/// floor(q n)-th smallest of n (at least the first), and
///
///     loss = sum over q of 2 |(yq - y)(1[y <= yq] - q)| / 19
///     CRPS = sum of losses / sum of |y|
///
/// one ratio of sums over all steps and windows (Chen et al. 2024, appendix on
/// time series; method as in GluonTS up to the index of the sample).

/// and of all series of a step together, with |.| the Euclidean norm and X, X'
/// independent samples (Gneiting and Raftery 2007),
///
///     energy = sum of (E|X - y| - E|X - X'| / 2) / sum of |y|.

/// Sums over all that was scored so far; begins as {0}.
typedef struct {
  double sum_loss;  ///< Of the sum over the series
  double sum_size;  ///< |y| of the sum
  double each_loss; ///< Of each series by itself
  double each_size;
  double inside[3];   ///< Steps at which the sum lay in the 50, 80, 90 % band
  double each_inside; ///< Values in their own 90 % band
  double steps;
  double values;
  double energy; ///< Sum over steps
  double length; ///< |y| of those steps
} df_score;

/// Loss of one forecast.
///
/// @param samples  [n] sorted in place
double
df_score_loss(double* samples, int n, double y);

/// Add a window.
///
/// @param paths  [n,rows,series] samples, n 1..100000
/// @param truth  [rows,series] NAN where missing: the sum is then over those
///               series that are known; a step of none is left out
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD
df_status
df_score_add(df_score*     score,
             int           n,
             int           rows,
             int           series,
             const double* paths,
             const double* truth);

/// Add a window to the energy score, whose cost is the square of n; arguments
/// as for df_score_add.
void
df_score_add_energy(df_score*     score,
                    int           n,
                    int           rows,
                    int           series,
                    const double* paths,
                    const double* truth);

/// Energy score; 0 where none was added.
double
df_score_energy(const df_score* score);

/// CRPS of the sum over the series, and mean CRPS of each.
double
df_score_sum(const df_score* score);
double
df_score_each(const df_score* score);

/// Bytes that a score takes in words.
#define DF_SCORE_TEXT 32

/// Write a score: with so many digits after the point, or as "4.612e-04" where
/// fewer than three of them would tell it.
///
/// @param out  [DF_SCORE_TEXT]
void
df_score_write(double score, int digits, char* out);

/// What settings are chosen by, less is better: the root of CRPS of the sum
/// times mean CRPS, so that the sum and the series count alike.
double
df_score_merit(const df_score* score);

/// Sum over the series of a row that are known.
///
/// @param paths  [n,rows,series]
/// @param truth  [series] of the row; NAN where missing
/// @param row    0..rows - 1
/// @param sums   [n] written: of each path
/// @param all    Written: of the truth
/// @return How many are known.
int
df_score_total(int           n,
               int           rows,
               int           series,
               const double* paths,
               const double* truth,
               int           row,
               double*       sums,
               double*       all);

/// Count what another score counted, too.
void
df_score_join(df_score* score, const df_score* other);

/// What some scores counted, together.
df_score
df_score_all(const df_score* scores, int count);

/// Whether forecasts of the same windows are better, and by more than chance:
/// their losses, of the sum and of the series alike and in shares of what
/// `than` lost, differ by more than the standard error over the windows, which
/// one window does not tell, and by 1 %.
///
/// @param better, than  [windows] a score of each window
bool
df_score_beats(const df_score* better, const df_score* than, int windows);

#endif // DF_SERIES_SCORE_H
