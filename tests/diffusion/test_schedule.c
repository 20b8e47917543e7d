#include "core/diffusion/schedule.h"

#include "tests/check.h"
#include "tests/diffusion/oracle.h"
#include "tests/golden/diffusion.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const df_schedule_kind kinds[] = {DF_SCHEDULE_LINEAR,
                                         DF_SCHEDULE_COSINE,
                                         DF_SCHEDULE_SIGMOID};

/// Invariant 1: the tables of the papers' schedules, at the index they call k,
/// which is our level k + 1.  Constants computed twice, elsewhere.
static void
test_published_tables(void)
{
  static const struct {
    int    k;
    double abar[3];
  } want[] = {
    {0, {0.9999, 0.999958716, 0.999699721}},
    {9, {0.998105205, 0.999368718, 0.996922714}},
    {14, {0.996414367, 0.998871164, 0.995320587}},
    {19, {0.994230952, 0.998252486, 0.993674778}},
    {99, {0.897018146, 0.972092737, 0.960507217}},
    {249, {0.524085374, 0.847012161, 0.850853548}},
    {499, {0.0785872429, 0.49384359, 0.5}},
    {749, {0.00335055044, 0.144272102, 0.149146452}},
    {999, {4.03582977e-05, 2.42876691e-09, 3.002792e-07}},
  };
  df_arena arena = oracle_arena();
  for (int i = 0; i < 3; ++i) {
    const df_schedule* const s = oracle_schedule(&arena, kinds[i], 1000);
    for (size_t j = 0; j < COUNT(want); ++j) {
      const double abar = want[j].abar[i];
      // Nine digits are printed: at most 5e-9 of it
      CHECK_NEAR(df_schedule_abar(s, want[j].k + 1), abar, 5e-9 * abar);
    }
  }
  df_arena_free(&arena);
}

/// Invariant 1 again, against the NumPy reference, other K included.
static void
test_reference_tables(void)
{
  df_arena arena = oracle_arena();
  for (int K = 1000; K >= 50; K -= 950) {
    const double(*const golden)[5] =
      K == 1000 ? golden_abar_1000 : golden_abar_50;
    const size_t rows =
      K == 1000 ? COUNT(golden_abar_1000) : COUNT(golden_abar_50);
    for (int i = 0; i < 4; ++i) {
      const df_schedule_config config = {
        i < 3 ? kinds[i] : DF_SCHEDULE_LINEAR, K, 0.5, i == 3};
      const df_schedule* s = NULL;
      CHECK(df_schedule_make(&arena, &config, &s) == DF_OK);
      for (size_t j = 0; j < rows; ++j) {
        const int level = (int)golden[j][0] + 1;
        CHECK_NEAR(df_schedule_abar(s, level), golden[j][i + 1], 1e-12);
      }
      if (config.zero_terminal) {
        CHECK(df_schedule_abar(s, K) == 0.0);
      }
    }
  }
  df_arena_free(&arena);
}

/// Where the signal-to-noise ratio passes 5 and 1.
static void
test_snr_crossings(void)
{
  static const int above5[3] = {129, 260, 266}; // last index
  static const int below1[3] = {259, 496, 500}; // first index
  df_arena         arena     = oracle_arena();
  for (int i = 0; i < 3; ++i) {
    const df_schedule* const s = oracle_schedule(&arena, kinds[i], 1000);
    CHECK(df_schedule_snr(s, above5[i] + 1) >= 5.0);
    CHECK(df_schedule_snr(s, above5[i] + 2) < 5.0);
    // sigmoid reaches exactly 1 at index 499, to rounding
    CHECK(df_schedule_snr(s, below1[i] + 1) < 1.0);
    CHECK(df_schedule_snr(s, below1[i]) > 1.0 - 1e-12);
    CHECK(isinf(df_schedule_snr(s, 0)));
  }
  df_arena_free(&arena);
}

/// The angle schedule is the recipe's, and exact at both ends.
static void
test_angle(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, 64);
  for (size_t j = 0; j < COUNT(golden_angle); ++j) {
    const int k = (int)golden_angle[j][0];
    CHECK_NEAR(df_schedule_signal(s, k), golden_angle[j][1], 1e-15);
    CHECK_NEAR(df_schedule_noise(s, k), golden_angle[j][2], 1e-15);
  }
  CHECK(df_schedule_signal(s, 0) == 1.0 && df_schedule_noise(s, 0) == 0.0);
  CHECK(df_schedule_signal(s, 64) == 0.0 && df_schedule_noise(s, 64) == 1.0);
  df_arena_free(&arena);
}

/// Every schedule starts clean, keeps power, and falls strictly.
static void
test_laws(void)
{
  df_arena arena = oracle_arena();
  for (int kind = 0; kind <= DF_SCHEDULE_ANGLE; ++kind) {
    for (int zero = 0; zero < 2; ++zero) {
      for (int K = 1; K <= 4096; K = K * 3 + 1) {
        const df_schedule_config config = {
          (df_schedule_kind)kind, K, 0.5, zero != 0};
        const df_schedule* s = NULL;
        CHECK(df_schedule_make(&arena, &config, &s) == DF_OK);
        CHECK(df_schedule_levels(s) == K);
        CHECK(df_schedule_abar(s, 0) == 1.0);
        for (int k = 1; k <= K; ++k) {
          const double a = df_schedule_signal(s, k);
          const double b = df_schedule_noise(s, k);
          CHECK(df_schedule_abar(s, k) < df_schedule_abar(s, k - 1));
          CHECK(df_schedule_abar(s, k) >= 0.0);
          CHECK_NEAR(a * a + b * b, 1.0, 1e-15);
          CHECK_NEAR(a * a, df_schedule_abar(s, k), 1e-15);
        }
      }
    }
  }
  df_arena_free(&arena);
}

/// Senseless configs and full arenas are told, and measuring takes nothing.
static void
test_refusals(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule*       s     = NULL;
  const df_schedule_config bad[] = {{DF_SCHEDULE_COSINE, 0, 0.5, false},
                                    {DF_SCHEDULE_COSINE, 4097, 0.5, false},
                                    {DF_SCHEDULE_ANGLE, 64, 0.0, false},
                                    {DF_SCHEDULE_ANGLE, 64, NAN, false},
                                    {(df_schedule_kind)4, 64, 0.5, false}};
  for (size_t i = 0; i < COUNT(bad); ++i) {
    CHECK(df_schedule_make(&arena, &bad[i], &s) == DF_E_ARG && !s);
  }
  df_arena_free(&arena);

  const df_schedule_config good    = {DF_SCHEDULE_ANGLE, 64, 0.5, false};
  df_arena                 measure = {NULL, 0U, 0U, false};
  CHECK(df_schedule_make(&measure, &good, &s) == DF_OK && !s);
  const size_t need = measure.used;
  CHECK(df_arena_allocate(&measure) == DF_OK);
  measure.size = need / 2U;
  CHECK(df_schedule_make(&measure, &good, &s) == DF_E_NOMEM && !s);
  df_arena_free(&measure);
}

int
main(void)
{
  test_published_tables();
  test_reference_tables();
  test_snr_crossings();
  test_angle();
  test_laws();
  test_refusals();
  return 0;
}
