#include "core/engine/blend.h"

#include "core/base/rng.h"
#include "tests/check.h"

#include <math.h>

enum { RATE = 48000, FADE = 2400 };

static float noise[2][2 * FADE];

// Level of the fade's middle half against that of the sounds, dB
static double
middle(const float* const a, const float* const b)
{
  df_blend blend = df_blend_make(RATE);
  double   got   = 0.0;
  double   want  = 0.0;
  for (int i = 0; i < 2 * FADE; ++i) {
    const float w = fmaxf(0.0f, (float)(i - FADE) / FADE);
    df_blend_hear(&blend, a[i], b[i]);
    const float y = df_blend_gain(&blend, w) * ((1.0f - w) * a[i] + w * b[i]);
    if (i >= FADE + FADE / 4 && i < FADE + FADE * 3 / 4) {
      got += (double)(y * y);
      want += (double)(a[i] * a[i]);
    }
  }
  return 10.0 * log10(got / want);
}

/// The level stays in the middle of a fade between strangers, between equals,
/// and between sounds half alike.
static void
test_level(void)
{
  static float half[2 * FADE];
  df_rng       rng = df_rng_make(5U, 0U, 0U);
  df_rng_normal(&rng, noise[0], 2 * FADE);
  df_rng_normal(&rng, noise[1], 2 * FADE);
  for (int i = 0; i < 2 * FADE; ++i) {
    half[i] = 0.5f * noise[0][i] + 0.866f * noise[1][i];
  }
  // Of 1200 draws the power itself is off by .2 dB (one deviation)
  CHECK_NEAR(middle(noise[0], noise[1]), 0.0, 0.6);
  CHECK_NEAR(middle(noise[0], half), 0.0, 0.6);
  CHECK_NEAR(middle(noise[0], noise[0]), 0.0, 0.01);
}

/// Either end is the sound itself; opposites and silence are never blown up.
static void
test_bounds(void)
{
  df_blend blend = df_blend_make(RATE);
  CHECK(df_blend_alike(&blend) == 1.0f);
  CHECK(df_blend_gain(&blend, 0.5f) == 1.0f);
  for (int i = 0; i < RATE; ++i) {
    const float x = i % 7 ? 0.5f : -1.0f;
    df_blend_hear(&blend, x, i < RATE / 2 ? -x : 1e6f * x);
    CHECK(df_blend_gain(&blend, 0.0f) == 1.0f);
    CHECK(df_blend_gain(&blend, 1.0f) == 1.0f);
    CHECK(df_blend_gain(&blend, 0.5f) <= 1.4143f);
  }
}

int
main(void)
{
  test_level();
  test_bounds();
  return 0;
}
