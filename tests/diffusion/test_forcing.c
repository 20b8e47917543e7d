#include "core/diffusion/forcing.h"

#include "core/base/rng.h"
#include "tests/check.h"
#include "tests/diffusion/oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// Invariant 2: noising keeps the variance that the schedule says, and leaves
/// next to nothing of the signal at the last level.
static void
test_noise_moments(void)
{
  enum { n = 400000 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s =
    oracle_schedule(&arena, DF_SCHEDULE_LINEAR, 1000);
  float* const x = DF_TAKE(&arena, n, float);
  float* const e = DF_TAKE(&arena, n, float);
  float* const z = DF_TAKE(&arena, n, float);
  df_rng       a = df_rng_make(1U, 0U, 0U);
  df_rng       b = df_rng_make(1U, 1U, 0U);
  df_rng_normal(&a, x, n);
  df_rng_normal(&b, e, n);
  static const int    levels[] = {1, 250, 500, 1000};
  static const double scales[] = {1.0, 0.5}; // deviation of x
  for (int j = 0; j < 2; ++j) {
    for (int i = 0; i < n; ++i) {
      x[i] *= (float)scales[j];
    }
    for (int i = 0; i < 4; ++i) {
      df_forcing_noise(s, z, x, e, &levels[i], 1, 1, n);
      double zz = 0.0;
      double xx = 0.0;
      double xz = 0.0;
      for (int c = 0; c < n; ++c) {
        zz += (double)z[c] * (double)z[c] / n;
        xx += (double)x[c] * (double)x[c] / n;
        xz += (double)x[c] * (double)z[c] / n;
      }
      const double abar = df_schedule_abar(s, levels[i]);
      const double want = abar * scales[j] * scales[j] + 1.0 - abar;
      CHECK_NEAR(zz / want, 1.0, 4.0 * sqrt(2.0 / n)); // four standard errors
      if (levels[i] == 1000) {
        CHECK(fabs(xz / sqrt(xx * zz)) < 1e-2); // 6.4e-3 plus 1.6e-3
      }
    }
  }
  df_arena_free(&arena);
}

/// Each token has its own level; level 0 copies bit for bit, also in place.
static void
test_noise_rows(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, 64);
  const float              x[8] = {1.f, -2.f, 3.f, .1f, 5.f, 6.f, -7.f, .3f};
  const float              e[8] = {.5f, .5f, -1.f, 1.f, 2.f, 1.f, 0.f, 1.f};
  const int                k[4] = {0, 64, 16, 0};
  float                    z[8];
  memcpy(z, x, sizeof(z));
  df_forcing_noise(s, z, z, e, k, 2, 2, 2);
  CHECK(!memcmp(z, x, 2 * sizeof(float)) && !memcmp(z + 6, x + 6, 8));
  CHECK(z[2] == e[2] && z[3] == e[3]); // nothing is left at K
  const double a = df_schedule_signal(s, 16);
  const double b = df_schedule_noise(s, 16);
  CHECK_NEAR(z[4], a * 5.0 + b * 2.0, 1e-6);
  CHECK_NEAR(z[5], a * 6.0 + b, 1e-6);
  df_arena_free(&arena);
}

/// Invariant 3: from the target of any objective both x0 and noise come back,
/// at every level where the objective says anything.
static void
test_round_trips(void)
{
  df_arena arena = oracle_arena();
  for (int kind = 0; kind <= DF_SCHEDULE_ANGLE; ++kind) {
    const df_schedule* const s =
      oracle_schedule(&arena, (df_schedule_kind)kind, 1000);
    for (int k = 0; k <= 1000; ++k) {
      enum { C = 8 };
      float  x[C];
      float  e[C];
      float  z[C];
      float  m[C];
      float  x_back[C];
      float  e_back[C];
      float  q[C];
      df_rng rng = df_rng_make(3U, (uint64_t)kind, (uint64_t)k);
      df_rng_normal(&rng, x, C);
      df_rng_normal(&rng, e, C);
      for (int c = 0; c < C; ++c) {
        q[c] = 0.1f * (float)(c + 1);
      }
      df_forcing_noise(s, z, x, e, &k, 1, 1, C);
      const double a = df_schedule_signal(s, k);
      const double b = df_schedule_noise(s, k);
      for (int o = 0; o <= DF_PREDICT_WIENER; ++o) {
        const df_objective objective = (df_objective)o;
        df_forcing_target(s, objective, m, x, e, q, k, C);
        df_forcing_x0(s, objective, x_back, m, z, q, k, C);
        df_forcing_eps(s, objective, e_back, m, z, q, k, C);
        // z is rounded to float: 2^-24 of it comes back as x0 over a, or as
        // noise over s
        const double x_slack = o == DF_PREDICT_NOISE ? 1e-6 / a : 1e-5;
        const double e_slack =
          o == DF_PREDICT_X0 || o == DF_PREDICT_WIENER ? 1e-6 / b : 1e-5;
        for (int c = 0; c < C; ++c) {
          if (o != DF_PREDICT_NOISE || a > 0.0) {
            CHECK_NEAR(x_back[c], x[c], fmax(1e-5, x_slack));
          } else {
            CHECK(x_back[c] == 0.0f);
          }
          if (k > 0) {
            CHECK_NEAR(e_back[c], e[c], fmax(1e-5, e_slack));
          } else {
            CHECK(isfinite(e_back[c]));
          }
        }
      }
    }
  }
  df_arena_free(&arena);
}

/// The Wiener target has variance 1 at every noisy level, whatever q; and its
/// skip is the best linear estimate: what it misses does not correlate with z.
static void
test_wiener(void)
{
  enum { n = 100000 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, 64);
  float* const             x = DF_TAKE(&arena, n, float);
  float* const             e = DF_TAKE(&arena, n, float);
  float* const             z = DF_TAKE(&arena, n, float);
  float* const             m = DF_TAKE(&arena, n, float);
  float* const             q = DF_TAKE(&arena, n, float);
  for (int k = 1; k <= 64; k += 9) {
    for (int i = 0; i < 3; ++i) {
      const float power = (float)pow(10.0, i - 1);
      df_rng      rng   = df_rng_make(5U, (uint64_t)k, (uint64_t)i);
      df_rng_normal(&rng, x, n);
      df_rng_normal(&rng, e, n);
      for (int c = 0; c < n; ++c) {
        q[c] = power;
        x[c] *= sqrtf(power);
      }
      df_forcing_noise(s, z, x, e, &k, 1, 1, n);
      df_forcing_target(s, DF_PREDICT_WIENER, m, x, e, q, k, n);
      double mm = 0.0;
      double mz = 0.0;
      double zz = 0.0;
      for (int c = 0; c < n; ++c) {
        mm += (double)m[c] * (double)m[c] / n;
        mz += (double)m[c] * (double)z[c] / n;
        zz += (double)z[c] * (double)z[c] / n;
      }
      CHECK_NEAR(mm, 1.0, 4.0 * sqrt(2.0 / n)); // four standard errors
      CHECK_NEAR(mz / sqrt(mm * zz), 0.0, 4.0 / sqrt(n));
    }
  }
  double skip = -1.0;
  double gain = -1.0;
  df_wiener(1.0, 0.0, 0.3, &skip, &gain);
  CHECK(skip == 1.0 && gain == 0.0);
  df_wiener(0.0, 1.0, 0.25, &skip, &gain);
  CHECK(skip == 0.0 && gain == 0.5);
  df_arena_free(&arena);
}

int
main(void)
{
  test_noise_moments();
  test_noise_rows();
  test_round_trips();
  test_wiener();
  return 0;
}
