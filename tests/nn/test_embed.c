#include "tests/check.h"
#include "tests/golden/nn.h"
#include "tests/nn/wave.h"

#include "core/nn/embed.h"

/// Same numbers as the reference.
static void
test_golden(void)
{
  df_real e[9 * DF_EMBED];
  df_embed_levels(8, e);
  for (size_t i = 0U; i < COUNT(golden_embed); ++i) {
    CHECK_NEAR(e[i], golden_embed[i], 1e-6); // also built in float
  }
}

/// No two levels look alike.
static void
test_levels_differ(void)
{
  df_real e[65 * DF_EMBED];
  df_embed_levels(64, e);
  for (int a = 0; a < 65; ++a) {
    for (int b = 0; b < a; ++b) {
      double apart = 0.0;
      for (int i = 0; i < DF_EMBED; ++i) {
        const double by = (double)(e[a * DF_EMBED + i] - e[b * DF_EMBED + i]);
        apart += by * by;
      }
      CHECK(apart > 0.1);
    }
  }
}

int
main(void)
{
  test_golden();
  test_levels_differ();
  return 0;
}
