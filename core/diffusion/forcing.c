#include "core/diffusion/forcing.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

void
df_forcing_noise(const df_schedule* const schedule,
                 float* const             out,
                 const float* const       x0,
                 const float* const       eps,
                 const int* const         k,
                 const int                B,
                 const int                T,
                 const int                C)
{
  const size_t tokens = (size_t)B * (size_t)T; // size_t: may pass INT_MAX
  for (size_t bt = 0; bt < tokens; ++bt) {
    const float  keep = (float)df_schedule_signal(schedule, k[bt]);
    const float  add  = (float)df_schedule_noise(schedule, k[bt]);
    const size_t row  = bt * (size_t)C; // [b,t,:]
    if (k[bt] == 0) {
      memmove(out + row, x0 + row, (size_t)C * sizeof(float));
      continue;
    }
    for (size_t c = row; c < row + (size_t)C; ++c) {
      out[c] = keep * x0[c] + add * eps[c];
    }
  }
}

void
df_wiener(const double  signal,
          const double  noise,
          const double  q,
          double* const skip,
          double* const gain)
{
  const double power = signal * signal * q + noise * noise; // of z
  *skip              = signal * q / power;
  *gain              = sqrt(q * noise * noise / power);
}

void
df_forcing_target(const df_schedule* const schedule,
                  const df_objective       objective,
                  float* const             target,
                  const float* const       x0,
                  const float* const       eps,
                  const float* const       q,
                  const int                level,
                  const int                C)
{
  const double a = df_schedule_signal(schedule, level);
  const double s = df_schedule_noise(schedule, level);
  for (int c = 0; c < C; ++c) {
    switch (objective) {
    case DF_PREDICT_NOISE:
      target[c] = eps[c];
      break;
    case DF_PREDICT_X0:
      target[c] = x0[c];
      break;
    case DF_PREDICT_V:
      target[c] = (float)(a * (double)eps[c] - s * (double)x0[c]);
      break;
    case DF_PREDICT_WIENER:
      // (x0 - skip z) / gain, where x0 - skip z = s (s x0 - a q eps) / (a^2 q
      // + s^2): the difference of two large numbers is never taken
      target[c] =
        level
          ? (float)((s * (double)x0[c] - a * (double)q[c] * (double)eps[c]) /
                    sqrt((double)q[c] * (a * a * (double)q[c] + s * s)))
          : 0.0f;
      break;
    }
  }
}

void
df_forcing_x0(const df_schedule* const schedule,
              const df_objective       objective,
              float* const             x0,
              const float* const       m,
              const float* const       z,
              const float* const       q,
              const int                level,
              const int                C)
{
  const double a = df_schedule_signal(schedule, level);
  const double s = df_schedule_noise(schedule, level);
  for (int c = 0; c < C; ++c) {
    const double net  = (double)m[c];
    const double in   = (double)z[c];
    double       skip = 0.0;
    double       gain = 0.0;
    switch (objective) {
    case DF_PREDICT_NOISE:
      x0[c] = a > 0.0 ? (float)((in - s * net) / a) : 0.0f;
      break;
    case DF_PREDICT_X0:
      x0[c] = m[c];
      break;
    case DF_PREDICT_V:
      x0[c] = (float)(a * in - s * net);
      break;
    case DF_PREDICT_WIENER:
      df_wiener(a, s, (double)q[c], &skip, &gain);
      x0[c] = (float)(skip * in + gain * net);
      break;
    }
  }
}

void
df_forcing_eps(const df_schedule* const schedule,
               const df_objective       objective,
               float* const             eps,
               const float* const       m,
               const float* const       z,
               const float* const       q,
               const int                level,
               const int                C)
{
  const double a = df_schedule_signal(schedule, level);
  const double s = df_schedule_noise(schedule, level);
  for (int c = 0; c < C; ++c) {
    const double net  = (double)m[c];
    const double in   = (double)z[c];
    double       skip = 0.0;
    double       gain = 0.0;
    switch (objective) {
    case DF_PREDICT_NOISE:
      eps[c] = m[c];
      break;
    case DF_PREDICT_X0:
      eps[c] = level ? (float)((in - a * net) / s) : 0.0f;
      break;
    case DF_PREDICT_V:
      eps[c] = (float)(a * net + s * in);
      break;
    case DF_PREDICT_WIENER:
      df_wiener(a, s, (double)q[c], &skip, &gain);
      eps[c] = level ? (float)((in - a * (skip * in + gain * net)) / s) : 0.0f;
      break;
    }
  }
}
