#include "core/nn/embed.h"

#include <math.h>

static df_real
silu(const double x)
{
  return (df_real)(x / (1.0 + exp(-x)));
}

void
df_embed_levels(const int levels, df_real* const e)
{
  const int half = DF_EMBED / 2;
  for (int k = 0; k <= levels; ++k) {
    df_real* const row = e + k * DF_EMBED;
    for (int j = 0; j < half; ++j) {
      const double angle = 0.5 * M_PI * exp2(j / 3.0) * k / levels;
      row[j]             = silu(sin(angle));
      row[half + j]      = silu(cos(angle));
    }
  }
}
