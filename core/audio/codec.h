#ifndef DF_AUDIO_CODEC_H
#define DF_AUDIO_CODEC_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"

/// Frames to tokens and back: Bark-weighted PCA of stacked log-magnitudes.
///
/// With y the [frames, bins] natural-log magnitudes of one token's frames,
/// w_f = sqrt(Bark per bin at f / frames) so that the w^2 of a token sum to the
/// Bark it spans, P the basis [dims, frames bins], orthonormal:
///
///     token_i = (P_i . (w (y - mean))) / scale_i
///     y       = mean + (1/w) sum_i scale_i token_i P_i
///
/// Decoded magnitudes are clamped to floor and ceiling (per-bin training
/// maximum
/// + 0.7).
typedef struct {
  int rate;   ///< Sample rate of the model, Hz
  int window; ///< Hann window and FFT size, even
  int hop;    ///< Samples between frames
  int frames; ///< Frames a token
  int dims;   ///< Numbers a token
} df_codec_config;

/// Log magnitudes below this count as silence: -100 dBFS of a full-scale sine.
#define DF_CODEC_FLOOR_DB (-100.0f)

typedef struct {
  df_codec_config config;
  int             bins;    ///< window / 2 + 1
  float           floor;   ///< Natural log of the smallest magnitude
  float*          weight;  ///< [bins]
  float*          mean;    ///< [frames, bins]
  float*          ceiling; ///< [bins]
  float*          basis;   ///< [dims, frames bins]
  float*          scale;   ///< [dims]
} df_codec;

/// Lay out a codec of this shape, numbers zero, weight and floor filled.
///
/// Ranges: rate 8000..384000, window 128..8192 and even, hop 1..window/2,
/// frames 1..16 with frames bins at most 8192, dims 1..1024 and no more than
/// frames bins.
///
/// @return DF_OK, DF_E_ARG (see note) or DF_E_NOMEM.
DF_NODISCARD
df_status
df_codec_make(df_arena*              arena,
              const df_codec_config* config,
              df_codec**             out,
              df_note*               note);

/// Fit mean, ceiling, basis and scale to training log-magnitudes.
///
/// The scale is the same for all dimensions, so that their mean variance is 1:
/// whitening them, even in part, makes a network learn what nobody hears
/// (tests/bench/LOG.md).  Each basis vector's largest number is positive. Takes
/// seconds: an eigenproblem of frames bins rows.
///
/// @param y  [count, frames bins] log-magnitudes
/// @return DF_OK, DF_E_ARG (count < 2 dims), DF_E_NOMEM, DF_E_FINITE.
DF_NODISCARD
df_status
df_codec_fit(df_codec* codec, const float* y, int count, df_note* note);

/// One token from y[frames, bins].  `work` holds frames * bins, may be y
/// itself.
DF_RT
void
df_codec_encode(const df_codec* codec,
                const float*    y,
                float*          token,
                float*          work);

/// y[frames, bins] from one token, clamped to floor and ceiling: finite
/// whatever the token.
DF_RT
void
df_codec_decode(const df_codec* codec, const float* token, float* y);

#endif // DF_AUDIO_CODEC_H
