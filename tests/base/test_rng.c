#include "core/base/rng.h"

#include "tests/check.h"

#include <stdlib.h>

/// The same seed, stream and index give the same draws; another, others.
static void
test_keys(void)
{
  df_rng a = df_rng_make(1U, 2U, 3U);
  df_rng b = df_rng_make(1U, 2U, 3U);
  df_rng c = df_rng_make(1U, 3U, 2U);
  for (int i = 0; i < 100; ++i) {
    const uint64_t x = df_rng_bits(&a);
    CHECK(x == df_rng_bits(&b));
    CHECK(x != df_rng_bits(&c));
  }
}

/// Normal draws have the moments of N(0, 1) and neighbouring keys do not
/// correlate.  Tolerances are four standard errors.
static void
test_normal(void)
{
  enum { n = 400000 };
  float* const x = (float*)calloc(2U * n, sizeof(float));
  CHECK(x);
  df_rng a = df_rng_make(7U, 0U, 0U);
  df_rng b = df_rng_make(7U, 0U, 1U);
  df_rng_normal(&a, x, n);
  df_rng_normal(&b, x + n, n);
  double m1 = 0.0;
  double m2 = 0.0;
  double m4 = 0.0;
  double xy = 0.0;
  for (int i = 0; i < n; ++i) {
    const double v = (double)x[i];
    m1 += v / n;
    m2 += v * v / n;
    m4 += v * v * v * v / n;
    xy += v * (double)x[n + i] / n;
  }
  const double error = 4.0 / sqrt((double)n);
  CHECK_NEAR(m1, 0.0, error);
  CHECK_NEAR(m2, 1.0, error * sqrt(2.0));
  CHECK_NEAR(m4, 3.0, error * sqrt(96.0));
  CHECK_NEAR(xy, 0.0, error);
  free(x);
}

/// Integers below n are uniform (chi-square, 9 degrees, 99.99 % point 33.7).
static void
test_below(void)
{
  df_rng rng        = df_rng_make(5U, 5U, 5U);
  int    counts[10] = {0};
  for (int i = 0; i < 100000; ++i) {
    const uint32_t v = df_rng_below(&rng, 10U);
    CHECK(v < 10U);
    ++counts[v];
  }
  double chi = 0.0;
  for (int i = 0; i < 10; ++i) {
    const double d = counts[i] - 10000.0;
    chi += d * d / 10000.0;
  }
  CHECK(chi < 33.7);
}

int
main(void)
{
  test_keys();
  test_normal();
  test_below();
  return 0;
}
