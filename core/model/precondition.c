#include "core/model/precondition.h"

#include <math.h>
#include <stddef.h>

void
df_precondition_level(const df_model_config* const config,
                      const int                    k,
                      double* const                a,
                      double* const                s)
{
  if (k <= 0 || k >= config->levels) {
    *a = k <= 0 ? 1.0 : 0.0;
    *s = k <= 0 ? 0.0 : 1.0;
    return;
  }
  const double angle  = 0.5 * M_PI * k / config->levels;
  const double signal = (double)config->shift * cos(angle);
  const double noise  = sin(angle);
  const double norm   = hypot(signal, noise);
  *a                  = signal / norm;
  *s                  = noise / norm;
}

void
df_precondition_tables(const df_model_config* const config,
                       const float* const           variance,
                       df_real* const               skip,
                       df_real* const               gain)
{
  const size_t C = (size_t)config->token;
  for (int k = 0; k <= config->levels; ++k) {
    double a = 0.0;
    double s = 0.0;
    df_precondition_level(config, k, &a, &s);
    for (size_t c = 0U; c < C; ++c) {
      const double q   = (double)variance[c];
      const double var = a * a * q + s * s; // of z
      const size_t at  = (size_t)k * C + c;
      skip[at]         = (df_real)(a * q / var);
      gain[at]         = (df_real)sqrt(q * s * s / var);
    }
  }
}
