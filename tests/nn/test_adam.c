#include "tests/check.h"
#include "tests/golden/nn.h"
#include "tests/nn/wave.h"

#include "core/nn/adam.h"

#include <string.h>

enum { N = 10 };

static char memory[1 << 16];

// A matrix of six numbers, which decays, and a vector of four, which does not
static df_params
make_params(void)
{
  df_params p = {.count = 0, .total = 0U};
  CHECK(df_params_add(&p, "matrix", 2, 3, 0, DF_INIT_ZERO, 0.0) == 0U);
  CHECK(df_params_add(&p, "vector", 4, 0, 0, DF_INIT_ZERO, 0.0) == 6U);
  return p;
}

static const df_adam_config config = {1e-2, 0.9, 0.98, 1e-8, 0.1, 1.0, 0.5, 0.95};

/// Three steps, the first clipped, give the reference's weights and average.
static void
test_golden(void)
{
  const df_params p     = make_params();
  df_arena        arena = {memory, sizeof(memory), 0U, false};
  df_real         theta[N];
  df_real         grad[N];
  df_adam*        adam = NULL;
  wave(1.0, theta, N);
  CHECK(!df_adam_make(&arena, &p, theta, &adam));
  for (int n = 0; n < 3; ++n) {
    wave(2.0 + n, grad, N);
    for (int i = 0; i < N; ++i) {
      grad[i] *= n == 0 ? 10 : 1;
      grad[i] /= n == 1 ? 10 : 1;
    }
    const double length = df_adam_step(adam, NULL, &config, &p, theta, grad);
    CHECK(n != 0 || length > 10.0);
  }
  CHECK(adam->steps == 3);
  for (int i = 0; i < N; ++i) {
    CHECK_NEAR(theta[i], golden_adam_theta[i], 1e-12);
    CHECK_NEAR(adam->average[i], golden_adam_average[i], 1e-12);
  }
}

/// A gradient that is not finite changes nothing.
static void
test_nan_is_skipped(void)
{
  const df_params p     = make_params();
  df_arena        arena = {memory, sizeof(memory), 0U, false};
  df_real         theta[N];
  df_real         kept[N];
  df_real         grad[N];
  df_adam*        adam = NULL;
  wave(1.0, theta, N);
  wave(2.0, grad, N);
  CHECK(!df_adam_make(&arena, &p, theta, &adam));
  memcpy(kept, theta, sizeof(theta));
  grad[7] = (df_real)NAN;
  CHECK(isnan(df_adam_step(adam, NULL, &config, &p, theta, grad)));
  CHECK(adam->steps == 0 && !memcmp(kept, theta, sizeof(theta)));
  CHECK(!memcmp(kept, adam->average, sizeof(theta)));
}

/// Descent: a quadratic's minimum is found from far away.
static void
test_descends(void)
{
  const df_params p     = make_params();
  df_arena        arena = {memory, sizeof(memory), 0U, false};
  df_real         theta[N];
  df_real         grad[N];
  df_adam*        adam = NULL;
  wave(1.0, theta, N);
  CHECK(!df_adam_make(&arena, &p, theta, &adam));
  df_adam_config c = config;
  c.decay          = 0.0;
  for (int n = 0; n < 2000; ++n) {
    for (int i = 0; i < N; ++i) {
      grad[i] = theta[i] - 3;
    }
    (void)df_adam_step(adam, NULL, &c, &p, theta, grad);
  }
  for (int i = 0; i < N; ++i) {
    CHECK_NEAR(theta[i], 3.0, 1e-3);
    CHECK_NEAR(adam->average[i], 3.0, 1e-3);
  }
}

/// Too little memory is said.
static void
test_make_refuses(void)
{
  const df_params p        = make_params();
  df_arena        arena    = {memory, 100U, 0U, false};
  const df_real   theta[N] = {0};
  df_adam*        adam     = NULL;
  CHECK(df_adam_make(&arena, &p, theta, &adam) == DF_E_NOMEM && !adam);
  arena = (df_arena){NULL, 0U, 0U, false};
  CHECK(df_adam_make(&arena, &p, theta, &adam) == DF_OK && !adam);
  CHECK(arena.used >= 3U * N * sizeof(df_real));
}

int
main(void)
{
  test_golden();
  test_nan_is_skipped();
  test_descends();
  test_make_refuses();
  return 0;
}
