#include "core/train/take.h"

#include "tests/check.h"
#include "tests/train/sounds.h"

#include <math.h>
#include <stdlib.h>

#define TURN 6.283185307179586

// Detuned within what is allowed, on either side, and not at all below a cent
static void
test_draws(void)
{
  df_train_config config   = df_train_config_default();
  int             sharp    = 0;
  int             flat     = 0;
  int             exact    = 0;
  const int       count    = 2000;
  const size_t    hop      = df_take_hop(&config.codec);
  double          furthest = 0.0;
  for (int i = 0; i < count; ++i) {
    const df_version v     = df_version_draw(&config, i % 40, i % 7, i / 40);
    const double     cents = 1200.0 * log2(v.ratio);
    sharp += cents > 0.0 ? 1 : 0;
    flat += cents < 0.0 ? 1 : 0;
    exact += v.ratio == 1.0 ? 1 : 0;
    furthest = fmax(furthest, fabs(cents));
    CHECK(v.ratio == 1.0 || fabs(cents) > 1.0 - 1e-9);
    CHECK(fabs(20.0 * log10((double)v.gain)) <= config.gain + 1e-5);
    CHECK(v.shift < hop);
  }
  CHECK(sharp + flat + exact == count);
  CHECK(furthest <= config.cents && furthest > 0.95 * config.cents);
  // |u|^3 < 1 / cents
  const double share = pow(1.0 / config.cents, 1.0 / 3.0);
  CHECK_NEAR((double)exact / count, share, 0.04);
  CHECK_NEAR((double)sharp / flat, 1.0, 0.15);
}

// What of y, from sample `begin` on, no wave of `hz` explains, against all of
// it
static double
unexplained(const float* const y,
            const size_t       begin,
            const size_t       end,
            const double       hz)
{
  double cc = 0.0;
  double cs = 0.0;
  double ss = 0.0;
  double yc = 0.0;
  double ys = 0.0;
  double yy = 0.0;
  for (size_t i = begin; i < end; ++i) {
    const double c = cos(TURN * hz * (double)i / SOUNDS_RATE);
    const double s = sin(TURN * hz * (double)i / SOUNDS_RATE);
    const double v = (double)y[i];
    cc += c * c;
    cs += c * s;
    ss += s * s;
    yc += v * c;
    ys += v * s;
    yy += v * v;
  }
  const double det = cc * ss - cs * cs;
  const double a   = (yc * ss - ys * cs) / det;
  const double b   = (ys * cc - yc * cs) / det;
  return (yy - a * yc - b * ys) / yy;
}

// A wave comes out detuned and scaled, and nothing else with it
static void
test_wave(const double cents)
{
  const size_t      n     = 4U * SOUNDS_RATE;
  const double      hz    = 1234.5;
  float* const      x     = (float*)malloc(n * sizeof(float));
  const df_material file  = {x, n, n};
  const double      ratio = pow(2.0, cents / 1200.0);
  const df_version  how   = {ratio, 0.5f, 0U};
  size_t            count = 0U;
  CHECK(x);
  for (size_t i = 0U; i < n; ++i) {
    x[i] = (float)sin(TURN * hz * (double)i / SOUNDS_RATE);
  }
  float* const y = df_version_apply(&how, &file, &count);
  CHECK(y);
  CHECK_NEAR((double)count, (double)n / ratio, 64.0);
  const size_t begin = 1000U;
  const size_t end   = count - 1000U;
  double       power = 0.0;
  for (size_t i = begin; i < end; ++i) {
    power += (double)y[i] * (double)y[i] / (double)(end - begin);
  }
  CHECK_NEAR(power, 0.125, 1e-3);
  CHECK(unexplained(y, begin, end, hz * ratio) < 1e-8); // 80 dB
  CHECK(cents == 0.0 || unexplained(y, begin, end, hz) > 0.1);
  free(y);
  free(x);
}

int
main(void)
{
  test_draws();
  test_wave(0.0);
  test_wave(35.0);
  test_wave(-50.0);
  return 0;
}
