#ifndef DF_ENGINE_BLEND_H
#define DF_ENGINE_BLEND_H

#include "core/base/attr.h"

/// A cross-fade that keeps the level, whatever two sounds have in common.
///
/// Alike sounds add in amplitude, strangers in power.  With c their correlation
/// over the last milliseconds and w the share of the second, both are divided
/// by the root of (1-w)^2 + w^2 + 2 c w (1-w), so that two sounds of equal
/// level give that level all the way (Fink, Holters and Zoelzer 2016).
typedef struct {
  float keep;     ///< Of the sums, per sample
  float first;    ///< Smoothed power of the first sound
  float second;   ///< ... of the second
  float together; ///< ... of their product
} df_blend;

/// @param rate  Samples a second, above 0
DF_RT df_blend
df_blend_make(double rate);

/// Hear one more sample of both.
DF_RT void
df_blend_hear(df_blend* blend, float first, float second);

/// Correlation as heard, 0..1; 1 where either is silent: then it just fades.
DF_RT float
df_blend_alike(const df_blend* blend);

/// What both shares are multiplied by: 1..sqrt(2), 1 at either end.
///
/// @param share  w, 0..1
DF_RT float
df_blend_gain(const df_blend* blend, float share);

#endif // DF_ENGINE_BLEND_H
