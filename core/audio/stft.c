#include "core/audio/stft.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586476925286766559

struct df_stft {
  df_fft*     fft;
  int         window;
  int         hop;
  float*      analysis;  // [M] 4/M g
  float*      synthesis; // [M] 1/4 g / sum g^2: FFTW's inverse brings M
  float*      x;         // [M] samples in FFT order: centre first
  df_complex* X;         // [M/2+1]
};

df_status
df_stft_make(df_arena* const arena,
             const int       window,
             const int       hop,
             df_stft** const out)
{
  if (window < 16 || window > 65536 || window % 2 || hop < 1 ||
      hop > window / 2) {
    return DF_E_ARG;
  }
  const size_t   M    = (size_t)window;
  df_stft* const stft = DF_TAKE(arena, 1U, df_stft);
  float* const   ana  = DF_TAKE(arena, M, float);
  float* const   syn  = DF_TAKE(arena, M, float);
  float* const   x    = DF_TAKE(arena, M, float);

  df_complex* const X    = DF_TAKE(arena, M / 2U + 1U, df_complex);
  df_fft*           fft  = NULL;
  const df_status   made = df_fft_make(arena, window, &fft);
  if (made != DF_OK || !stft || !ana || !syn || !x || !X || !fft) {
    df_fft_free(fft);
    return made != DF_OK ? made : df_arena_status(arena);
  }

  for (int n = 0; n < window; ++n) {
    double sum = 0.0; // of g^2 at this sample over all frames, period hop
    for (int m = n % hop; m < window; m += hop) {
      const double g = 0.5 - 0.5 * cos(TWO_PI * m / window);
      sum += g * g;
    }
    const double g = 0.5 - 0.5 * cos(TWO_PI * n / window);
    ana[n]         = (float)(4.0 / window * g);
    syn[n]         = (float)(0.25 * g / sum);
  }
  *stft = (df_stft){fft, window, hop, ana, syn, x, X};
  *out  = stft;
  return DF_OK;
}

void
df_stft_free(df_stft* const stft)
{
  if (stft) {
    df_fft_free(stft->fft);
  }
}

int
df_stft_hop(const df_stft* const stft)
{
  return stft->hop;
}

int
df_stft_bins(const df_stft* const stft)
{
  return stft->window / 2 + 1;
}

/// Window n samples into their place, the centre of the frame first.
static void
place(const float* const x, const float* const g, float* const out, const int n)
{
  for (int i = 0; i < n; ++i) {
    out[i] = g[i] * (fabsf(x[i]) <= DF_STFT_LOUDEST ? x[i] : 0.0f);
  }
}

/// Transform the window of samples at x into our own X.
static void
transform(df_stft* const stft, const float* const x)
{
  const int half = stft->window / 2;
  place(x + half, stft->analysis + half, stft->x, half);
  place(x, stft->analysis, stft->x + half, half);
  df_fft_forward(stft->fft, stft->x, stft->X);
}

/// Transform the frame centred at c, which may hang over the ends of x[n].
static void
transform_at(df_stft* const     stft,
             const float* const x,
             const int64_t      n,
             const int64_t      c)
{
  const int     half  = stft->window / 2;
  const int64_t start = c - half;
  if (start >= 0 && start + stft->window <= n) {
    transform(stft, x + start);
    return;
  }
  for (int i = 0; i < stft->window; ++i) {
    const int64_t at = start + i;
    const float   v  = at >= 0 && at < n ? x[at] : 0.0f;
    place(&v, stft->analysis + i, stft->x + (i + half) % stft->window, 1);
  }
  df_fft_forward(stft->fft, stft->x, stft->X);
}

void
df_stft_analyse(df_stft* const stft, const float* const x, df_complex* const X)
{
  transform(stft, x);
  memcpy(X, stft->X, sizeof(*X) * (size_t)df_stft_bins(stft));
}

void
df_stft_at(df_stft* const     stft,
           const float* const x,
           const int64_t      n,
           const int64_t      c,
           df_complex* const  X)
{
  transform_at(stft, x, n, c);
  memcpy(X, stft->X, sizeof(*X) * (size_t)df_stft_bins(stft));
}

void
df_stft_add(df_stft* const stft, const df_complex* const X, float* const y)
{
  const int half = stft->window / 2;
  memcpy(stft->X, X, sizeof(*X) * ((size_t)half + 1U));
  stft->X[0].im    = 0.0f; // a real signal has no imaginary part there
  stft->X[half].im = 0.0f;
  df_fft_inverse(stft->fft, stft->X, stft->x);
  for (int i = 0; i < half; ++i) {
    y[i] += stft->synthesis[i] * stft->x[half + i];
    y[half + i] += stft->synthesis[half + i] * stft->x[i];
  }
}

void
df_stft_log(const df_complex* const X,
            const int               bins,
            const float             floor,
            float* const            y)
{
  const float least = expf(2.0f * floor);
  for (int k = 0; k < bins; ++k) {
    const float power = X[k].re * X[k].re + X[k].im * X[k].im;
    const float log   = 0.5f * logf(power);
    y[k]              = power > least && log < 44.0f ? log : floor;
  }
}

void
df_stft_log_frames(df_stft* const     stft,
                   const float* const x,
                   const int64_t      n,
                   const int64_t      c,
                   const int          count,
                   const float        floor,
                   float* const       y)
{
  const int bins = df_stft_bins(stft);
  for (int t = 0; t < count; ++t) {
    transform_at(stft, x, n, c + (int64_t)t * stft->hop);
    df_stft_log(stft->X, bins, floor, y + (size_t)t * (size_t)bins);
  }
}
