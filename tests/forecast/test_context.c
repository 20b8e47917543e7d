#include "core/forecast/context.h"

#include "tests/check.h"

#include <string.h>

enum { K = 64, WIDTH = 3 };

/// The level says how much is unknown, as nearly as levels can, and rises with
/// it: nothing at 0, all at K.
static void
test_level(const df_schedule* const s)
{
  int last = 0;
  CHECK(df_context_level(s, 0.0) == 0);
  CHECK(df_context_level(s, 1.0) == K);
  for (int i = 0; i <= 1000; ++i) {
    const double u     = i / 1000.0;
    const int    level = df_context_level(s, u);
    const double off   = fabs(1.0 - df_schedule_abar(s, level) - u);
    CHECK(level >= last);
    for (int k = 0; k <= K; ++k) {
      CHECK(off <= fabs(1.0 - df_schedule_abar(s, k) - u) + 1e-12);
    }
    last = level;
  }
}

/// The Wiener estimate of a token, a z, is the factors that it came from; at 0
/// the token is these bits, at K it says nothing.
static void
test_token(const df_schedule* const s)
{
  for (int level = 0; level <= K; ++level) {
    const float a        = (float)df_schedule_signal(s, level);
    const float f[WIDTH] = {0.7f * a, -1.3f * a, 0.0f};
    float       z[WIDTH];
    df_context_token(s, level, WIDTH, f, z);
    for (int j = 0; j < WIDTH; ++j) {
      CHECK_NEAR(a * z[j], f[j], 1e-6);
      CHECK(level != K || (z[j] <= 0.0f && z[j] >= 0.0f));
    }
    CHECK(level || !memcmp(z, f, sizeof(f)));
  }
  const float far[WIDTH] = {20.0f, -20.0f, 1.0f};
  float       z[WIDTH];
  df_context_token(s, K / 2, WIDTH, far, z);
  CHECK(z[0] <= 8.0f && z[1] >= -8.0f);
}

int
main(void)
{
  static unsigned char     memory[16384];
  df_arena                 arena    = {memory, sizeof(memory), 0U, false};
  const df_schedule*       schedule = NULL;
  const df_schedule_config angle    = {DF_SCHEDULE_ANGLE, K, 1.0, false};
  CHECK(df_schedule_make(&arena, &angle, &schedule) == DF_OK);
  test_level(schedule);
  test_token(schedule);
  return 0;
}
