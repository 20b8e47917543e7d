#include "tests/check.h"

#include "core/nn/params.h"

#include <string.h>

/// Tensors lie one after another, and matrices alone decay.
static void
test_layout(void)
{
  df_params p = {.count = 0, .total = 0U};
  CHECK(df_params_add(&p, "a", 3, 0, 0, DF_INIT_ONE, 0.0) == 0U);
  CHECK(df_params_add(&p, "b", 3, 4, 0, DF_INIT_NORMAL, 0.5) == 3U);
  CHECK(df_params_add(&p, "c", 2, 3, 4, DF_INIT_ZERO, 0.0) == 15U);
  CHECK(p.total == 39U && p.count == 3);
  CHECK(p.list[0].rank == 1 && p.list[1].rank == 2 && p.list[2].rank == 3);
  CHECK(!p.list[0].decay && p.list[1].decay && p.list[2].decay);
  CHECK(df_params_find(&p, "b") == &p.list[1]);
  CHECK(!df_params_find(&p, "B"));
}

/// Starting values have the spread asked for, and depend on the seed alone.
static void
test_init(void)
{
  df_params p = {.count = 0, .total = 0U};
  (void)df_params_add(&p, "one", 5, 0, 0, DF_INIT_ONE, 0.0);
  (void)df_params_add(&p, "normal", 100, 99, 0, DF_INIT_NORMAL, 0.5);
  (void)df_params_add(&p, "zero", 5, 0, 0, DF_INIT_ZERO, 0.0);
  df_real* const x = (df_real*)malloc(2U * p.total * sizeof(df_real));
  CHECK(x);
  df_real* const y = x + p.total;
  df_params_init(&p, 1U, x);
  df_params_init(&p, 1U, y);
  CHECK(!memcmp(x, y, p.total * sizeof(df_real)));
  df_params_init(&p, 2U, y);
  CHECK(memcmp(x, y, p.total * sizeof(df_real)));
  double mean = 0.0;
  double var  = 0.0;
  for (size_t i = 5U; i < 9905U; ++i) {
    mean += (double)x[i] / 9900.0;
    var += (double)(x[i] * x[i]) / 9900.0;
  }
  // Four standard errors of 9900 draws
  CHECK_NEAR(mean, 0.0, 4.0 * 0.5 / 99.5);
  CHECK_NEAR(var, 0.25, 4.0 * 0.25 * 1.4143 / 99.5);
  for (size_t i = 0U; i < 5U; ++i) {
    CHECK(x[i] == 1 && x[9905U + i] == 0);
  }
  free(x);
}

int
main(void)
{
  test_layout();
  test_init();
  return 0;
}
