#ifndef DF_ENGINE_IMAGE_H
#define DF_ENGINE_IMAGE_H

#include "core/base/attr.h"

#include <stdbool.h>

/// Gives the sound of a mono engine the stereo picture of what was heard.
///
/// In each of eight bands, cut by filters of the first order that add up to the
/// sound itself, either side's level and sign against the middle (L + R) / 2
/// are followed over half a second or so; the engine's sound gets them back.
/// Sides of opposite sign leave nothing in the middle: while the difference
/// (L - R) / 2 is by far the louder, that is what the engine ought to hear, and
/// is placed against.

#define DF_IMAGE_BANDS 8

typedef struct {
  float cut[DF_IMAGE_BANDS];     ///< Filter coefficients; the last is not used
  float low[3][DF_IMAGE_BANDS];  ///< Filter states: left, right, engine
  float sum[5][DF_IMAGE_BANDS];  ///< LL, RR, MM, LM, RM since the last step
  float mean[5][DF_IMAGE_BANDS]; ///< ... smoothed
  float gain[2][2][DF_IMAGE_BANDS]; ///< -4..4, against middle, difference
  float loud[2]; ///< Powers of middle and difference, of the last 0.1 s or so
  bool  opposed; ///< The difference is louder; changes only at 6 dB
} df_image;

/// A picture with everything in the middle.
///
/// @param rate  Samples a second, above 0
DF_RT df_image
df_image_make(double rate);

/// Hear one sample that is trusted.
DF_RT void
df_image_hear(df_image* image, float left, float right);

/// Take up what was heard since the last step.
///
/// @param seconds  Time since then, above 0
DF_RT void
df_image_step(df_image* image, double seconds);

/// What the engine hears of two sides.
///
/// @param share  0: the middle, to 1: the difference
DF_RT static inline float
df_image_mix(const float left, const float right, const float share)
{
  return 0.5f * (left + (1.0f - 2.0f * share) * right);
}

/// Place one sample of the engine.
///
/// @param share  What it has heard
/// @param y      [2] written: left, right
DF_RT void
df_image_place(df_image* image, float share, float x, float* y);

#endif // DF_ENGINE_IMAGE_H
