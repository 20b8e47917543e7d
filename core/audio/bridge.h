#ifndef DF_AUDIO_BRIDGE_H
#define DF_AUDIO_BRIDGE_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"

/// Short joins: autoregressive prediction of samples from samples.
///
///     x[t] = sum_k a[k] x[t-1-k],  k = 0 .. order-1
///
/// with a from Burg's recursion (1975) over one or two stretches of sound,
/// which keeps the predictor stable.  It is fitted as if there were a noise 100
/// dB below the sound, so that pure tones and constants have a good answer too.
/// Phase-exact for tens of milliseconds of tonal sound.

/// The recipe's order and context.
#define DF_BRIDGE_ORDER 1000
#define DF_BRIDGE_CONTEXT 8192

/// A back-test above this, in dB, says that the prediction is worth playing.
#define DF_BRIDGE_GATE 6.0f

/// A workspace: one thread at a time; nothing is kept between calls.
typedef struct df_bridge df_bridge;

/// @param context  Most samples a stretch, 16..65536
/// @param order    Most predictor coefficients, 1..4096
/// @param gap      Longest df_bridge_span, 0..65536 samples
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD
df_status
df_bridge_make(df_arena*   arena,
               int         context,
               int         order,
               int         gap,
               df_bridge** out);

/// Fit a predictor to the newest `context` of x[n].
///
/// Samples that are not finite, or beyond 1e6, count as 0.
///
/// @param a  [order] written wholly, zero beyond the result
/// @return Coefficients found, at most a third of the samples; 0 where there
///         is nothing to predict from (silence, fewer than 16 samples).
DF_RT
int
df_bridge_fit(df_bridge* bridge, const float* x, int n, float* a);

/// Continue x[n] by x[n .. n+m), predicted one from the other.
///
/// Stays within twice the peak of the samples predicted from; without
/// coefficients it is silence.  Samples before x[0] count as 0; x[n] is finite.
DF_RT
void
df_bridge_extend(const float* a, int order, float* x, int n, int m);

/// How well the past of x[n] predicts its last m samples: SNR in dB, -60..120.
///
/// @param n  Above m; the newest context + m are used
/// @param m  1..context; 20 ms in the recipe
/// @return -60 also for silence and where nothing can be fitted.
DF_RT
float
df_bridge_backtest(df_bridge* bridge, const float* x, int n, int m);

/// Fill a gap between two sounds: the samples of least squared prediction
/// error under one predictor for both sides (Janssen, Veldhuis and Vries 1986).
///
/// Time grows with the square of the gap.  For gaps of up to some 50 ms. Beyond
/// the sounds given, should they be shorter than the predictor, there is
/// silence.
///
/// @param left   [nl] sound that ends at the gap
/// @param right  [nr] sound that begins after it
/// @param y      [gap] written; zeros where nothing can be fitted
/// @param gap    0..the gap of df_bridge_make
void
df_bridge_span(df_bridge*   bridge,
               const float* left,
               int          nl,
               const float* right,
               int          nr,
               float*       y,
               int          gap);

#endif // DF_AUDIO_BRIDGE_H
