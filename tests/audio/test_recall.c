#include "core/audio/recall.h"

#include "core/audio/stft.h"
#include "tests/audio/signal.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>

#define TOKEN 1024 // samples
#define RATE (44100.0 / TOKEN)

enum { ROWS = 320 };

/// Pooled rows of a sound at 44.1 kHz, four frames of 1024/256 a token.
static void
pool(const float* const x, float* const pooled)
{
  static float y[4 * 513];
  df_arena     arena = {NULL, 0U, 0U, false};
  df_stft*     stft  = NULL;
  CHECK(df_stft_make(&arena, 1024, 256, &stft) == DF_OK);
  CHECK(df_arena_allocate(&arena) == DF_OK);
  CHECK(df_stft_make(&arena, 1024, 256, &stft) == DF_OK);
  for (int t = 0; t < ROWS; ++t) {
    df_stft_log_frames(
      stft, x, (int64_t)ROWS * TOKEN, (int64_t)t * TOKEN, 4, -11.5f, y);
    df_bands_pool(44100, 1024, 4, y, pooled + t * DF_BANDS);
  }
  df_stft_free(stft);
  df_arena_free(&arena);
}

// The formula of the header, sums taken anew for every lag
static df_recall
plain(const float* const pooled, const int n, const double rate)
{
  const int    span = (int)(7.0 * rate);
  const int    rows = n < span ? n : span;
  const float* x    = pooled + (n - rows) * DF_BANDS;
  df_recall    best = {0, 0.0f};
  double       most = 0.0;
  for (int lag = (int)ceil(0.4 * rate); lag <= (int)(5.0 * rate); ++lag) {
    const int two = (int)(2.0 * rate);
    const int w   = rows - lag < two ? rows - lag : two;
    double    aa  = 0.0;
    double    ab  = 0.0;
    double    bb  = 0.0;
    if (w < (int)ceil(0.8 * rate)) {
      break;
    }
    for (int c = 0; c < DF_BANDS; ++c) {
      double mean = 0.0;
      for (int t = 0; t < rows; ++t) {
        mean += (double)x[t * DF_BANDS + c] / rows;
      }
      for (int t = rows - w; t < rows; ++t) {
        const double a = (double)x[t * DF_BANDS + c] - mean;
        const double b = (double)x[(t - lag) * DF_BANDS + c] - mean;
        aa += a * a;
        ab += a * b;
        bb += b * b;
      }
    }
    const double r = ab / sqrt(aa * bb);
    if (r - 0.01 * lag / rate > most) {
      most = r - 0.01 * lag / rate;
      best = (df_recall){lag, (float)r};
    }
  }
  return best;
}

/// Histories of any length give what the formula gives.
static void
test_formula(void)
{
  static float pooled[ROWS * DF_BANDS];
  df_rng       rng = df_rng_make(8U, 0U, 0U);
  df_rng_normal(&rng, pooled, ROWS * DF_BANDS);
  for (int i = DF_BANDS; i < ROWS * DF_BANDS; ++i) { // sound changes slowly
    pooled[i] = 0.9f * pooled[i - DF_BANDS] + 0.4f * pooled[i];
  }
  int found = 0;
  for (int n = 53; n <= ROWS; n += 3) {
    const df_recall want = plain(pooled, n, RATE);
    const df_recall got  = df_recall_find(pooled, n, RATE);
    CHECK(got.lag == want.lag);
    found += want.lag > 0;
    CHECK_NEAR((double)got.confidence, (double)want.confidence, 1e-5);
  }
  CHECK(found > 50);
}

/// A groove is found by its period, or one more of it, with confidence.
static void
test_the_period_of_a_groove_is_found(void)
{
  static float x[ROWS * TOKEN];
  static float pooled[ROWS * DF_BANDS];
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const int step   = 5000 + 200 * (int)seed;
    const int period = 8;
    signal_groove(x, ROWS * TOKEN, step, period, seed);
    pool(x, pooled);
    const df_recall r     = df_recall_find(pooled, ROWS, RATE);
    const double    times = r.lag * (double)TOKEN / (period * step);
    CHECK(r.confidence > 0.7f);
    CHECK(times > 0.9);
    CHECK_NEAR(times, rint(times), 0.03); // a token is 2 % of the period
  }
}

/// What repeats exactly is found at its exact lag, shortest first.
static void
test_an_exact_repeat_has_confidence_one(void)
{
  static float pooled[ROWS * DF_BANDS];
  for (int t = 0; t < ROWS; ++t) {
    df_rng rng = df_rng_make(3U, 0U, (uint64_t)(t % 61));
    df_rng_normal(&rng, pooled + t * DF_BANDS, DF_BANDS);
  }
  const df_recall r = df_recall_find(pooled, ROWS, RATE);
  CHECK(r.lag == 61);
  CHECK_NEAR(r.confidence, 1.0, 1e-3);
}

/// Only what is new decides: rows before the last 7 s change nothing.
static void
test_the_far_past_is_not_looked_at(void)
{
  static float pooled[ROWS * DF_BANDS];
  df_rng       rng = df_rng_make(4U, 0U, 0U);
  df_rng_normal(&rng, pooled, ROWS * DF_BANDS);
  const df_recall before = df_recall_find(pooled, ROWS, RATE);
  for (int i = 0; i < (ROWS - 302) * DF_BANDS; ++i) {
    pooled[i] = 100.0f;
  }
  const df_recall after = df_recall_find(pooled, ROWS, RATE);
  CHECK(before.lag == after.lag);
  CHECK(before.confidence == after.confidence);
}

static void
test_noise_gives_little_confidence(void)
{
  static float pooled[ROWS * DF_BANDS];
  df_rng       rng = df_rng_make(5U, 0U, 0U);
  df_rng_normal(&rng, pooled, ROWS * DF_BANDS);
  CHECK(df_recall_find(pooled, ROWS, RATE).confidence < 0.15f);
}

static void
test_nothing_is_found_in_nothing(void)
{
  static float pooled[ROWS * DF_BANDS];
  const float  flat[] = {0.0f, -11.5f, NAN, INFINITY, 1e30f};
  for (size_t v = 0; v < sizeof(flat) / sizeof(*flat); ++v) {
    for (int i = 0; i < ROWS * DF_BANDS; ++i) {
      pooled[i] = flat[v];
    }
    for (int n = 0; n <= ROWS; n += 40) {
      const df_recall r = df_recall_find(pooled, n, RATE);
      CHECK(r.lag == 0 && r.confidence == 0.0f);
    }
  }
}

static void
test_a_lag_is_repeated_until_it_covers(void)
{
  CHECK(df_recall_cover(20, 16) == 20);
  CHECK(df_recall_cover(20, 20) == 20);
  CHECK(df_recall_cover(20, 21) == 40);
  CHECK(df_recall_cover(20, 64) == 80);
  CHECK(df_recall_cover(20, 0) == 20);
  CHECK(df_recall_cover(0, 16) == 0);
}

int
main(void)
{
  test_formula();
  test_the_period_of_a_groove_is_found();
  test_an_exact_repeat_has_confidence_one();
  test_the_far_past_is_not_looked_at();
  test_noise_gives_little_confidence();
  test_nothing_is_found_in_nothing();
  test_a_lag_is_repeated_until_it_covers();
  return 0;
}
