#include "core/audio/fft.h"

#include <fftw3.h>

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

struct df_fft {
  fftwf_plan forward;
  fftwf_plan inverse;
};

df_status
df_fft_make(df_arena* const arena, const int size, df_fft** const out)
{
  if (size < 16 || size > 65536 || size % 2) {
    return DF_E_ARG;
  }
  df_fft* const fft = DF_TAKE(arena, 1U, df_fft);
  if (!fft) {
    return df_arena_status(arena);
  }

  // Others in this process may be planning as well
  fftwf_make_planner_thread_safe();
  float* const         x = fftwf_alloc_real((size_t)size);
  fftwf_complex* const X = fftwf_alloc_complex((size_t)size / 2U + 1U);
  if (x && X) {
    fft->forward =
      fftwf_plan_dft_r2c_1d(size, x, X, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    fft->inverse =
      fftwf_plan_dft_c2r_1d(size, X, x, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
  }
  fftwf_free(x);
  fftwf_free(X);
  if (!fft->forward || !fft->inverse) {
    df_fft_free(fft);
    return DF_E_NOMEM;
  }
  *out = fft;
  return DF_OK;
}

void
df_fft_free(df_fft* const fft)
{
  if (fft) {
    if (fft->forward) {
      fftwf_destroy_plan(fft->forward);
    }
    if (fft->inverse) {
      fftwf_destroy_plan(fft->inverse);
    }
    fft->forward = NULL;
    fft->inverse = NULL;
  }
}

void
df_fft_forward(const df_fft* const fft, float* const x, df_complex* const X)
{
  assert(((uintptr_t)x | (uintptr_t)X) % DF_ARENA_ALIGN == 0U);
  fftwf_execute_dft_r2c(fft->forward, x, (fftwf_complex*)X);
}

void
df_fft_inverse(const df_fft* const fft, df_complex* const X, float* const x)
{
  assert(((uintptr_t)x | (uintptr_t)X) % DF_ARENA_ALIGN == 0U);
  fftwf_execute_dft_c2r(fft->inverse, (fftwf_complex*)X, x);
}
