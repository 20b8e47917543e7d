#include "core/series/score.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LEVELS 19

/// Least gain, of sum and series together: 1 % of each.
#define LEAST 0.02

static int
compare(const void* const a, const void* const b)
{
  const double x = *(const double*)a;
  const double y = *(const double*)b;
  return (x > y) - (x < y);
}

/// The `level`-th twentieth of sorted samples.
static double
quantile(const double* const samples, const int n, const int level)
{
  const int rank = (int)((int64_t)n * level / 20);
  return samples[rank < 1 ? 0 : rank - 1];
}

double
df_score_loss(double* const samples, const int n, const double y)
{
  double sum = 0.0;
  qsort(samples, (size_t)n, sizeof(double), compare);
  for (int level = 1; level <= LEVELS; ++level) {
    const double q  = level / 20.0;
    const double yq = quantile(samples, n, level);
    sum += 2.0 * fabs((yq - y) * ((y <= yq ? 1.0 : 0.0) - q));
  }
  return sum / LEVELS;
}

static bool
covers(const double* const samples,
       const int           n,
       const double        y,
       const double        share)
{
  const double edge = 0.5 * (1.0 - share) * (double)(n - 1);
  const int    low  = (int)edge;
  const int    high = n - 1 - low;
  return y >= samples[low] && y <= samples[high];
}

int
df_score_total(const int           n,
               const int           rows,
               const int           series,
               const double* const paths,
               const double* const truth,
               const int           row,
               double* const       sums,
               double* const       all)
{
  const size_t D     = (size_t)series;
  const size_t path  = (size_t)rows * D;
  int          known = 0;
  *all               = 0.0;
  for (size_t d = 0U; d < D; ++d) {
    known += isnan(truth[d]) ? 0 : 1;
    *all += isnan(truth[d]) ? 0.0 : truth[d];
  }
  for (size_t s = 0U; s < (size_t)n; ++s) {
    const double* const x = paths + s * path + (size_t)row * D;
    sums[s]               = 0.0;
    for (size_t d = 0U; d < D; ++d) {
      sums[s] += isnan(truth[d]) ? 0.0 : x[d];
    }
  }
  return known;
}

df_status
df_score_add(df_score* const     score,
             const int           n,
             const int           rows,
             const int           series,
             const double* const paths,
             const double* const truth)
{
  static const double shares[3] = {0.5, 0.8, 0.9};
  const size_t        D         = (size_t)series;
  const size_t        path      = (size_t)rows * D;
  double* const samples = (double*)malloc(2U * (size_t)n * sizeof(double));
  if (!samples) {
    return DF_E_NOMEM;
  }
  double* const sums = samples + n;
  for (int t = 0; t < rows; ++t) {
    const double* const y   = truth + (size_t)t * D;
    double              all = 0.0;
    const int known = df_score_total(n, rows, series, paths, y, t, sums, &all);
    for (size_t d = 0U; d < D; ++d) {
      if (isnan(y[d])) {
        continue;
      }
      for (int s = 0; s < n; ++s) {
        samples[s] = paths[(size_t)s * path + (size_t)t * D + d];
      }
      score->each_loss += df_score_loss(samples, n, y[d]);
      score->each_size += fabs(y[d]);
      score->each_inside += covers(samples, n, y[d], 0.9) ? 1.0 : 0.0;
      score->values += 1.0;
    }
    if (!known) {
      continue;
    }
    score->sum_loss += df_score_loss(sums, n, all);
    score->sum_size += fabs(all);
    for (int i = 0; i < 3; ++i) {
      score->inside[i] += covers(sums, n, all, shares[i]) ? 1.0 : 0.0;
    }
    score->steps += 1.0;
  }
  free(samples);
  return DF_OK;
}

double
df_score_sum(const df_score* const score)
{
  return score->sum_size > 0.0 ? score->sum_loss / score->sum_size : 0.0;
}

double
df_score_each(const df_score* const score)
{
  return score->each_size > 0.0 ? score->each_loss / score->each_size : 0.0;
}

void
df_score_write(const double score, const int digits, char* const out)
{
  const bool small = score > 0.0 && score < pow(10.0, 2 - digits);
  (void)snprintf(
    out, DF_SCORE_TEXT, small ? "%.*e" : "%.*f", small ? 3 : digits, score);
}

double
df_score_merit(const df_score* const score)
{
  return sqrt(df_score_sum(score) * df_score_each(score));
}

void
df_score_join(df_score* const score, const df_score* const other)
{
  score->sum_loss += other->sum_loss;
  score->sum_size += other->sum_size;
  score->each_loss += other->each_loss;
  score->each_size += other->each_size;
  for (int i = 0; i < 3; ++i) {
    score->inside[i] += other->inside[i];
  }
  score->each_inside += other->each_inside;
  score->steps += other->steps;
  score->values += other->values;
  score->energy += other->energy;
  score->length += other->length;
}

df_score
df_score_all(const df_score* const scores, const int count)
{
  df_score all = {0};
  for (int i = 0; i < count; ++i) {
    df_score_join(&all, scores + i);
  }
  return all;
}

bool
df_score_beats(const df_score* const better,
               const df_score* const than,
               const int             windows)
{
  const df_score all    = df_score_all(than, windows);
  double         gain   = 0.0;
  double         square = 0.0;
  for (int w = 0; w < windows; ++w) {
    const double sum  = than[w].sum_loss - better[w].sum_loss;
    const double each = than[w].each_loss - better[w].each_loss;
    const double won =
      sum / fmax(all.sum_loss, 1e-300) + each / fmax(all.each_loss, 1e-300);
    gain += won;
    square += won * won;
  }
  // of the sum over windows: n times that of their mean
  const double n        = windows;
  const double variance = n * fmax(square - gain * gain / n, 0.0);
  const double error    = windows > 1 ? sqrt(variance / (n - 1.0)) : 0.0;
  return gain > fmax(error, LEAST);
}

/// Between a and b in the series that y knows.
static double
distance(const double* const a,
         const double* const b,
         const double* const y,
         const size_t        D)
{
  double sum = 0.0;
  for (size_t d = 0U; d < D; ++d) {
    sum += isnan(y[d]) ? 0.0 : (a[d] - b[d]) * (a[d] - b[d]);
  }
  return sqrt(sum);
}

void
df_score_add_energy(df_score* const     score,
                    const int           n,
                    const int           rows,
                    const int           series,
                    const double* const paths,
                    const double* const truth)
{
  const size_t D    = (size_t)series;
  const size_t path = (size_t)rows * D;
  for (size_t t = 0U; t < (size_t)rows; ++t) {
    const double* const y    = truth + t * D;
    const double* const at   = paths + t * D;
    double              size = 0.0;
    double              off  = 0.0;
    double              wide = 0.0;
    for (size_t d = 0U; d < D; ++d) {
      size += isnan(y[d]) ? 0.0 : y[d] * y[d];
    }
    for (size_t s = 0U; s < (size_t)n; ++s) {
      off += distance(at + s * path, y, y, D);
      for (size_t r = 0U; r < s; ++r) {
        wide += distance(at + s * path, at + r * path, y, D); // a pair once
      }
    }
    score->energy += (off - wide / n) / n;
    score->length += sqrt(size);
  }
}

double
df_score_energy(const df_score* const score)
{
  return score->length > 0.0 ? score->energy / score->length : 0.0;
}
