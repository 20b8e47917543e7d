#include "core/diffusion/guidance.h"

#include "core/base/rng.h"
#include "core/diffusion/plan.h"
#include "core/diffusion/sampler.h"
#include "core/diffusion/step.h"
#include "tests/check.h"
#include "tests/diffusion/oracle.h"

#include <math.h>
#include <string.h>

enum { K = 64, T = 6 };

/// Goal: the last token should be `target`; J = -(x - target)^2 / 2 summed.
typedef struct {
  double target;
  int    calls;
  double sum; // of all values
} wish;

static double
wish_value(void* const        self,
           const int          tokens,
           const int          C,
           const float* const x0,
           float* const       grad)
{
  wish* const  w     = (wish*)self;
  const size_t last  = (size_t)(tokens - 1) * (size_t)C;
  double       value = 0.0;
  ++w->calls;
  memset(grad, 0, (size_t)tokens * (size_t)C * sizeof(float));
  for (int c = 0; c < C; ++c) {
    const double miss      = w->target - (double)x0[last + (size_t)c];
    grad[last + (size_t)c] = (float)miss;
    value -= 0.5 * miss * miss;
  }
  w->sum += value;
  return value;
}

/// Invariant 19: weights sum to 1; weight 1 is the conditional estimate alone;
/// fractional guidance at level 0 is vanilla; one pull is as written.
static void
test_history_terms(void)
{
  df_history_term a[DF_HISTORY_TERMS(2)];
  df_history_term b[DF_HISTORY_TERMS(2)];
  CHECK(df_history_vanilla(K, 1.0, a) == 1);
  CHECK(a[0].level == 0 && a[0].weight == 1.0);
  CHECK(df_history_fractional(K, 1.0, 20, a) == 1);
  CHECK(a[0].level == 0 && a[0].weight == 1.0);
  CHECK(df_history_vanilla(K, 0.0, a) == 1);
  CHECK(a[0].level == K && a[0].weight == 1.0);

  for (double w = -1.0; w < 5.0; w += 0.37) {
    const int n = df_history_vanilla(K, w, a);
    CHECK(n == 2 && a[0].level == 0 && a[1].level == K);
    CHECK(a[0].weight == w && a[1].weight == 1.0 - w);

    CHECK(df_history_fractional(K, w, 0, b) == 2);
    CHECK(b[0].level == 0 && b[1].level == K);
    CHECK_NEAR(b[0].weight, w, 1e-15);
    CHECK_NEAR(b[1].weight, 1.0 - w, 1e-15);

    for (int level = 1; level <= K; ++level) {
      const int m   = df_history_fractional(K, w, level, b);
      double    sum = 0.0;
      for (int i = 0; i < m; ++i) {
        sum += b[i].weight;
        CHECK(i == 0 || b[i].level > b[i - 1].level);
      }
      CHECK_NEAR(sum, 1.0, 1e-12);
      CHECK(b[0].level == 0 && b[0].weight == 1.0);
      if (level < K) {
        CHECK(m == 3 && b[1].level == level && b[2].level == K);
        CHECK_NEAR(b[1].weight, w - 1.0, 1e-12);
      }
    }
  }
}

/// Composition is the weighted sum; one term of weight 1 copies bit for bit.
static void
test_compose(void)
{
  const float           x[2][3] = {{1.f, 2.f, .1f}, {3.f, -2.f, .7f}};
  const float* const    both[2] = {x[0], x[1]};
  const df_history_term plain   = {0, 1.0};
  const df_history_term pair[2] = {{0, 1.5}, {K, -0.5}};
  float                 out[3];
  df_history_compose(1, &plain, both, out, 3U);
  CHECK(!memcmp(out, x[0], sizeof(out)));
  df_history_compose(2, pair, both, out, 3U);
  CHECK_NEAR(out[0], 0.0, 1e-6);
  CHECK_NEAR(out[1], 4.0, 1e-6);
  CHECK_NEAR(out[2], -0.2, 1e-6);
}

/// Invariant 17: a guided step differs from the unguided by exactly
/// (a'/a (1 - a^2) - c sqrt(1 - a^2)) g, c = sqrt(1 - a'^2 - sigma^2), which is
/// the shift eps - s g of the noise estimate; for all levels and eta.
static void
test_exact_constant(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  const float              g = 0.37f;
  const float              w = 0.8f;
  for (int from = 1; from < K; ++from) {
    for (int to = 0; to < from; ++to) {
      for (int i = 0; i < 3; ++i) {
        const double eta   = 0.5 * i;
        const double a     = df_schedule_signal(s, from);
        const double b     = df_schedule_noise(s, from);
        const double a_to  = df_schedule_signal(s, to);
        const double b_to  = df_schedule_noise(s, to);
        const double sigma = eta * sqrt(1.0 - a * a / (a_to * a_to)) * b_to / b;
        const double c     = sqrt(fmax(b_to * b_to - sigma * sigma, 0.0));
        const double want  = a_to / a * b * b - c * b;
        float        z[2]  = {1.3f, 1.3f};
        float        x[2]  = {-0.4f, -0.4f};
        df_guidance_shift(s, from, 2.0, &g, &x[1], 1);
        df_step_ddim(s, from, to, eta, &z[0], &x[0], &w, 1);
        df_step_ddim(s, from, to, eta, &z[1], &x[1], &w, 1);
        CHECK_NEAR(z[1] - z[0],
                   want * 2.0 * (double)g,
                   1e-6 * (1.0 + b * b / a)); // floats as large as x0 moved
      }
    }
  }
  // No signal: no shift
  float x = 0.5f;
  df_guidance_shift(s, K, 2.0, &g, &x, 1);
  CHECK(x == 0.5f);
  df_arena_free(&arena);
}

/// Invariant 17: a goal on the last token has a gradient on all earlier ones,
/// and it is the derivative of the goal by the noised window.
static void
test_gradient_is_derivative(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule* const s    = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  oracle                   o    = oracle_ar1(s, T, 0.9);
  const df_denoiser        net  = oracle_denoiser(&o);
  wish                     want = {1.5, 0, 0.0};
  const df_guide           guide    = {{&want, wish_value}, 1.0, 1};
  const int                level[T] = {4, 9, 20, 33, 48, 60};
  float                    z[T];
  float                    x0[T];
  float                    work[4 * T];
  float                    g[T];
  df_rng                   rng = df_rng_make(1U, 0U, 0U);
  df_rng_normal(&rng, z, T);
  oracle_predict(&o, T, 1, z, level, x0);
  df_guidance_gradient(&guide, &net, s, T, 1, z, level, x0, 0U, 0, 0, work, g);
  for (int t = 0; t < T; ++t) {
    CHECK(fabs((double)g[t]) > 1e-5);
    const float step = 0.05f; // J is quadratic: central differences are exact
    double      J[2];
    const float keep = z[t];
    for (int i = 0; i < 2; ++i) {
      float scrap[T];
      z[t] = keep + (i ? step : -step);
      oracle_predict(&o, T, 1, z, level, x0);
      J[i] = wish_value(&want, T, 1, x0, scrap);
    }
    z[t] = keep;
    CHECK_NEAR(g[t], (J[1] - J[0]) / (2.0 * (double)step), 2e-5);
  }
  df_arena_free(&arena);
}

typedef struct {
  double mean; // over dimensions, of the last token
  double first;
} outcome;

/// Sample a window of C independent dimensions under a guide.
static outcome
run(df_arena* const       arena,
    const df_guide* const guide,
    const int             C,
    float* const          x)
{
  const df_schedule* const s   = oracle_schedule(arena, DF_SCHEDULE_ANGLE, K);
  oracle                   o   = oracle_ar1(s, T, 0.9);
  const df_denoiser        net = oracle_denoiser(&o);
  df_sampler*              sampler = NULL;
  CHECK(df_sampler_make(arena, s, T, C, &sampler) == DF_OK);
  int       plan[200 * T];
  const int rows = df_plan_rows(DF_PLAN_PYRAMID, K, T, 8.0);
  df_plan_fill(DF_PLAN_PYRAMID, K, T, 8.0, plan);
  const df_sampler_config config = {
    .kind = DF_SAMPLER_DDIM, .eta = 1.0, .seed = 3U, .guide = guide};
  df_sampler_run(sampler, &config, &net, T, C, rows, plan, NULL, x);
  outcome out = {0.0, 0.0};
  for (int c = 0; c < C; ++c) {
    out.mean += (double)x[(T - 1) * C + c] / C;
    out.first += (double)x[c] / C;
  }
  return out;
}

/// Invariant 17: scale 0 is unguided bit for bit, and a goal on the last token
/// moves it, and the first one with it, towards the goal.  exp(J) of N(0,1)
/// has its mean at target / 2 and the first token follows by phi^5.
static void
test_guided_sampling(void)
{
  enum { C = 1000 };
  df_arena       arena = oracle_arena();
  float* const   x     = DF_TAKE(&arena, 3 * T * C, float);
  wish           want  = {2.0, 0, 0.0};
  const df_guide none  = {{&want, wish_value}, 0.0, 1};
  const df_guide some  = {{&want, wish_value}, 1.0, 1};
  const outcome  plain = run(&arena, NULL, C, x);
  (void)run(&arena, &none, C, x + T * C);
  CHECK(!memcmp(x, x + T * C, sizeof(float) * T * C));
  CHECK(want.calls == 0);
  const outcome led = run(&arena, &some, C, x + 2 * T * C);
  // Guidance by the goal of the mean is stronger than the exact 1.0, which
  // would average the goal over what the token may still become
  CHECK(led.mean > plain.mean + 0.8 && led.mean < 2.0);
  CHECK(led.first > plain.first + 0.3);
  df_arena_free(&arena);
}

/// Invariant 18: one sample is plain guidance; the gradient's variance falls as
/// 1 / R from two futures on.
static void
test_monte_carlo(void)
{
  enum { R = 4000 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s    = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  oracle                   o    = oracle_ar1(s, T, 0.9);
  const df_denoiser        net  = oracle_denoiser(&o);
  wish                     want = {1.5, 0, 0.0};
  const int                level[T] = {4, 9, 20, 33, 48, 60};
  float                    z[T];
  float                    x0[T];
  float                    work[4 * T];
  float                    plain[T];
  df_rng                   rng = df_rng_make(1U, 0U, 0U);
  df_rng_normal(&rng, z, T);
  oracle_predict(&o, T, 1, z, level, x0);

  // J^T grad by hand
  float grad[T];
  (void)wish_value(&want, T, 1, x0, grad);
  oracle_vjp(&o, T, 1, z, level, grad, plain);

  double variance[3] = {0.0, 0.0, 0.0};
  for (int i = 0; i < 3; ++i) {
    const df_guide guide = {{&want, wish_value}, 1.0, i ? 2 << i : 1}; // 1 4 8
    double         sum   = 0.0;
    double         power = 0.0;
    for (int r = 0; r < R; ++r) {
      float g[T];
      df_guidance_gradient(
        &guide, &net, s, T, 1, z, level, x0, (uint64_t)r, 0, 0, work, g);
      if (i == 0) {
        CHECK(!memcmp(g, plain, sizeof(g)));
      }
      sum += (double)g[0] / R;
      power += (double)g[0] * (double)g[0] / R;
    }
    variance[i] = power - sum * sum;
  }
  CHECK(variance[0] < 1e-12);
  CHECK(variance[1] > 0.0);
  // Four standard errors of a ratio of variances
  CHECK_NEAR(variance[1] / variance[2], 2.0, 2.0 * 4.0 * 2.0 / sqrt(R));
  df_arena_free(&arena);
}

/// Invariant 18: the Monte-Carlo gradient is the derivative of the goal's mean
/// over the same futures, through both denoisings.
static void
test_monte_carlo_is_derivative(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule* const s    = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  oracle                   o    = oracle_ar1(s, T, 0.9);
  const df_denoiser        net  = oracle_denoiser(&o);
  wish                     want = {1.5, 0, 0.0};
  const df_guide           guide    = {{&want, wish_value}, 1.0, 3};
  const int                level[T] = {4, 9, 20, 33, 48, 60};
  float                    z[T];
  float                    x0[T];
  float                    work[4 * T];
  float                    g[T];
  df_rng                   rng = df_rng_make(1U, 0U, 0U);
  df_rng_normal(&rng, z, T);
  for (int t = 0; t < T; ++t) {
    double J[2] = {0.0, 0.0};
    for (int i = 0; i < 2; ++i) {
      const float keep = z[t];
      z[t] += i ? 0.05f : -0.05f;
      oracle_predict(&o, T, 1, z, level, x0);
      want.sum = 0.0;
      df_guidance_gradient(
        &guide, &net, s, T, 1, z, level, x0, 7U, 0, 0, work, g);
      J[i] = want.sum / 3.0;
      z[t] = keep;
    }
    oracle_predict(&o, T, 1, z, level, x0);
    df_guidance_gradient(
      &guide, &net, s, T, 1, z, level, x0, 7U, 0, 0, work, g);
    CHECK(fabs((double)g[t]) > 1e-5);
    CHECK_NEAR(g[t], (J[1] - J[0]) / 0.1, 2e-5); // J is quadratic
  }
  df_arena_free(&arena);
}

int
main(void)
{
  test_history_terms();
  test_compose();
  test_exact_constant();
  test_gradient_is_derivative();
  test_guided_sampling();
  test_monte_carlo();
  test_monte_carlo_is_derivative();
  return 0;
}
