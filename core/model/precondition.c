#include "core/model/precondition.h"

#include "core/diffusion/forcing.h"
#include "core/diffusion/schedule.h"

#include <stddef.h>

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
    df_schedule_angle((double)config->shift, config->levels, k, &a, &s);
    for (size_t c = 0U; c < C; ++c) {
      const size_t at     = (size_t)k * C + c;
      double       of_z   = 0.0;
      double       of_net = 0.0;
      df_wiener(a, s, (double)variance[c], &of_z, &of_net);
      skip[at] = (df_real)of_z;
      gain[at] = (df_real)of_net;
    }
  }
}
