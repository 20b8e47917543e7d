#ifndef DF_TESTS_AUDIO_SCORE_H
#define DF_TESTS_AUDIO_SCORE_H

#include "core/audio/stft.h"
#include "core/base/arena.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>

/// How far two sounds are apart, and whether a seam clicks.

/// Multi-resolution STFT distance: the mean over FFT sizes 512, 1024, 2048 and
/// 4096 (Hann, hop a quarter) of the spectral convergence |S - R| / |R| plus
/// the mean absolute difference of ln magnitudes floored at -80 dBFS.
///
/// The floor weighs heavily: chorale-piano through 160 numbers scores .37, .41
/// and .57 with floors of -80, -90 and -100 dBFS, so figures compare only under
/// the same floor.
static inline double
score_mr(const float* const ref, const float* const est, const int n)
{
  const float floor = -80.0f / 8.685889638f;
  double      total = 0.0;
  for (int size = 512; size <= 4096; size *= 2) {
    df_arena arena = {NULL, 0U, 0U, false};
    df_stft* stft  = NULL;
    CHECK(df_stft_make(&arena, size, size / 4, &stft) == DF_OK);
    CHECK(df_arena_allocate(&arena) == DF_OK);
    CHECK(df_stft_make(&arena, size, size / 4, &stft) == DF_OK);

    const int    bins = size / 2 + 1;
    float* const a    = (float*)malloc(sizeof(float) * 2U * (size_t)bins);
    CHECK(a);
    float* const b     = a + bins;
    double       apart = 0.0;
    double       whole = 0.0;
    double       logs  = 0.0;
    int          count = 0;
    for (int c = size / 2; c + size / 2 <= n; c += size / 4, ++count) {
      df_stft_log_frames(stft, ref, n, c, 1, floor, a);
      df_stft_log_frames(stft, est, n, c, 1, floor, b);
      for (int k = 0; k < bins; ++k) {
        const double R = exp((double)a[k]);
        const double S = exp((double)b[k]);
        apart += (R - S) * (R - S);
        whole += R * R;
        logs += fabs((double)a[k] - (double)b[k]);
      }
    }
    CHECK(count > 0);
    total += sqrt(apart / whole) + logs / ((double)count * bins);
    free(a);
    df_stft_free(stft);
    df_arena_free(&arena);
  }
  return total / 4.0;
}

/// Energy of ref over energy of the difference, dB.
static inline double
score_snr(const float* const ref, const float* const est, const int n)
{
  double signal = 0.0;
  double noise  = 1e-30;
  for (int i = 0; i < n; ++i) {
    const double d = (double)ref[i] - (double)est[i];
    signal += (double)ref[i] * (double)ref[i];
    noise += d * d;
  }
  return 10.0 * log10(signal / noise + 1e-30);
}

/// Largest second difference within 4 samples of the seam against the
/// 40th-largest within 2048 samples of it, dB; about -6 for real sound.
static inline double
score_click(const float* const x, const int n, const int seam)
{
  enum { REACH = 2048, NEAR = 4, RANK = 40 };
  double largest[RANK] = {0.0};
  double peak          = 0.0;
  for (int i = seam - REACH; i < seam + REACH; ++i) {
    if (i < 1 || i + 1 >= n) {
      continue;
    }
    const double d =
      fabs((double)x[i - 1] - 2.0 * (double)x[i] + (double)x[i + 1]);
    if (i >= seam - NEAR && i < seam + NEAR) {
      peak = d > peak ? d : peak;
    }
    if (d > largest[RANK - 1]) {
      int at = RANK - 1;
      for (; at > 0 && d > largest[at - 1]; --at) {
        largest[at] = largest[at - 1];
      }
      largest[at] = d;
    }
  }
  return 20.0 * log10((peak + 1e-12) / (largest[RANK - 1] + 1e-12));
}

#endif // DF_TESTS_AUDIO_SCORE_H
