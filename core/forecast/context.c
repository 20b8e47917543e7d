#include "core/forecast/context.h"

#include <math.h>

/// Furthest that a token may lie out.
#define MOST 8.0f

int
df_context_level(const df_schedule* const schedule, const double unknown)
{
  int level = 0;
  while (level < df_schedule_levels(schedule) &&
         2.0 * unknown > 2.0 - df_schedule_abar(schedule, level) -
                           df_schedule_abar(schedule, level + 1)) {
    ++level;
  }
  return level;
}

void
df_context_token(const df_schedule* const schedule,
                 const int                level,
                 const int                k,
                 const float* const       f,
                 float* const             z)
{
  const double a = df_schedule_signal(schedule, level);
  for (int j = 0; j < k; ++j) {
    const float x = a > 0.0 ? (float)((double)f[j] / a) : 0.0f;
    z[j]          = level ? fmaxf(-MOST, fminf(MOST, x)) : f[j];
  }
}
