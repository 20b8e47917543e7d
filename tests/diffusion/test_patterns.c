#include "core/diffusion/patterns.h"

#include "tests/check.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { K = 64, T = 64, H = 16 };

/// Invariant 13: independent levels are uniform over 1..K (chi-square with 63
/// degrees, 99.99 % point 112.0) and neighbours do not correlate.
static void
test_independent(void)
{
  enum { clips = 4000 };
  const df_pattern_config config = {0.0, 1.0, 0.0, 0.2, 0.0, 0.0};
  df_rng                  rng    = df_rng_make(1U, 0U, 0U);
  int                     context[T];
  int                     level[T];
  float                   mask[T];
  double                  count[K + 1] = {0};
  double                  same         = 0.0; // sum of neighbours' product
  double                  across       = 0.0; // over the border of two clips
  int                     last         = 32;
  const double            mean         = (K + 1) / 2.0;
  const double            power        = (K * K - 1) / 12.0;
  for (int i = 0; i < clips; ++i) {
    df_pattern_draw(&config, &rng, K, T, H, context, level, mask);
    across += (level[0] - mean) * (last - mean) / power / clips;
    last = level[T - 1];
    for (int t = 0; t < T; ++t) {
      CHECK(level[t] >= 1 && level[t] <= K && mask[t] == 1.0f);
      ++count[level[t]];
      if (t) {
        same +=
          (level[t] - mean) * (level[t - 1] - mean) / power / (clips * (T - 1));
      }
    }
  }
  double chi = 0.0;
  for (int k = 1; k <= K; ++k) {
    const double want = (double)clips * T / K;
    chi += (count[k] - want) * (count[k] - want) / want;
  }
  CHECK(count[0] == 0.0 && chi < 112.0);
  CHECK(fabs(same) < 0.01);
  CHECK(fabs(across) < 4.0 / sqrt(clips)); // four standard errors
}

/// One common level a block, uniform; blocks of one clip differ.
static void
test_common(void)
{
  const df_pattern_config config = {0.0, 0.0, 0.0, 0.2, 0.0, 0.0};
  df_rng                  rng    = df_rng_make(2U, 0U, 0U);
  int                     context[T];
  int                     level[T];
  float                   mask[T];
  int                     differ = 0;
  for (int i = 0; i < 500; ++i) {
    df_pattern_draw(&config, &rng, K, T, H, context, level, mask);
    for (int t = 0; t < T; ++t) {
      CHECK(level[t] == level[t / H * H]);
    }
    differ += level[0] != level[H];
  }
  CHECK(differ > 450);
}

/// A pyramid block rises by about K / W a token, W in H/2..2H.
static void
test_pyramid(void)
{
  const df_pattern_config config = {1.0, 0.0, 0.0, 0.2, 0.0, 0.0};
  df_rng                  rng    = df_rng_make(3U, 0U, 0U);
  int                     context[T];
  int                     level[T];
  float                   mask[T];
  double                  first = 0.0;
  for (int i = 0; i < 1000; ++i) {
    df_pattern_draw(&config, &rng, K, T, H, context, level, mask);
    for (int t = 0; t < T; t += H) {
      first += level[t] / 4000.0;
      CHECK(level[t] >= 1 && level[t] <= 2 * K / H);
      for (int j = 1; j < H; ++j) {
        const int rise = level[t + j] - level[t + j - 1];
        CHECK(rise >= 0 && rise <= 2 * K / H + 1);
        CHECK(rise >= K / (2 * H) - 1 || level[t + j] == K);
      }
      CHECK(level[t + H - 1] >= K * (H - 1) / (2 * H));
    }
  }
  // Mean of K u / W with ceil: K/2 / H mean of 1/w (w in .5..2: .924) + .5
  CHECK_NEAR(first, K * 0.5 / H * 0.9242 + 0.5, 0.1);
}

/// The mixture's shares are those asked for, known stretches stand at the right
/// end at level 0 without loss, and dropped contexts are all noise.
static void
test_mixture(void)
{
  enum { clips = 8000 };
  const df_pattern_config config = df_pattern_config_default();
  df_rng                  rng    = df_rng_make(4U, 0U, 0U);
  int                     context[T];
  int                     level[T];
  float                   mask[T];
  double                  known  = 0.0;
  double                  none   = 0.0;
  double                  each   = 0.0;
  double                  common = 0.0;
  double                  whole  = 0.0;
  for (int i = 0; i < clips; ++i) {
    df_pattern_draw(&config, &rng, K, T, H, context, level, mask);
    bool varies = false;
    for (int t = 0; t < T; ++t) {
      CHECK((mask[t] == 0.0f) == (level[t] == 0));
      CHECK(level[t] >= 0 && level[t] <= K);
      CHECK(context[t] == K || (context[t] >= 0 && context[t] <= 12));
      CHECK((context[t] == K) == (context[0] == K));
      varies = varies || context[t] != context[0];
    }
    none += context[0] == K ? 1.0 / clips : 0.0;
    each += varies ? 1.0 / clips : 0.0;
    for (int t = 0; t < T; t += H) {
      CHECK(mask[t] == 1.0f); // something is left to learn
      for (int j = 1; j < H; ++j) {
        CHECK(mask[t + j] <= mask[t + j - 1]);
      }
      known += mask[t + H - 1] == 0.0f ? 0.25 / clips : 0.0;
      if (mask[t + H - 1] > 0.0f) {
        bool same = true;
        for (int j = 1; j < H; ++j) {
          same = same && level[t + j] == level[t];
        }
        whole += 1.0;
        common += same ? 1.0 : 0.0;
      }
    }
  }
  // Four standard errors of a share
  CHECK_NEAR(known, 0.4, 4.0 * sqrt(0.24 / (4.0 * clips)));
  CHECK_NEAR(none, 0.1, 4.0 * sqrt(0.09 / clips));
  CHECK_NEAR(each, 0.9 / 3.0, 4.0 * sqrt(0.21 / clips));
  CHECK_NEAR(common / whole, 0.3, 4.0 * sqrt(0.21 / whole));
}

/// The same generator gives the same levels.
static void
test_deterministic(void)
{
  const df_pattern_config config = df_pattern_config_default();
  int                     context[2][T];
  int                     level[2][T];
  float                   mask[2][T];
  for (int i = 0; i < 2; ++i) {
    df_rng rng = df_rng_make(9U, 8U, 7U);
    df_pattern_draw(&config, &rng, K, T, H, context[i], level[i], mask[i]);
  }
  CHECK(!memcmp(context[0], context[1], sizeof(context[0])));
  CHECK(!memcmp(level[0], level[1], sizeof(level[0])));
  CHECK(!memcmp(mask[0], mask[1], sizeof(mask[0])));
}

int
main(void)
{
  test_independent();
  test_common();
  test_pyramid();
  test_mixture();
  test_deterministic();
  return 0;
}
