#include "core/diffusion/step.h"

#include "core/base/rng.h"
#include "core/diffusion/forcing.h"
#include "tests/check.h"
#include "tests/diffusion/oracle.h"
#include "tests/golden/diffusion.h"

#include <math.h>
#include <string.h>

enum { K = 64 };

/// Invariant 9: an unchanged level leaves the token as it is, bit for bit, and
/// level 0 gives the estimate itself.
static void
test_ends(void)
{
  enum { C = 5 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s    = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  const float              z[C] = {1.1f, -0.3f, 0.01f, 7.f, -0.f};
  const float              x[C] = {.3f, .1f, -.7f, 2.f, 1.f};
  const float              w[C] = {1.f, 1.f, 1.f, 1.f, 1.f};
  float                    at[C];
  for (int k = 1; k <= K; ++k) {
    for (int to = k; to >= 0; to -= k) {
      const float* const want = to ? z : x;
      memcpy(at, z, sizeof(z));
      df_step_ddim(s, k, to, 1.0, at, x, w, C);
      CHECK(!memcmp(at, want, sizeof(z)));
      memcpy(at, z, sizeof(z));
      df_step_ancestral(s, k, to, at, x, w, C);
      CHECK(!memcmp(at, want, sizeof(z)));
      memcpy(at, z, sizeof(z));
      df_step_multistep(s, K, k, to, at, x, w, C);
      CHECK(!memcmp(at, want, sizeof(z)));
    }
  }
  df_arena_free(&arena);
}

/// With the true x0 any step lands on the true marginal of its target level:
/// mean a' x0, variance s'^2, whatever eta up to 1.
static void
test_marginals(void)
{
  enum { C = 40000 };
  static const double      etas[] = {0.0, 0.5, 1.0, -1.0}; // -1: ancestral
  df_arena                 arena  = oracle_arena();
  float* const             x      = DF_TAKE(&arena, C, float);
  float* const             e      = DF_TAKE(&arena, C, float);
  float* const             w      = DF_TAKE(&arena, C, float);
  float* const             z      = DF_TAKE(&arena, C, float);
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  for (int c = 0; c < C; ++c) {
    x[c] = 0.7f;
  }
  for (int from = 8; from <= K; from += 28) {
    for (int to = 1; to < from; to += 9) {
      for (int i = 0; i < 4; ++i) {
        df_rng rng = df_rng_make(1U, (uint64_t)(from * 100 + to), (uint64_t)i);
        df_rng_normal(&rng, e, C);
        df_rng_normal(&rng, w, C);
        df_forcing_noise(s, z, x, e, &from, 1, 1, C);
        if (etas[i] < 0.0) {
          df_step_ancestral(s, from, to, z, x, w, C);
        } else {
          df_step_ddim(s, from, to, etas[i], z, x, w, C);
        }
        double m1 = 0.0;
        double m2 = 0.0;
        for (int c = 0; c < C; ++c) {
          m1 += (double)z[c] / C;
          m2 += (double)z[c] * (double)z[c] / C;
        }
        const double noise = df_schedule_noise(s, to);
        const double mean  = df_schedule_signal(s, to) * 0.7;
        CHECK_NEAR(m1, mean, 4.0 * noise / sqrt(C)); // four standard errors
        CHECK_NEAR((m2 - m1 * m1) / (noise * noise), 1.0, 4.0 * sqrt(2.0 / C));
      }
    }
  }
  df_arena_free(&arena);
}

/// The posterior is DDIM with eta 1: same mean, same noise, for any x0.
static void
test_ancestral_is_ddim(void)
{
  enum { C = 64 };
  df_arena arena = oracle_arena();
  for (int kind = 0; kind <= DF_SCHEDULE_ANGLE; ++kind) {
    const df_schedule* const s =
      oracle_schedule(&arena, (df_schedule_kind)kind, K);
    for (int from = 2; from <= K; from += 3) {
      for (int to = 1; to < from; to += 5) {
        float  x[C];
        float  w[C];
        float  z[2][C];
        df_rng rng = df_rng_make(2U, (uint64_t)from, (uint64_t)to);
        df_rng_normal(&rng, x, C);
        df_rng_normal(&rng, w, C);
        df_rng_normal(&rng, z[0], C);
        memcpy(z[1], z[0], sizeof(z[0]));
        df_step_ddim(s, from, to, 1.0, z[0], x, w, C);
        df_step_ancestral(s, from, to, z[1], x, w, C);
        for (int c = 0; c < C; ++c) {
          CHECK_NEAR(z[0][c], z[1][c], 3e-6); // float rounding of numbers to 4
        }
      }
    }
  }
  df_arena_free(&arena);
}

/// Deterministic run of the AR(1) oracle over all tokens at one level.
static void
sample(const df_schedule* const s,
       const int                steps,
       const int                order,
       float* const             z)
{
  enum { T = 4 };
  oracle o = oracle_ar1(s, T, 0.8);
  float  estimate[2][T];
  int    before = 0;
  for (int i = 0; i < steps; ++i) {
    const int from     = K - K * i / steps;
    const int to       = K - K * (i + 1) / steps;
    const int level[T] = {from, from, from, from};
    oracle_predict(&o, T, 1, z, level, estimate[i % 2]);
    if (order == 1) {
      df_step_ddim(s, from, to, 0.0, z, estimate[i % 2], NULL, T);
    } else {
      df_step_multistep(s,
                        before,
                        from,
                        to,
                        z,
                        estimate[i % 2],
                        i ? estimate[(i + 1) % 2] : NULL,
                        T);
    }
    before = from;
  }
}

/// Both orders follow the reference, and the second comes nearer to the
/// solution that many steps reach.
static void
test_orders(void)
{
  static const float       start[4] = {1.0f, -0.5f, 0.25f, 2.0f};
  df_arena                 arena    = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  float                    z[4][4];
  for (int i = 0; i < 4; ++i) {
    memcpy(z[i], start, sizeof(start));
  }
  sample(s, 16, 1, z[0]);
  sample(s, 16, 2, z[1]);
  sample(s, 64, 1, z[2]);
  sample(s, 64, 2, z[3]);
  double error[2] = {0.0, 0.0};
  for (int t = 0; t < 4; ++t) {
    CHECK_NEAR(z[0][t], golden_trajectory[0][t], 1e-5);
    CHECK_NEAR(z[1][t], golden_trajectory[1][t], 1e-5);
    error[0] += fabs((double)(z[0][t] - z[3][t]));
    error[1] += fabs((double)(z[1][t] - z[3][t]));
  }
  CHECK(error[1] < 0.5 * error[0]);
  df_arena_free(&arena);
}

int
main(void)
{
  test_ends();
  test_marginals();
  test_ancestral_is_ddim();
  test_orders();
  return 0;
}
