#include "core/tensor/pack.h"

static size_t
panels(const size_t width, const int N)
{
  return ((size_t)N + width - 1U) / width;
}

size_t
df_pack_size(const df_kernels* const kernels, const int N, const int K)
{
  const size_t width = (size_t)kernels->panel;
  return panels(width, N) * width * (size_t)K;
}

void
df_pack(const df_kernels* const kernels,
        const int               N,
        const int               K,
        const df_real* const    W,
        df_real* const          packed)
{
  const size_t width = (size_t)kernels->panel;
  const size_t depth = (size_t)K;
  const size_t rows  = panels(width, N) * width; // W's, filled up
  for (size_t n = 0U; n < rows; ++n) {
    df_real* const to = packed + n / width * width * depth + n % width;
    for (size_t k = 0U; k < depth; ++k) {
      to[k * width] = n < (size_t)N ? W[n * depth + k] : 0;
    }
  }
}
