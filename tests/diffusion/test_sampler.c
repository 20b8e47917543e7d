#include "core/diffusion/sampler.h"

#include "core/base/rng.h"
#include "core/diffusion/plan.h"
#include "core/diffusion/step.h"
#include "tests/check.h"
#include "tests/diffusion/oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { K = 64 };

/// A plan of levels, to be freed.
static int*
make_plan(const df_plan_kind kind,
          const int          S,
          const int          T,
          const double       u,
          int* const         rows)
{
  int ladder[K + 1];
  *rows            = df_plan_rows(kind, S, T, u);
  const int  count = *rows * T;
  int* const plan  = (int*)calloc((size_t)count, sizeof(int));
  CHECK(plan);
  df_plan_fill(kind, S, T, u, plan);
  df_plan_ladder(K, S, ladder);
  df_plan_levels(plan, count, ladder);
  return plan;
}

/// A denoiser that knows the answer, and remembers what it was shown.
typedef struct {
  const float* truth;
  int          label[8]; // last labels
  int          least;    // least label so far
  float        shown[8]; // last content, first dimension
} knower;

static void
know(void* const        self,
     const int          T,
     const int          C,
     const float* const z,
     const int* const   level,
     float* const       x0)
{
  knower* const k = (knower*)self;
  memcpy(x0, k->truth, (size_t)T * (size_t)C * sizeof(float));
  for (int t = 0; t < T && t < 8; ++t) {
    k->label[t] = level[t];
    k->shown[t] = z[t * C];
    k->least    = level[t] < k->least ? level[t] : k->least;
  }
}

/// Invariant 4: with a perfect denoiser every plan, ladder and sampler returns
/// the truth exactly.
static void
test_perfect_denoiser(void)
{
  enum { T = 5, C = 3 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_COSINE, K);
  df_sampler*              sampler = NULL;
  CHECK(df_sampler_make(&arena, s, T, C, &sampler) == DF_OK);
  float  truth[T * C];
  df_rng rng = df_rng_make(1U, 0U, 0U);
  df_rng_normal(&rng, truth, T * C);
  knower            k   = {.truth = truth, .least = K};
  const df_denoiser net = {&k, know, NULL};
  for (int kind = 0; kind <= DF_PLAN_TRAPEZOID; ++kind) {
    for (int S = 1; S <= K; S = 2 * S + 1) {
      for (int how = 0; how <= DF_SAMPLER_MULTISTEP; ++how) {
        int        rows = 0;
        int* const plan = make_plan((df_plan_kind)kind, S, T, 1.5, &rows);
        float      x[T * C];
        const df_sampler_config config = {.kind = (df_sampler_kind)how};
        memset(x, 0, sizeof(x));
        df_sampler_run(sampler, &config, &net, T, C, rows, plan, NULL, x);
        CHECK(!memcmp(x, truth, sizeof(x)));
        free(plan);
      }
    }
  }
  df_arena_free(&arena);
}

/// Noise of a token as the sampler draws it: by level, or K + 1 at the start.
static void
draw(const uint64_t seed,
     const int      t,
     const int      level,
     float* const   w,
     const int      C)
{
  df_rng rng = df_rng_make(seed, (uint64_t)t, (uint64_t)level << 1U);
  df_rng_normal(&rng, w, (size_t)C);
}

/// Invariant 5: one level for all and the full-sequence plan is ordinary
/// sequence diffusion, written out here, bit for bit.
static void
test_full_sequence(void)
{
  enum { T = 6, C = 4, seed = 11 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s   = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  oracle                   o   = oracle_ar1(s, T, 0.9);
  const df_denoiser        net = oracle_denoiser(&o);
  df_sampler*              sampler = NULL;
  CHECK(df_sampler_make(&arena, s, T, C, &sampler) == DF_OK);
  int                     rows   = 0;
  int* const              plan   = make_plan(DF_PLAN_FULL, 16, T, 0.0, &rows);
  const df_sampler_config config = {.eta = 0.7, .seed = seed};
  float                   x[T * C];
  memset(x, 0, sizeof(x));
  df_sampler_run(sampler, &config, &net, T, C, rows, plan, NULL, x);
  free(plan);

  float z[T * C];
  float w[T * C];
  float x0[T * C];
  for (int t = 0; t < T; ++t) {
    draw(seed, t, K + 1, z + t * C, C);
  }
  for (int from = K; from > 0; from -= K / 16) {
    const int to       = from - K / 16;
    const int level[T] = {from, from, from, from, from, from};
    oracle_predict(&o, T, C, z, level, x0);
    for (int t = 0; t < T; ++t) {
      draw(seed, t, to, w + t * C, C);
    }
    df_step_ddim(s, from, to, 0.7, z, x0, w, T * C);
  }
  CHECK(!memcmp(x, z, sizeof(x)));
  df_arena_free(&arena);
}

/// Invariant 6: the autoregressive plan is single-token diffusion, each given
/// the ones before, one window of one token after another, bit for bit.
static void
test_autoregressive(void)
{
  enum { T = 5, C = 3 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  df_sampler*              sampler = NULL;
  CHECK(df_sampler_make(&arena, s, T, C, &sampler) == DF_OK);
  oracle            whole = oracle_ar1(s, T, 0.8);
  const df_denoiser net   = oracle_denoiser(&whole);
  int               rows  = 0;
  int*              plan = make_plan(DF_PLAN_AUTOREGRESSIVE, 16, T, 0.0, &rows);
  const df_sampler_config config = {.eta = 1.0, .seed = 5U};
  float                   x[T * C];
  memset(x, 0, sizeof(x));
  df_sampler_run(sampler, &config, &net, T, C, rows, plan, NULL, x);
  free(plan);

  float y[T * C];
  memset(y, 0, sizeof(y));
  for (int t = 0; t < T; ++t) {
    oracle            part     = oracle_ar1(s, t + 1, 0.8);
    const df_denoiser part_net = oracle_denoiser(&part);
    int               given[T] = {1, 1, 1, 1, 1};
    given[t]                   = 0;
    plan                       = make_plan(DF_PLAN_FULL, 16, t + 1, 0.0, &rows);
    df_sampler_run(sampler, &config, &part_net, t + 1, C, rows, plan, given, y);
    free(plan);
  }
  for (int i = 0; i < T * C; ++i) {
    CHECK_NEAR(x[i], y[i], 1e-5); // the oracles of other sizes round otherwise
  }
  df_arena_free(&arena);
}

/// Keeps the window it saw last and where levels stood.
typedef struct {
  oracle o;
  float  z[8];
  int    level[8];
  int    row;
} witness;

static void
look(void* const        self,
     const int          T,
     const int          C,
     const float* const z,
     const int* const   level,
     float* const       x0)
{
  witness* const w = (witness*)self;
  oracle_predict(&w->o, T, C, z, level, x0);
  if (w->row) {
    for (int t = 0; t < T; ++t) {
      if (level[t] == w->level[t]) {
        CHECK(z[t] == w->z[t]); // C is 1
      }
    }
  }
  memcpy(w->z, z, (size_t)T * sizeof(float));
  memcpy(w->level, level, (size_t)T * sizeof(int));
  ++w->row;
}

/// Invariant 9: a token whose level a row does not change is bit for bit the
/// same after it, waiting and finished ones alike.
static void
test_unchanged_level(void)
{
  enum { T = 8 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  df_sampler*              sampler = NULL;
  CHECK(df_sampler_make(&arena, s, T, 1, &sampler) == DF_OK);
  int                     rows   = 0;
  int* const              plan   = make_plan(DF_PLAN_PYRAMID, 8, T, 2.5, &rows);
  witness                 w      = {.o = oracle_ar1(s, T, 0.9)};
  const df_denoiser       net    = {&w, look, NULL};
  const df_sampler_config config = {.eta = 1.0, .seed = 2U};
  float                   x[T]   = {0};
  df_sampler_run(sampler, &config, &net, T, 1, rows, plan, NULL, x);
  CHECK(w.row == rows - 1);
  free(plan);
  df_arena_free(&arena);
}

/// Invariant 20: history is shown with real noise at the level it is labelled
/// with, never cleaner than asked, and holds the same bits afterwards.
static void
test_stabilisation(void)
{
  enum { T = 4, C = 2, R = 3000 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  df_sampler*              sampler = NULL;
  CHECK(df_sampler_make(&arena, s, T, C, &sampler) == DF_OK);
  const float       truth[T * C] = {.3f, .1f, -.7f, 2.f, 1.f, .4f, .2f, .1f};
  const int         given[T]     = {1, 0, 0, 0};
  int               rows         = 0;
  int* const        plan = make_plan(DF_PLAN_AUTOREGRESSIVE, 2, T, 0.0, &rows);
  knower            k    = {.truth = truth, .least = K};
  const df_denoiser net  = {&k, know, NULL};
  double            sum  = 0.0;
  double            pow2 = 0.0;
  for (int r = 0; r < R; ++r) {
    const df_sampler_config config = {
      .given_level = 2, .own_level = 6, .seed = (uint64_t)r};
    float x[T * C];
    memcpy(x, truth, sizeof(x));
    df_sampler_run(sampler, &config, &net, T, C, rows, plan, given, x);
    CHECK(!memcmp(x, truth, 2 * sizeof(float)));
    CHECK(k.label[0] == 2 && k.label[1] == 6 && k.label[2] == 6);
    CHECK(k.label[3] == K / 2);
    const double eps =
      ((double)k.shown[1] - df_schedule_signal(s, 6) * (double)truth[C]) /
      df_schedule_noise(s, 6);
    sum += eps / R;
    pow2 += eps * eps / R;
  }
  CHECK(k.least == 2);                 // label 0 never reached the net
  CHECK_NEAR(sum, 0.0, 4.0 / sqrt(R)); // four standard errors
  CHECK_NEAR(pow2, 1.0, 4.0 * sqrt(2.0 / R));
  free(plan);
  df_arena_free(&arena);
}

/// Records, for each call, the label of every token.
typedef struct {
  oracle o;
  int    none;   // calls in which all history is labelled K
  int    partly; // calls that show the given but not the generated as noise
  int    calls;
} masks;

static void
watch(void* const        self,
      const int          T,
      const int          C,
      const float* const z,
      const int* const   level,
      float* const       x0)
{
  masks* const m = (masks*)self;
  oracle_predict(&m->o, T, C, z, level, x0);
  ++m->calls;
  if (level[0] == K) {
    int clean = 0;
    for (int t = 0; t < T; ++t) {
      clean += level[t] == 0;
    }
    m->none += clean == 0;
    m->partly += clean > 0;
  }
}

/// Invariant 19: weight 1 is conditional sampling bit for bit; without history
/// guidance changes nothing; level 0 of fractional is vanilla; generated tokens
/// are masked with the given ones in the branch without history.
static void
test_history_guidance(void)
{
  enum { T = 5, C = 2 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  df_sampler*              sampler = NULL;
  CHECK(df_sampler_make(&arena, s, T, C, &sampler) == DF_OK);
  oracle            o        = oracle_ar1(s, T, 0.9);
  const df_denoiser net      = oracle_denoiser(&o);
  const int         given[T] = {1, 0, 0, 0, 0};
  int               rows     = 0;
  int* const        plan = make_plan(DF_PLAN_AUTOREGRESSIVE, 8, T, 0.0, &rows);
  int               full_rows = 0;
  int* const        full      = make_plan(DF_PLAN_FULL, 8, T, 0.0, &full_rows);

  df_history_term terms[DF_HISTORY_TERMS(2)];
  float           x[3][T * C];
  for (int i = 0; i < 2; ++i) { // 0: no terms, 1: weight 1
    df_sampler_config config = {.eta = 1.0, .seed = 7U};
    config.term_count        = df_history_vanilla(K, 1.0, terms);
    config.terms             = i ? terms : NULL;
    for (int j = 0; j < T * C; ++j) {
      x[i][j] = 0.5f;
    }
    df_sampler_run(sampler, &config, &net, T, C, rows, plan, given, x[i]);
  }
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));

  for (int i = 0; i < 2; ++i) { // 0: no terms, 1: weight 3 on empty history
    df_sampler_config config = {.eta = 1.0, .seed = 7U};
    config.term_count        = df_history_vanilla(K, 3.0, terms);
    config.terms             = i ? terms : NULL;
    df_sampler_run(sampler, &config, &net, T, C, full_rows, full, NULL, x[i]);
  }
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));

  for (int i = 0; i < 3; ++i) { // vanilla, fractional at 0, at 20
    df_sampler_config config = {.eta = 1.0, .seed = 7U, .terms = terms};
    config.term_count = i ? df_history_fractional(K, 1.5, i < 2 ? 0 : 20, terms)
                          : df_history_vanilla(K, 1.5, terms);
    for (int j = 0; j < T * C; ++j) {
      x[i][j] = 0.5f;
    }
    df_sampler_run(sampler, &config, &net, T, C, rows, plan, given, x[i]);
  }
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
  CHECK(memcmp(x[0], x[2], sizeof(x[0])));

  masks             m       = {.o = oracle_ar1(s, T, 0.9)};
  const df_denoiser watched = {&m, watch, NULL};
  df_sampler_config config  = {.eta = 1.0, .seed = 7U, .terms = terms};
  config.term_count         = df_history_vanilla(K, 1.5, terms);
  df_sampler_run(sampler, &config, &watched, T, C, rows, plan, given, x[0]);
  CHECK(m.calls == 2 * (rows - 1));
  CHECK(m.none == rows - 1 && m.partly == 0);
  free(plan);
  free(full);
  df_arena_free(&arena);
}

/// Invariant 26: whatever the plan, samples of the exact AR(1) denoiser have
/// the process's mean, variance and autocovariance.
static void
test_same_joint_for_any_plan(void)
{
  enum { T = 6, C = 4000 };
  static const struct {
    df_plan_kind    kind;
    double          u;
    df_sampler_kind how;
    double          eta;
  } cases[] = {
    {DF_PLAN_FULL, 0.0, DF_SAMPLER_ANCESTRAL, 0.0},
    {DF_PLAN_PYRAMID, 1.0, DF_SAMPLER_DDIM, 1.0},
    {DF_PLAN_PYRAMID, 8.0, DF_SAMPLER_DDIM, 1.0},
    {DF_PLAN_AUTOREGRESSIVE, 0.0, DF_SAMPLER_ANCESTRAL, 0.0},
    {DF_PLAN_TRAPEZOID, 4.0, DF_SAMPLER_DDIM, 1.0},
    {DF_PLAN_FULL, 0.0, DF_SAMPLER_DDIM, 0.0},
    {DF_PLAN_FULL, 0.0, DF_SAMPLER_MULTISTEP, 0.0},
    {DF_PLAN_PYRAMID, 2.0, DF_SAMPLER_MULTISTEP, 0.0},
  };
  const double             phi   = 0.8;
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  df_sampler*              sampler = NULL;
  CHECK(df_sampler_make(&arena, s, T, C, &sampler) == DF_OK);
  float* const      x   = DF_TAKE(&arena, T * C, float);
  oracle            o   = oracle_ar1(s, T, phi);
  const df_denoiser net = oracle_denoiser(&o);
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    int        rows = 0;
    int* const plan = make_plan(cases[i].kind, K, T, cases[i].u, &rows);
    const df_sampler_config config = {
      .kind = cases[i].how, .eta = cases[i].eta, .seed = i + 1U};
    df_sampler_run(sampler, &config, &net, T, C, rows, plan, NULL, x);
    free(plan);
    for (int t = 0; t < T; ++t) {
      double mean = 0.0;
      for (int c = 0; c < C; ++c) {
        mean += (double)x[t * C + c] / C;
      }
      CHECK_NEAR(mean, 0.0, 4.0 / sqrt(C)); // four standard errors
      for (int u = 0; u <= t; ++u) {
        double cov = 0.0;
        for (int c = 0; c < C; ++c) {
          cov += (double)x[t * C + c] * (double)x[u * C + c] / C;
        }
        // Four standard errors, and 0.03 for the 64 steps being finite
        CHECK_NEAR(cov, pow(phi, t - u), 4.0 * sqrt(2.0 / C) + 0.03);
      }
    }
  }
  df_arena_free(&arena);
}

/// Invariant 27: an observation declared at level k moves the estimate from the
/// Kalman update to the prediction as k rises, and monotonically.
static void
test_declared_level(void)
{
  enum { T = 2 };
  df_arena                 arena = oracle_arena();
  const df_schedule* const s    = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  oracle                   o    = oracle_ar1(s, T, 0.7);
  const double             past = 1.2;  // x_1, known
  const double             seen = -0.9; // what is observed of x_2
  double                   last = seen;
  for (int k = 0; k <= K; ++k) {
    const double a        = df_schedule_signal(s, k);
    const double b        = df_schedule_noise(s, k);
    const int    level[T] = {0, k};
    const float  z[T] = {(float)past, (float)(a * seen)}; // eps averaged out
    float        x0[T];
    oracle_predict(&o, T, 1, z, level, x0);
    // Kalman: prediction 0.7 past with variance P, seen with variance b^2/a^2
    const double P    = 1.0 - 0.49;
    const double gain = a * a * P / (a * a * P + b * b);
    const double want = 0.7 * past + gain * (seen - 0.7 * past);
    CHECK_NEAR(x0[1], want, 1e-5);
    CHECK(k == 0 || (double)x0[1] > last);
    last = (double)x0[1];
  }
  CHECK_NEAR(last, 0.7 * past, 1e-6); // nothing is heard at K
  df_arena_free(&arena);
}

/// A sampler that does not fit says so.
static void
test_refusals(void)
{
  df_arena                 arena = oracle_arena();
  const df_schedule* const s = oracle_schedule(&arena, DF_SCHEDULE_ANGLE, K);
  df_sampler*              sampler = NULL;
  CHECK(df_sampler_make(&arena, s, 0, 1, &sampler) == DF_E_ARG);
  df_arena small = {NULL, 0U, 0U, false};
  CHECK(df_sampler_make(&small, s, 8, 8, &sampler) == DF_OK && !sampler);
  const size_t need = small.used;
  CHECK(df_arena_allocate(&small) == DF_OK);
  for (size_t size = 0; size < need; size += 64U) {
    small.size   = size;
    small.used   = 0U;
    small.failed = false;
    CHECK(df_sampler_make(&small, s, 8, 8, &sampler) == DF_E_NOMEM);
    CHECK(!sampler);
  }
  df_arena_free(&small);
  df_arena_free(&arena);
}

int
main(void)
{
  test_perfect_denoiser();
  test_full_sequence();
  test_autoregressive();
  test_unchanged_level();
  test_stabilisation();
  test_history_guidance();
  test_same_joint_for_any_plan();
  test_declared_level();
  test_refusals();
  return 0;
}
