#ifndef DF_SERIES_QUANTILE_H
#define DF_SERIES_QUANTILE_H

/// Quantiles of sampled paths.

/// Samples of one step and series, sorted into out [n].
///
/// @param paths  [n,rows,series]
void
df_quantile_sort(const double* paths,
                 int           n,
                 int           rows,
                 int           series,
                 int           row,
                 int           which,
                 double*       out);

/// Value of a share of sorted samples, between the nearest two.
///
/// @param sorted  [n]
/// @param share   0..1
double
df_quantile(const double* sorted, int n, double share);

#endif // DF_SERIES_QUANTILE_H
