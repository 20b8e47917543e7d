#include "core/diffusion/weights.h"

#include <math.h>

/// F = gamma A + (1 - gamma A) ratio, which is R or S at gamma A = 0 exactly.
static double
fuse(const double kept, const double ratio)
{
  return kept < 1.0 ? kept + (1.0 - kept) * ratio : 1.0;
}

double
df_weight_fused(const df_weight_config* const config,
                const double                  snr,
                const double                  past)
{
  const double clip    = config->clip;
  const double kept    = config->gamma * past;
  const double clipped = fuse(kept, fmin(snr, clip) / clip); // F^c
  const double whole   = fuse(kept, snr / clip);             // F, may be inf
  switch (config->objective) {
  case DF_PREDICT_X0:
    return clip * clipped;
  case DF_PREDICT_V:
    return clip * clipped / (clip * whole + 1.0);
  default:
    return snr <= clip ? 1.0 : clipped / whole; // also 0/0, at snr = 0
  }
}

double
df_weight_min_snr(const df_weight_config* const config, const double snr)
{
  return df_weight_fused(config, snr, 0.0);
}

void
df_weight_sequence(const df_weight_config* const config,
                   const df_schedule* const      schedule,
                   const int* const              level,
                   float* const                  weight,
                   const int                     T)
{
  double past = 0.0;
  for (int t = 0; t < T; ++t) {
    const double snr = df_schedule_snr(schedule, level[t]);
    const double s   = fmin(snr, config->clip) / config->clip;
    weight[t]        = (float)df_weight_fused(config, snr, past);
    past             = t ? config->gamma * past + (1.0 - config->gamma) * s : s;
  }
}

double
df_weight_wiener(const double noise, const double most)
{
  return 1.0 / fmax(noise * noise, 1.0 / most);
}
