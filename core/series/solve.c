#include "core/series/solve.h"

#include <math.h>
#include <stddef.h>

bool
df_solve(const int n, double* const A, const int count, double* const B)
{
  const size_t N = (size_t)n;
  const size_t M = (size_t)count;
  for (size_t j = 0U; j < N; ++j) {
    double* const row = A + j * N;
    for (size_t i = 0U; i <= j; ++i) {
      const double* const other = A + i * N;
      double              sum   = row[i];
      for (size_t k = 0U; k < i; ++k) {
        sum -= row[k] * other[k];
      }
      if (i < j) {
        row[i] = sum / other[i];
      } else if (sum > 0.0) {
        row[j] = sqrt(sum);
      } else {
        return false;
      }
    }
  }
  for (size_t j = 0U; j < N; ++j) {
    for (size_t k = 0U; k < j; ++k) {
      for (size_t c = 0U; c < M; ++c) {
        B[j * M + c] -= A[j * N + k] * B[k * M + c];
      }
    }
    for (size_t c = 0U; c < M; ++c) {
      B[j * M + c] /= A[j * N + j];
    }
  }
  for (size_t j = N; j-- > 0U;) {
    for (size_t k = j + 1U; k < N; ++k) {
      for (size_t c = 0U; c < M; ++c) {
        B[j * M + c] -= A[k * N + j] * B[k * M + c];
      }
    }
    for (size_t c = 0U; c < M; ++c) {
      B[j * M + c] /= A[j * N + j];
    }
  }
  return true;
}
