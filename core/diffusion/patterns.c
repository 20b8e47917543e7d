#include "core/diffusion/patterns.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

df_pattern_config
df_pattern_config_default(void)
{
  return (df_pattern_config){0.5, 0.2, 0.4, 0.2, 1.0 / 3.0, 0.1};
}

static int
noisy(df_rng* const rng, const int K)
{
  return 1 + (int)df_rng_below(rng, (uint32_t)K);
}

static void
block(const df_pattern_config* const config,
      df_rng* const                  rng,
      const int                      K,
      const int                      H,
      int* const                     level,
      float* const                   mask)
{
  const double which = df_rng_uniform(rng);
  if (which < config->pyramid) {
    const double u     = df_rng_uniform(rng);
    const double width = H * (0.5 + 1.5 * df_rng_uniform(rng));
    for (int j = 0; j < H; ++j) {
      const int k = (int)ceil(K * (j + u) / width);
      level[j]    = k < 1 ? 1 : k > K ? K : k;
    }
  } else if (which < config->pyramid + config->independent) {
    for (int j = 0; j < H; ++j) {
      level[j] = noisy(rng, K);
    }
  } else {
    const int k = noisy(rng, K);
    for (int j = 0; j < H; ++j) {
      level[j] = k;
    }
  }

  // A known stretch leaves at least one token to learn from
  int unknown = H;
  if (H > 1 && df_rng_uniform(rng) < config->known) {
    unknown = 1 + (int)df_rng_below(rng, (uint32_t)(H - 1));
  }
  for (int j = 0; j < H; ++j) {
    mask[j]  = j < unknown ? 1.0f : 0.0f;
    level[j] = j < unknown ? level[j] : 0;
  }
}

static void
context(const df_pattern_config* const config,
        df_rng* const                  rng,
        const int                      K,
        const int                      T,
        int* const                     level)
{
  const bool     none = df_rng_uniform(rng) < config->context_none;
  const bool     each = df_rng_uniform(rng) < config->context_each;
  const uint32_t most = (uint32_t)floor(config->context_most * K + 1e-9);
  const int      all  = (int)df_rng_below(rng, most + 1U);
  for (int t = 0; t < T; ++t) {
    level[t] = none ? K : each ? (int)df_rng_below(rng, most + 1U) : all;
  }
}

void
df_pattern_draw(const df_pattern_config* const config,
                df_rng* const                  rng,
                const int                      K,
                const int                      T,
                const int                      H,
                int* const                     context_level,
                int* const                     window_level,
                float* const                   loss_mask)
{
  context(config, rng, K, T, context_level);
  for (int t = 0; t < T; t += H) {
    block(config, rng, K, H, window_level + t, loss_mask + t);
  }
}
