#include "core/engine/fill.h"

#include "tests/audio/score.h"
#include "tests/check.h"
#include "tests/engine/rig.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N = 6 * RIG_RATE };

static float x[N];
static float y[N];

static void
fill(const df_instrument* const instrument, const int from, const int to)
{
  const df_settings settings = df_settings_default();
  memcpy(y, x, sizeof(x));
  for (int i = from; i < to; ++i) {
    y[i] = i % 2 ? 0.9f : NAN; // what is in the gap does not matter
  }
  CHECK(df_fill(instrument, &settings, y, N, from, to, 0.02f) == DF_OK);
  CHECK(!memcmp(x, y, (size_t)from * sizeof(float)));
  CHECK(!memcmp(x + to, y + to, (size_t)(N - to) * sizeof(float)));
  for (int i = from; i < to; ++i) {
    CHECK(fabsf(y[i]) < 2.0f); // finite too
  }
}

static double
power(const float* const s, const int from, const int to)
{
  double sum = 0.0;
  for (int i = from; i < to; ++i) {
    sum += (double)s[i] * (double)s[i];
  }
  return sum / (to - from);
}

// A seam is no click where its neighbourhood has as much: real sound is at -6
static double
click(const float* const s, const int seam)
{
  return fmax(-6.0, score_click(s, N, seam));
}

/// A short gap in a chord is filled nearly exactly.
static void
test_short(const df_instrument* const instrument)
{
  const int from = (int)(3.1 * RIG_RATE);
  fill(instrument, from, from + RIG_RATE / 100);
  CHECK(score_snr(x + from, y + from, RIG_RATE / 100) > 30.0);
  fill(instrument, from, from + RIG_RATE / 20);
  CHECK(score_snr(x + from, y + from, RIG_RATE / 20) > 15.0);
}

/// A long gap is filled with sound as loud as what is around, joined to both
/// sides without a click.
static void
test_long(const df_instrument* const instrument)
{
  double sum   = 0.0;
  int    count = 0;
  for (int k = 0; k < 6; ++k) {
    const int from = (int)((2.0 + 0.33 * k) * RIG_RATE);
    const int to   = from + (int)((0.12 + 0.2 * k) * RIG_RATE);
    fill(instrument, from, to);
    const double ratio = power(y, from, to) / power(x, from, to);
    CHECK(ratio > 0.05 && ratio < 4.0);
    sum += click(y, from) - click(x, from) + click(y, to) - click(x, to);
    count += 2;
  }
  CHECK(sum / count < 1.0);
}

/// Noise on either side refuses prediction, and is still joined.
static void
test_noise(const df_instrument* const instrument)
{
  uint32_t state = 1U;
  for (int i = 0; i < N; ++i) {
    state = 1664525U * state + 1013904223U;
    x[i]  = (float)(0.2 * ((double)state / 4294967296.0 - 0.5));
  }
  const int from = 2 * RIG_RATE;
  for (int ms = 30; ms <= 480; ms *= 4) {
    const int to = from + ms * RIG_RATE / 1000;
    fill(instrument, from, to);
    CHECK(click(y, from) < 3.0);
    CHECK(click(y, to) < 3.0);
  }
  rig_chords(x, N);
}

/// A gap may be at either end, all there is, empty, or a single sample.
static void
test_ends(const df_instrument* const instrument)
{
  fill(instrument, 0, RIG_RATE / 2);
  fill(instrument, N - RIG_RATE / 2, N);
  fill(instrument, N - RIG_RATE / 2, N - 100);
  fill(instrument, 100, RIG_RATE / 2);
  fill(instrument, 5, 5);
  fill(instrument, RIG_RATE, RIG_RATE + 1);
  fill(instrument, 0, N);
}

/// The same bytes each time; another seed, others.
static void
test_same(const df_instrument* const instrument)
{
  static float first[N];
  const int    from     = 2 * RIG_RATE;
  const int    to       = 3 * RIG_RATE;
  df_settings  settings = df_settings_default();
  fill(instrument, from, to);
  memcpy(first, y, sizeof(y));
  fill(instrument, from, to);
  CHECK(!memcmp(first, y, sizeof(y)));
  settings.seed = 4U;
  memcpy(y, x, sizeof(x));
  CHECK(df_fill(instrument, &settings, y, N, from, to, 0.02f) == DF_OK);
  CHECK(memcmp(first, y, sizeof(y)));
}

/// Arguments that make no gap are refused, and nothing is touched.
static void
test_arguments(const df_instrument* const instrument)
{
  const df_settings s = df_settings_default();
  memcpy(y, x, sizeof(x));
  CHECK(df_fill(instrument, &s, y, N, -1, 5, 0.02f) == DF_E_ARG);
  CHECK(df_fill(instrument, &s, y, N, 6, 5, 0.02f) == DF_E_ARG);
  CHECK(df_fill(instrument, &s, y, N, 6, N + 1, 0.02f) == DF_E_ARG);
  CHECK(df_fill(instrument, &s, y, N, 6, 7, NAN) == DF_E_ARG);
  const int64_t most = (int64_t)(DF_FILL_HOPS + 1) * 256;
  CHECK(df_fill(instrument, &s, y, INT64_MAX, 0, most, 0.02f) == DF_E_ARG);
  CHECK(!memcmp(x, y, sizeof(x)));
}

int
main(void)
{
  df_instrument* const instrument = rig_instrument();
  rig_chords(x, N);
  test_arguments(instrument);
  test_short(instrument);
  test_long(instrument);
  test_noise(instrument);
  test_ends(instrument);
  test_same(instrument);
  df_instrument_free(instrument);
  return 0;
}
