#include "core/tensor/eigen.h"

#include <lapacke.h>

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

// A sign is arbitrary: the entry of largest size shall be positive
static void
turn(float* const v, const int n)
{
  int most = 0;
  for (int i = 1; i < n; ++i) {
    if (fabsf(v[i]) > fabsf(v[most])) {
      most = i;
    }
  }
  if (v[most] < 0.0f) {
    for (int i = 0; i < n; ++i) {
      v[i] = -v[i];
    }
  }
}

df_status
df_eigen_symmetric(const int    n,
                   const int    count,
                   float* const A,
                   float* const values,
                   float* const vectors)
{
  if (n < 1 || n > 8192 || count < 1 || count > n) {
    return DF_E_ARG;
  }
  float* const w = (float*)malloc((size_t)n * sizeof(float));
  float* const z = (float*)malloc((size_t)n * (size_t)count * sizeof(float));
  lapack_int* const support =
    (lapack_int*)malloc(2U * (size_t)n * sizeof(lapack_int));
  df_status status = w && z && support ? DF_OK : DF_E_NOMEM;
  if (!status) {
    // The upper triangle by rows is the lower one by columns
    lapack_int       found = 0;
    const lapack_int info  = LAPACKE_ssyevr(LAPACK_COL_MAJOR,
                                           'V',
                                           'I',
                                           'L',
                                           n,
                                           A,
                                           n,
                                           0.0f,
                                           0.0f,
                                           n - count + 1,
                                           n,
                                           0.0f,
                                           &found,
                                           w,
                                           z,
                                           n,
                                           support);
    status                 = info == LAPACK_WORK_MEMORY_ERROR ? DF_E_NOMEM
                             : info || found != count         ? DF_E_FINITE
                                                              : DF_OK;
  }
  for (int i = 0; !status && i < count; ++i) {
    const float* const from = z + (size_t)(count - 1 - i) * (size_t)n;
    float* const       to   = vectors + (size_t)i * (size_t)n;
    values[i]               = w[count - 1 - i];
    for (int j = 0; j < n; ++j) {
      to[j] = from[j];
    }
    turn(to, n);
  }
  free(w);
  free(z);
  free(support);
  return status;
}
