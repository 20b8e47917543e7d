#include "core/series/base_parts.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/// Newest rows and most series that are looked at.
#define ROWS 4096
#define SERIES 64

/// Longest season, and how many of them the rows must hold.
#define LONGEST 1000
#define SEASONS 4

/// How much less than half a season less and more rows a season apart differ,
/// at least, and what share of the clearest the shortest needs.
#define LEAST 0.15
#define SHARE 0.75

/// Mean square of what values of a series differ by from those `lag` rows
/// before; 0 where none are known.
static double
differ(const df_table* const table,
       const int             from,
       const int             to,
       const int             series,
       const int             lag)
{
  const size_t  D     = (size_t)table->series;
  const double* x     = table->values + (size_t)series;
  double        sum   = 0.0;
  double        count = 0.0;
  for (int t = from + lag; t < to; ++t) {
    const double one = x[(size_t)t * D] - x[(size_t)(t - lag) * D];
    if (!isnan(one)) {
      sum += one * one;
      count += 1.0;
    }
  }
  return count > 0.0 ? sum / count : 0.0;
}

/// Add what each lag differs by, of all lags together, [lags] from 1 on.
static void
add(const df_table* const table,
    const int             from,
    const int             to,
    const int             series,
    const int             lags,
    double* const         own,
    double* const         sums)
{
  double all = 0.0;
  for (int i = 0; i < lags; ++i) {
    own[i] = differ(table, from, to, series, i + 1);
    all += own[i];
  }
  for (int i = 0; i < lags && all > 0.0 && isfinite(all); ++i) {
    sums[i] += own[i] / all;
  }
}

/// 1 where rows `lag` apart are alike and those half a season nearer and
/// further are not, 0 where rows differ the more the further apart they are.
static double
dip(const double* const sums, const int lag, const int P)
{
  const double less = sums[lag - P / 2 - 1];
  const double more = sums[lag + P / 2 - 1];
  const double both = 0.5 * (less + more);
  return both > 0.0 ? 1.0 - sums[lag - 1] / both : 0.0;
}

/// How clearly there is a season of P rows: what comes again does so twice.
static double
season(const double* const sums, const int P)
{
  return fmin(dip(sums, P, P), dip(sums, 2 * P, P));
}

df_status
df_base_find_season(const df_table* const table, const int rows, int* const out)
{
  const int from    = rows > ROWS ? rows - ROWS : 0;
  const int fits    = (rows - from) / SEASONS;
  const int longest = fits < LONGEST ? fits : LONGEST;
  const int lags    = 2 * longest + longest / 2;
  const int some    = table->series < SERIES ? table->series : SERIES;
  *out              = 0;
  if (longest < 2) {
    return DF_OK;
  }
  double* const sums = (double*)calloc(2U * (size_t)lags, sizeof(double));
  double        best = 0.0;
  if (!sums) {
    return DF_E_NOMEM;
  }
  for (int i = 0; i < some; ++i) {
    const int series = (int)((int64_t)i * table->series / some);
    add(table, from, rows, series, lags, sums + lags, sums);
  }
  for (int P = 2; P <= longest; ++P) {
    best = fmax(best, season(sums, P));
  }
  for (int P = 2; P <= longest && !*out; ++P) {
    const double one  = season(sums, P);
    const double next = P < longest ? season(sums, P + 1) : 0.0;
    *out = one >= LEAST && one >= SHARE * best && one >= next ? P : 0;
  }
  free(sums);
  return DF_OK;
}
