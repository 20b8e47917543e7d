#ifndef DF_AUDIO_RECALL_H
#define DF_AUDIO_RECALL_H

#include "core/audio/bands.h"
#include "core/base/attr.h"

/// Where in the past the present was heard before: the lag search.
///
/// With f the pooled rows less their mean over the history, the lag L
/// maximises
///
///     r(L) = sum f[t] . f[t-L] / sqrt(sum |f[t]|^2 sum |f[t-L]|^2) - p L
///
/// over the newest rows t, at most 2 s of them and no older ones than the
/// history allows, L from 0.4 s to 5 s, p small so that of equal lags the
/// shortest wins.
typedef struct {
  int   lag;        ///< L in tokens, 0: none found
  float confidence; ///< 0..1, the correlation at L where positive
} df_recall;

/// Search the history.  A pure function: training and engine share it.
///
/// @param pooled  [n, DF_BANDS] oldest first
/// @param n       Rows, may be 0; more than 7 s of them are not looked at
/// @param rate    Tokens a second, above 0
/// @return lag 0 and confidence 0 for a history below 1.2 s, for silence, for
///         what does not vary, and for numbers that are not finite.
DF_RT
df_recall
df_recall_find(const float* pooled, int n, double rate);

/// The smallest multiple of a lag that is at least `ahead` tokens, so that a
/// block of `ahead` tokens finds all its recalled ones in the past; 0 for lag
/// 0.
DF_RT
int
df_recall_cover(int lag, int ahead);

#endif // DF_AUDIO_RECALL_H
