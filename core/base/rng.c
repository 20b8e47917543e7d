#include "core/base/rng.h"

#include <math.h>

#define TWO_PI 6.283185307179586476925286766559

static uint64_t
mix(uint64_t z)
{
  z = (z ^ (z >> 30U)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27U)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31U);
}

#define GOLDEN UINT64_C(0x9E3779B97F4A7C15)

df_rng
df_rng_make(const uint64_t seed, const uint64_t stream, const uint64_t index)
{
  uint64_t key = mix(seed + GOLDEN);
  key          = mix(key ^ (stream + GOLDEN));
  key          = mix(key ^ (index + GOLDEN));
  return (df_rng){key, 0U};
}

uint64_t
df_rng_bits(df_rng* const rng)
{
  return mix(rng->key + GOLDEN * ++rng->counter);
}

double
df_rng_uniform(df_rng* const rng)
{
  return (double)(df_rng_bits(rng) >> 11U) * 0x1p-53;
}

uint32_t
df_rng_below(df_rng* const rng, const uint32_t n)
{
  return (uint32_t)(((df_rng_bits(rng) >> 32U) * n) >> 32U);
}

void
df_rng_normal(df_rng* const rng, float* const out, const size_t n)
{
  for (size_t i = 0; i < n; i += 2U) {
    const double u = 1.0 - df_rng_uniform(rng); // (0, 1]: log is finite
    const double a = TWO_PI * df_rng_uniform(rng);
    const double r = sqrt(-2.0 * log(u));
    out[i]         = (float)(r * cos(a));
    if (i + 1U < n) {
      out[i + 1U] = (float)(r * sin(a));
    }
  }
}
