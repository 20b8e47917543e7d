#ifndef DF_AUDIO_FFT_H
#define DF_AUDIO_FFT_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"

/// Real Fourier transforms of one size; the only file that names FFTW.
///
/// X[k] = sum_n x[n] exp(-2 pi i k n / size), k = 0..size/2, and the inverse
/// without its factor: inverse(forward(x)) = size x.  Plans are estimated, not
/// timed, so a machine gives the same bits every run.  Read-only once made, so
/// any thread may share it.
typedef struct df_fft df_fft;

/// A complex number, laid out as FFTW and C99 do.
typedef struct {
  float re;
  float im;
} df_complex;

/// Plan for one size.  Plans live outside the arena: df_fft_free drops them.
///
/// @param size  Even, 16..65536
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD
df_status
df_fft_make(df_arena* arena, int size, df_fft** out);

/// Drop the plans; the arena keeps the object's memory.  NULL is allowed.
void
df_fft_free(df_fft* fft);

/// @param x  [size] aligned to DF_ARENA_ALIGN, kept
/// @param X  [size/2+1] aligned likewise, written
DF_RT
void
df_fft_forward(const df_fft* fft, float* x, df_complex* X);

/// @param X  [size/2+1] aligned to DF_ARENA_ALIGN, overwritten
/// @param x  [size] aligned likewise, written: size times the inverse
DF_RT
void
df_fft_inverse(const df_fft* fft, df_complex* X, float* x);

#endif // DF_AUDIO_FFT_H
