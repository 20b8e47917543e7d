#ifndef DF_AUDIO_BANDS_H
#define DF_AUDIO_BANDS_H

#include "core/base/attr.h"

/// What the ear groups together: the Bark scale, and a coarse view of a token.

#define DF_BANDS 16

/// Bark of a frequency in Hz, -0.53 at 0 (Traunmueller 1990).
DF_RT
double
df_bark(double hz);

/// Its slope, Bark per Hz.
DF_RT
double
df_bark_slope(double hz);

/// First bin of each band, and one past the last bin of the last.
///
/// @param edges  [DF_BANDS + 1] written, rising
DF_RT
void
df_bands_edges(int rate, int window, int* edges);

/// Pool a token's frames to DF_BANDS levels, equally wide in Bark.
///
///     pooled_b = 1/2 ln mean over frames and bins of band b of exp(2 y)
///
/// Bins are those of an FFT at `rate`; beyond 16 kHz they are left out.
///
/// @param rate    Hz
/// @param window  FFT size, at least 128
/// @param y       [frames, window/2+1] natural-log magnitudes, below 40
/// @param pooled  [DF_BANDS] written
DF_RT
void
df_bands_pool(int rate, int window, int frames, const float* y, float* pooled);

/// Level of pooled bands together: 1/2 ln sum of exp(2 pooled).
DF_RT float
df_bands_level(const float* pooled);

#endif // DF_AUDIO_BANDS_H
