#include "core/series/quantile.h"

#include <stddef.h>
#include <stdlib.h>

static int
compare(const void* const a, const void* const b)
{
  const double x = *(const double*)a;
  const double y = *(const double*)b;
  return (x > y) - (x < y);
}

void
df_quantile_sort(const double* const paths,
                 const int           n,
                 const int           rows,
                 const int           series,
                 const int           row,
                 const int           which,
                 double* const       out)
{
  const size_t path = (size_t)rows * (size_t)series;
  const size_t at   = (size_t)row * (size_t)series + (size_t)which;
  for (int i = 0; i < n; ++i) {
    out[i] = paths[(size_t)i * path + at];
  }
  qsort(out, (size_t)n, sizeof(double), compare);
}

double
df_quantile(const double* const sorted, const int n, const double share)
{
  const double at  = share * (double)(n - 1);
  const int    low = (int)at;
  const int    up  = low + 1 < n ? low + 1 : low;
  return sorted[low] + (at - low) * (sorted[up] - sorted[low]);
}
