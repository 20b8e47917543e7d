#include "core/diffusion/step.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// The steps that are the same for every method: none, and the one to clean.
// True if this was one of them, and done
static bool
is_plain(const int          from,
         const int          to,
         float* const       z,
         const float* const x0,
         const int          C)
{
  assert(to >= 0 && to <= from);
  if (from != to && to == 0) {
    memcpy(z, x0, (size_t)C * sizeof(float));
  }
  return from == to || to == 0;
}

void
df_step_ddim(const df_schedule* const schedule,
             const int                from,
             const int                to,
             const double             eta,
             float* const             z,
             const float* const       x0,
             const float* const       w,
             const int                C)
{
  if (is_plain(from, to, z, x0, C)) {
    return;
  }
  const double a      = df_schedule_signal(schedule, from);
  const double s      = df_schedule_noise(schedule, from);
  const double a_to   = df_schedule_signal(schedule, to);
  const double s_to   = df_schedule_noise(schedule, to);
  const double fresh  = 1.0 - (a * a) / (a_to * a_to);
  const double random = fmin(eta * sqrt(fresh) * s_to / s, s_to);
  const double keep   = sqrt(fmax(s_to * s_to - random * random, 0.0));

  // a' x0 + keep (z - a x0) / s, collected
  const float of_z  = (float)(keep / s);
  const float of_x0 = (float)(a_to - keep * a / s);
  const float of_w  = (float)random;
  for (int c = 0; c < C; ++c) {
    z[c] = of_z * z[c] + of_x0 * x0[c];
  }
  if (of_w > 0.0f) {
    for (int c = 0; c < C; ++c) {
      z[c] += of_w * w[c];
    }
  }
}

void
df_step_ancestral(const df_schedule* const schedule,
                  const int                from,
                  const int                to,
                  float* const             z,
                  const float* const       x0,
                  const float* const       w,
                  const int                C)
{
  if (is_plain(from, to, z, x0, C)) {
    return;
  }
  const double a     = df_schedule_signal(schedule, from);
  const double s     = df_schedule_noise(schedule, from);
  const double a_to  = df_schedule_signal(schedule, to);
  const double s_to  = df_schedule_noise(schedule, to);
  const double ratio = a / a_to; // signal kept by the steps between
  const double fresh = 1.0 - ratio * ratio;
  const float  of_x0 = (float)(a_to * fresh / (s * s));
  const float  of_z  = (float)(ratio * s_to * s_to / (s * s));
  const float  of_w  = (float)(sqrt(fresh) * s_to / s);
  for (int c = 0; c < C; ++c) {
    z[c] = of_x0 * x0[c] + of_z * z[c] + of_w * w[c];
  }
}

void
df_step_multistep(const df_schedule* const schedule,
                  const int                before,
                  const int                from,
                  const int                to,
                  float* const             z,
                  const float* const       x0,
                  const float* const       x0_before,
                  const int                C)
{
  if (is_plain(from, to, z, x0, C)) {
    return;
  }
  const double a    = df_schedule_signal(schedule, from);
  const double s    = df_schedule_noise(schedule, from);
  const double a_to = df_schedule_signal(schedule, to);
  const double s_to = df_schedule_noise(schedule, to);

  // Half the ratio of this step to the last one, in log(a/s); a step that
  // starts at a = 0 is infinitely long
  double slope = 0.0;
  if (before > from && x0_before && a > 0.0) {
    const double a_before = df_schedule_signal(schedule, before);
    const double s_before = df_schedule_noise(schedule, before);
    const double now      = log(a_to * s / (s_to * a));
    const double last =
      a_before > 0.0 ? log(a * s_before / (s * a_before)) : (double)INFINITY;
    slope = 0.5 * now / last;
  }
  const float of_z  = (float)(s_to / s);
  const float of_x0 = (float)(a_to - a * s_to / s);
  const float bend  = (float)slope;
  for (int c = 0; c < C; ++c) {
    const float change = bend > 0.0f ? bend * (x0[c] - x0_before[c]) : 0.0f;
    z[c]               = of_z * z[c] + of_x0 * (x0[c] + change);
  }
}
