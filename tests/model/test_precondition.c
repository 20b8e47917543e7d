#include "tests/check.h"

#include "core/diffusion/schedule.h"
#include "core/model/precondition.h"

/// Signal falls, noise rises, power stays one; the ends are exact.
static void
test_levels(void)
{
  const df_model_config c = df_model_config_default(DF_BACKBONE_GRU, 3);
  double                a = 0.0;
  double                s = 0.0;
  df_schedule_angle((double)c.shift, c.levels, 0, &a, &s);
  CHECK(a == 1.0 && s == 0.0);
  double before = s / a;
  for (int k = 1; k < 64; ++k) {
    df_schedule_angle((double)c.shift, c.levels, k, &a, &s);
    CHECK_NEAR(a * a + s * s, 1.0, 1e-15);
    // Noise to signal is a tangent, twice as steep for a shift of a half
    CHECK_NEAR(s / a, 2.0 * tan(0.5 * M_PI * k / 64), 1e-13 * s / a);
    CHECK(s / a > before);
    before = s / a;
  }
  df_schedule_angle((double)c.shift, c.levels, 64, &a, &s);
  CHECK(a == 0.0 && s == 1.0);
}

/// Level 0 returns its input, level K the prior; between, z's share and the
/// net's keep the variance q of a Gaussian token.
static void
test_tables(void)
{
  const df_model_config c    = df_model_config_default(DF_BACKBONE_GRU, 3);
  const float           q[3] = {0.01f, 1.0f, 7.0f};
  df_real               skip[65 * 3];
  df_real               gain[65 * 3];
  df_precondition_tables(&c, q, skip, gain);
  for (int i = 0; i < 3; ++i) {
    CHECK(skip[i] == 1 && gain[i] == 0);
    CHECK(skip[64 * 3 + i] == 0);
    CHECK_NEAR(gain[64 * 3 + i], sqrt((double)q[i]), 1e-6);
  }
  for (int k = 0; k <= 64; ++k) {
    double a = 0.0;
    double s = 0.0;
    df_schedule_angle((double)c.shift, c.levels, k, &a, &s);
    for (int i = 0; i < 3; ++i) {
      const double z = a * a * (double)q[i] + s * s;
      const double w = (double)skip[k * 3 + i];
      const double g = (double)gain[k * 3 + i];
      CHECK_NEAR(w * w * z + g * g, (double)q[i], 1e-5 * (double)q[i]);
    }
  }
}

int
main(void)
{
  test_levels();
  test_tables();
  return 0;
}
