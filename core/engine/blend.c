#include "core/engine/blend.h"

#include <math.h>

// Seconds over which likeness is heard
#define SPAN 0.005

df_blend
df_blend_make(const double rate)
{
  return (df_blend){(float)exp(-1.0 / (SPAN * rate)), 0.0f, 0.0f, 0.0f};
}

void
df_blend_hear(df_blend* const blend, const float first, const float second)
{
  const float k   = blend->keep;
  blend->first    = k * blend->first + (1.0f - k) * first * first;
  blend->second   = k * blend->second + (1.0f - k) * second * second;
  blend->together = k * blend->together + (1.0f - k) * first * second;
}

float
df_blend_alike(const df_blend* const blend)
{
  const float most = sqrtf(blend->first) * sqrtf(blend->second);
  if (!(most > 1e-12f)) {
    return 1.0f;
  }
  return fminf(fmaxf(blend->together / most, 0.0f), 1.0f);
}

float
df_blend_gain(const df_blend* const blend, const float share)
{
  const float both = share * (1.0f - share);
  return 1.0f / sqrtf(1.0f - 2.0f * both * (1.0f - df_blend_alike(blend)));
}
