#include "core/engine/image.h"

#include "core/base/rng.h"
#include "tests/check.h"

#include <math.h>

enum { RATE = 48000, N = 3 * RATE, HOP = 512 };

static float low[N];
static float high[N];
static float got[2][N];

// Hear left and right, then place a sound of low and high
static void
place(const float l_low, const float r_low, const float l_high, float r_high)
{
  df_image image = df_image_make(RATE);
  for (int i = 0; i < N; ++i) {
    df_image_hear(&image,
                  l_low * low[i] + l_high * high[i],
                  r_low * low[i] + r_high * high[i]);
    if (i % HOP == HOP - 1) {
      df_image_step(&image, (double)HOP / RATE);
    }
  }
  const float m_low  = 0.5f * (l_low + r_low);
  const float m_high = 0.5f * (l_high + r_high);
  for (int i = 0; i < N; ++i) {
    float y[2];
    df_image_place(&image, 0.0f, m_low * low[i] + m_high * high[i], y);
    got[0][i] = y[0];
    got[1][i] = y[1];
  }
}

// How much of a wave is in a channel: its amplitude, signed
static double
amount(const float* const y, const float* const wave)
{
  double product = 0.0;
  double power   = 0.0;
  for (int i = N / 2; i < N; ++i) {
    product += (double)y[i] * (double)wave[i];
    power += (double)wave[i] * (double)wave[i];
  }
  return product / power;
}

static void
waves(void)
{
  for (int i = 0; i < N; ++i) {
    low[i]  = 0.2f * sinf(0.0131f * (float)i); // 100 Hz
    high[i] = 0.1f * sinf(0.7854f * (float)i); // 6 kHz
  }
}

/// A source keeps its place, also one whose sides have opposite signs.
static void
test_panned(void)
{
  const float sides[4][2] = {
    {0.5f, 0.5f}, {0.9f, 0.3f}, {0.2f, 1.0f}, {1.0f, -0.4f}};
  waves();
  for (int k = 0; k < 4; ++k) {
    place(sides[k][0], sides[k][1], sides[k][0], sides[k][1]);
    for (int c = 0; c < 2; ++c) {
      CHECK_NEAR(amount(got[c], low), sides[k][c], 1e-3);
      CHECK_NEAR(amount(got[c], high), sides[k][c], 1e-3);
    }
  }
}

/// So do a bass on the left and a treble on the right: gentle filters leave
/// them 12 dB apart at least.
static void
test_bands(void)
{
  waves();
  place(0.8f, 0.0f, 0.0f, 0.8f);
  CHECK(fabs(amount(got[0], low)) > 4.0 * fabs(amount(got[1], low)));
  CHECK(fabs(amount(got[1], high)) > 4.0 * fabs(amount(got[0], high)));
}

/// Two strangers keep their levels within a decibel; silence changes nothing,
/// and opposites are bounded.
static void
test_levels(void)
{
  df_rng rng = df_rng_make(3U, 0U, 0U);
  df_rng_normal(&rng, low, N);
  df_rng_normal(&rng, high, N);
  place(0.8f, 0.0f, 0.0f, 0.2f);
  for (int c = 0; c < 2; ++c) {
    double power = 0.0;
    for (int i = 0; i < N; ++i) {
      power += (double)got[c][i] * (double)got[c][i] / N;
    }
    CHECK_NEAR(10.0 * log10(power), 20.0 * log10(c ? 0.2 : 0.8), 1.0);
  }

  df_image image = df_image_make(RATE);
  float    y[2]  = {0.0f, 0.0f};
  for (int i = 0; i < N; ++i) {
    df_image_hear(&image, 0.0f, 0.0f);
  }
  df_image_step(&image, 3.0);
  df_image_place(&image, 0.0f, 0.5f, y);
  CHECK_NEAR(y[0], 0.5, 1e-6);
  CHECK(y[0] == y[1]);
  for (int i = 0; i < N; ++i) {
    df_image_hear(&image, low[i], -0.999f * low[i]);
  }
  df_image_step(&image, 3.0);
  for (int i = 0; i < N; ++i) {
    df_image_place(&image, 0.0f, 0.1f * sinf((float)i), y);
    CHECK(fabsf(y[0]) < 4.0f && fabsf(y[1]) < 4.0f);
  }
}

// Hear two seconds of a wave with these gains
static void
hear(df_image* const image, const float left, const float right)
{
  for (int i = 0; i < 2 * RATE; ++i) {
    df_image_hear(image, left * low[i], right * low[i]);
    if (i % HOP == HOP - 1) {
      df_image_step(image, (double)HOP / RATE);
    }
  }
}

/// Sides of opposite sign are placed against their difference, exactly; between
/// it and the middle the placing goes over without a step.
static void
test_opposed(void)
{
  const float sides[3][2] = {{1.0f, -1.0f}, {0.6f, -1.0f}, {-0.5f, 0.15f}};
  waves();
  for (int k = 0; k < 3; ++k) {
    df_image    image = df_image_make(RATE);
    const float l     = sides[k][0];
    const float r     = sides[k][1];
    float       last  = 0.0f;
    hear(&image, l, r);
    CHECK(image.opposed == (k < 2)); // less than 6 dB
    for (int i = 0; i < N; ++i) {
      float y[2];
      df_image_place(
        &image, 1.0f, df_image_mix(l * low[i], r * low[i], 1.0f), y);
      got[0][i] = y[0];
      got[1][i] = y[1];
    }
    CHECK_NEAR(amount(got[0], low), l, 1e-3);
    CHECK_NEAR(amount(got[1], low), r, 1e-3);
    for (int i = 0; i < RATE; ++i) {
      float y[2];
      df_image_place(&image, (float)i / RATE, low[i], y);
      CHECK(fabsf(y[1] - last) < 0.02f);
      last = y[1];
    }
  }
  CHECK(df_image_mix(0.3f, 0.4f, 0.0f) == 0.5f * (0.3f + 0.4f));
}

/// What the engine hears changes only when the other is louder by 6 dB.
static void
test_turn(void)
{
  df_image image = df_image_make(RATE);
  waves();
  hear(&image, 1.0f, 0.0f);
  CHECK(!image.opposed);
  hear(&image, 1.0f, -0.3f); // 5.4 dB
  CHECK(!image.opposed);
  hear(&image, 1.0f, -0.4f); // 7.4 dB
  CHECK(image.opposed);
  hear(&image, 1.0f, 0.3f);
  CHECK(image.opposed);
  hear(&image, 1.0f, 0.4f);
  CHECK(!image.opposed);
  hear(&image, 0.0f, 0.0f);
  CHECK(!image.opposed);
}

int
main(void)
{
  test_panned();
  test_opposed();
  test_turn();
  test_bands();
  test_levels();
  return 0;
}
