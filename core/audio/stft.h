#ifndef DF_AUDIO_STFT_H
#define DF_AUDIO_STFT_H

#include "core/audio/fft.h"
#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdint.h>

/// Short-time Fourier transform, frame by frame.
///
/// With the periodic Hann window g of M samples a frame centred at sample c is
///
///     X[k] = 4/M sum_l g[l] x[c + l] exp(-2 pi i k l / M),  -M/2 <= l < M/2
///
/// so phases count from the centre and a sine of amplitude 1 on a bin reads
/// |X| = 1.  Synthesis multiplies by g / sum of the g^2 that overlap there, so
/// adding the frames of a signal, hop by hop, gives it back.  A stream: holds
/// work space, so one thread at a time.
typedef struct df_stft df_stft;

/// Samples beyond this are taken as 0, as are NaN and infinities.
#define DF_STFT_LOUDEST 1e6f

/// @param window  M, even, 16..65536
/// @param hop     1..M/2
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD
df_status
df_stft_make(df_arena* arena, int window, int hop, df_stft** out);

/// Drop the FFT plans.  NULL is allowed.
void
df_stft_free(df_stft* stft);

DF_RT
int
df_stft_hop(const df_stft* stft);
/// M/2 + 1
DF_RT
int
df_stft_bins(const df_stft* stft);

/// One frame from the window of samples x[M], whose centre is x[M/2].
///
/// @param X  [bins] written
DF_RT
void
df_stft_analyse(df_stft* stft, const float* x, df_complex* X);

/// The frame centred at sample c of x[n]; zeros stand beyond both ends.
DF_RT
void
df_stft_at(df_stft* stft, const float* x, int64_t n, int64_t c, df_complex* X);

/// Add one frame's share to y[M], whose centre is y[M/2].
///
/// @param X  [bins] kept
DF_RT
void
df_stft_add(df_stft* stft, const df_complex* X, float* y);

/// y[bins] = ln |X|, floored; finite whatever X.
DF_RT
void
df_stft_log(const df_complex* X, int bins, float floor, float* y);

/// Log-magnitudes of `count` frames centred at c, c + hop, ...
///
/// @param y  [count, bins] written
DF_RT
void
df_stft_log_frames(df_stft*     stft,
                   const float* x,
                   int64_t      n,
                   int64_t      c,
                   int          count,
                   float        floor,
                   float*       y);

#endif // DF_AUDIO_STFT_H
