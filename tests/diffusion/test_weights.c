#include "core/diffusion/weights.h"

#include "core/base/rng.h"
#include "tests/check.h"
#include "tests/diffusion/oracle.h"

#include <math.h>

static const df_objective objectives[] = {DF_PREDICT_NOISE,
                                          DF_PREDICT_X0,
                                          DF_PREDICT_V};

/// The min-SNR table, written out.
static double
min_snr(const df_objective objective, const double snr)
{
  const double least = fmin(snr, 5.0);
  return objective == DF_PREDICT_NOISE ? least / snr
         : objective == DF_PREDICT_X0  ? least
                                       : least / (snr + 1.0);
}

/// Invariant 14: the first token's fused weight is the min-SNR weight, and so
/// is every token's when gamma is 0.
static void
test_fused_without_past(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule* const s =
    oracle_schedule(&arena, DF_SCHEDULE_COSINE, 1000);
  for (int o = 0; o < 3; ++o) {
    df_weight_config config = {objectives[o], 5.0, 0.7};
    for (int k = 1; k <= 1000; ++k) {
      const double snr  = df_schedule_snr(s, k);
      const double want = min_snr(objectives[o], snr);
      CHECK_NEAR(df_weight_fused(&config, snr, 0.0), want, 1e-12);
      CHECK(df_weight_min_snr(&config, snr) ==
            df_weight_fused(&config, snr, 0.0));
    }
    enum { T = 100 };
    int    level[T];
    float  weight[T];
    df_rng rng   = df_rng_make(1U, 0U, (uint64_t)o);
    config.gamma = 0.0;
    for (int t = 0; t < T; ++t) {
      level[t] = 1 + (int)df_rng_below(&rng, 1000U);
    }
    df_weight_sequence(&config, s, level, weight, T);
    for (int t = 0; t < T; ++t) {
      const double want = min_snr(objectives[o], df_schedule_snr(s, level[t]));
      CHECK_NEAR(weight[t], want, 1e-6);
    }
  }
  df_arena_free(&arena);
}

/// Invariant 14: clean pasts and presents weigh exactly C on x0, and all
/// weights stay in their ranges.
static void
test_fused_ranges(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule* const s =
    oracle_schedule(&arena, DF_SCHEDULE_LINEAR, 1000);
  const double most[3] = {1.0, 5.0, 5.0 / 6.0};
  df_rng       rng     = df_rng_make(2U, 0U, 0U);
  for (int o = 0; o < 3; ++o) {
    for (int i = 0; i < 20000; ++i) {
      const df_weight_config config = {
        objectives[o], 5.0, df_rng_uniform(&rng)};
      const double past  = df_rng_uniform(&rng);
      const int    level = 1 + (int)df_rng_below(&rng, 1000U);
      const double w =
        df_weight_fused(&config, df_schedule_snr(s, level), past);
      CHECK(w > 0.0 && w <= most[o] + 1e-12);
    }
    // The ends: exactly clean, and no signal at all
    const df_weight_config config = {objectives[o], 5.0, 0.5};
    CHECK(df_weight_min_snr(&config, (double)INFINITY) ==
          (objectives[o] == DF_PREDICT_X0 ? 5.0 : 0.0));
    CHECK(df_weight_min_snr(&config, 0.0) ==
          (objectives[o] == DF_PREDICT_NOISE ? 1.0 : 0.0));
  }
  const df_weight_config config   = {DF_PREDICT_X0, 5.0, 0.4096};
  const int              clean[4] = {0, 1, 2, 3}; // SNR far above 5
  float                  weight[4];
  df_weight_sequence(&config, s, clean, weight, 4);
  for (int t = 0; t < 4; ++t) {
    CHECK(weight[t] == 5.0f);
  }
  df_arena_free(&arena);
}

/// Invariant 14: the published examples, a noisy token after a clean past.
static void
test_fused_examples(void)
{
  const double snr = 0.005; // S = R = 0.001
  for (int o = 0; o < 3; ++o) {
    static const double    want[3] = {1.0, 2.05095, 0.67223};
    const df_weight_config config  = {objectives[o], 5.0, 0.4096};
    CHECK_NEAR(df_weight_fused(&config, snr, 1.0), want[o], 6e-6);
  }
  const df_weight_config x0 = {DF_PREDICT_X0, 5.0, 0.7214};
  const df_weight_config v  = {DF_PREDICT_V, 5.0, 0.7214};
  CHECK_NEAR(df_weight_fused(&x0, snr, 1.0), 3.60839, 6e-6);
  CHECK_NEAR(df_weight_fused(&v, snr, 1.0), 0.78300, 6e-6);
}

/// The running mean of the past is that of its definition.
static void
test_fused_memory(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule* const s =
    oracle_schedule(&arena, DF_SCHEDULE_COSINE, 1000);
  const df_weight_config config   = {DF_PREDICT_X0, 5.0, 0.6};
  const int              level[4] = {400, 700, 10, 900};
  float                  weight[4];
  double                 S[4];
  for (int t = 0; t < 4; ++t) {
    S[t] = fmin(df_schedule_snr(s, level[t]), 5.0) / 5.0;
  }
  const double A1 = S[0];
  const double A2 = 0.6 * A1 + 0.4 * S[1];
  const double A3 = 0.6 * A2 + 0.4 * S[2];
  df_weight_sequence(&config, s, level, weight, 4);
  CHECK_NEAR(weight[0], 5.0 * S[0], 1e-6);
  CHECK_NEAR(weight[1], 5.0 * (1.0 - (1.0 - 0.6 * A1) * (1.0 - S[1])), 1e-6);
  CHECK_NEAR(weight[2], 5.0 * (1.0 - (1.0 - 0.6 * A2) * (1.0 - S[2])), 1e-6);
  CHECK_NEAR(weight[3], 5.0 * (1.0 - (1.0 - 0.6 * A3) * (1.0 - S[3])), 1e-6);
  df_arena_free(&arena);
}

/// Invariant 15: mean min-SNR weights over the published schedules.
static void
test_means(void)
{
  static const double want[3][3] = {{0.9131, 1.0497, 0.1919},
                                    {0.8240, 2.0040, 0.3261},
                                    {0.8323, 2.0391, 0.3393}};
  df_arena            arena      = oracle_arena();
  for (int kind = 0; kind < 3; ++kind) {
    const df_schedule* const s =
      oracle_schedule(&arena, (df_schedule_kind)kind, 1000);
    for (int o = 0; o < 3; ++o) {
      const df_weight_config config = {objectives[o], 5.0, 0.0};
      double                 mean   = 0.0;
      for (int k = 1; k <= 1000; ++k) {
        mean += df_weight_min_snr(&config, df_schedule_snr(s, k)) / 1000.0;
      }
      CHECK_NEAR(mean, want[kind][o], 6e-5); // four digits are printed
    }
  }
  df_arena_free(&arena);
}

/// The recipe's weight, min(1, 5 s^2) of the error over s^2, and one that goes
/// on for longer.
static void
test_wiener_weight(void)
{
  for (int i = 1; i <= 100; ++i) {
    const double s  = i / 100.0;
    const double s2 = s * s;
    CHECK_NEAR(df_weight_wiener(s, 5.0), fmin(1.0, 5.0 * s2) / s2, 1e-12);
    CHECK_NEAR(df_weight_wiener(s, 60.0), fmin(1.0, 60.0 * s2) / s2, 1e-12);
  }
  CHECK_NEAR(df_weight_wiener(0.0, 5.0), 5.0, 1e-12);
}

int
main(void)
{
  test_fused_without_past();
  test_fused_ranges();
  test_fused_examples();
  test_fused_memory();
  test_means();
  test_wiener_weight();
  return 0;
}
