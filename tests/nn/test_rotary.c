#include "tests/golden/nn.h"
#include "tests/nn/gradient.h"
#include "tests/nn/wave.h"

#include "core/nn/rotary.h"

enum { T = 5, HEADS = 2, D = 4, WIDE = HEADS * D };

/// Same numbers as turning complex numbers.
static void
test_golden(void)
{
  df_real table[T * D];
  df_real x[T * WIDE];
  df_rotary_table(T, D, table);
  wave(1.0, x, T * WIDE);
  df_rotary(NULL, T, T, HEADS, D, table, false, 1, x, WIDE);
  for (size_t i = 0U; i < COUNT(golden_rotary); ++i) {
    CHECK_NEAR(x[i], golden_rotary[i], 1e-12);
  }
}

/// Turning back undoes turning, and the factor multiplies.
static void
test_back_undoes(void)
{
  df_real table[T * D];
  df_real x[2 * T * WIDE];
  df_real y[2 * T * WIDE];
  df_rotary_table(T, D, table);
  wave(2.0, x, 2 * T * WIDE);
  wave(2.0, y, 2 * T * WIDE);
  df_rotary(NULL, 2 * T, T, HEADS, D, table, false, 3, y, WIDE);
  df_rotary(NULL, 2 * T, T, HEADS, D, table, true, 1, y, WIDE);
  for (int i = 0; i < 2 * T * WIDE; ++i) {
    CHECK_NEAR(y[i], 3 * x[i], 1e-12);
  }
}

/// A product of two turned heads depends on their distance alone.
static void
test_products_know_only_distance(void)
{
  df_real table[T * D];
  df_real q[T * WIDE];
  df_real k[T * WIDE];
  df_rotary_table(T, D, table);
  for (int t = 0; t < T; ++t) {
    wave(4.0, q + t * WIDE, WIDE);
    wave(5.0, k + t * WIDE, WIDE);
  }
  df_rotary(NULL, T, T, HEADS, D, table, false, 1, q, WIDE);
  df_rotary(NULL, T, T, HEADS, D, table, false, 1, k, WIDE);
  for (int t = 2; t + 1 < T; ++t) {
    double now  = 0.0;
    double then = 0.0;
    for (int i = 0; i < D; ++i) {
      now += (double)(q[t * WIDE + i] * k[(t - 2) * WIDE + i]);
      then += (double)(q[(t + 1) * WIDE + i] * k[(t - 1) * WIDE + i]);
    }
    CHECK_NEAR(now, then, 1e-12);
  }
}

int
main(void)
{
  test_golden();
  test_back_undoes();
  test_products_know_only_distance();
  return 0;
}
