#include "core/audio/bands.h"

#include "tests/check.h"

/// The slope is the derivative of the scale.
static void
test_slope_is_the_derivative(void)
{
  for (double hz = 0.0; hz < 20000.0; hz += 500.0) {
    const double slope = (df_bark(hz + 1.0) - df_bark(hz - 1.0)) / 2.0;
    CHECK_NEAR(df_bark_slope(hz), slope, 1e-8);
  }
  CHECK_NEAR(df_bark(1000.0), 8.53, 0.01); // Traunmueller's table
}

/// Edges rise and stay inside, whatever the size and rate.
static void
test_edges_rise(void)
{
  for (int rate = 8000; rate <= 384000; rate *= 2) {
    for (int window = 128; window <= 8192; window *= 2) {
      int edges[DF_BANDS + 1];
      df_bands_edges(rate, window, edges);
      CHECK(edges[0] == 1);
      for (int b = 0; b < DF_BANDS; ++b) {
        CHECK(edges[b + 1] > edges[b]);
      }
      CHECK(edges[DF_BANDS] <= window / 2 + 1);
    }
  }
}

/// A level that is the same everywhere is the level of each band.
static void
test_flat_pools_to_itself(void)
{
  static float y[2 * 1025];
  float        pooled[DF_BANDS];
  for (int i = 0; i < 2 * 1025; ++i) {
    y[i] = -3.25f;
  }
  df_bands_pool(44100, 2048, 2, y, pooled);
  for (int b = 0; b < DF_BANDS; ++b) {
    CHECK_NEAR(pooled[b], -3.25, 1e-6);
  }
}

/// One loud bin shows in its own band only, less the width in power.
static void
test_a_tone_shows_in_its_band(void)
{
  static float y[1025];
  float        pooled[DF_BANDS];
  int          edges[DF_BANDS + 1];
  for (int i = 0; i < 1025; ++i) {
    y[i] = -30.0f;
  }
  df_bands_edges(44100, 2048, edges);
  y[edges[9]] = 0.0f;
  df_bands_pool(44100, 2048, 1, y, pooled);
  for (int b = 0; b < DF_BANDS; ++b) {
    const double width = edges[10] - edges[9];
    CHECK_NEAR(pooled[b], b == 9 ? -0.5 * log(width) : -30.0, 1e-5);
  }
}

int
main(void)
{
  test_slope_is_the_derivative();
  test_edges_rise();
  test_flat_pools_to_itself();
  test_a_tone_shows_in_its_band();
  return 0;
}
