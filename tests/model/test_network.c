#include "tests/model/scene.h"

// Does row r of two [rows,C] arrays agree bit for bit?
static bool
same_row(const scene* const   s,
         const df_real* const a,
         const df_real* const b,
         const int            r)
{
  const size_t C = (size_t)s->model->config.token;
  return !memcmp(a + (size_t)r * C, b + (size_t)r * C, C * sizeof(df_real));
}

// A copy of x0 as it is now
static df_real*
copy_x0(const scene* const s)
{
  df_real* const copy = (df_real*)malloc(s->numbers * sizeof(df_real));
  CHECK(copy);
  memcpy(copy, s->x0, s->numbers * sizeof(df_real));
  return copy;
}

// Change context token t of clip 1, run, count changed rows before and after b
static void
check_context(scene* const s, const int t, const bool level)
{
  const int C   = s->model->config.token;
  const int T   = s->in.T;
  const int row = T + t;
  scene_forward(s);
  df_real* const before = copy_x0(s);
  if (level) {
    s->context_level[row] += 2;
  } else {
    s->context[row * C] += 1;
  }
  scene_forward(s);
  for (int r = 0; r < 2 * T; ++r) {
    const int  block = r % T / s->in.H * s->in.H;
    const bool may   = r >= T && block > t;
    CHECK(may || same_row(s, before, s->x0, r));
    // The very next block must have seen it
    CHECK(block != t / s->in.H * s->in.H + s->in.H || r < T ||
          !same_row(s, before, s->x0, r));
  }
  if (level) {
    s->context_level[row] -= 2;
  } else {
    s->context[row * C] -= 1;
  }
  free(before);
}

// Change window token t of clip 0: its block alone may differ
static void
check_window(scene* const s, const int t, const bool level)
{
  const int  C     = s->model->config.token;
  const int  H     = s->in.H;
  const int  kept  = s->window_level[t];
  const bool gru   = s->model->config.backbone == DF_BACKBONE_GRU;
  const int  block = t / H * H;
  scene_forward(s);
  df_real* const before = copy_x0(s);
  if (level) {
    s->window_level[t] = kept == 5 ? 6 : 5;
  } else {
    s->window[t * C + 1] += 1;
  }
  scene_forward(s);
  for (int r = 0; r < 2 * s->in.T; ++r) {
    const bool reads = r / H * H == block && (!gru || r >= t);
    CHECK(reads != same_row(s, before, s->x0, r));
  }
  if (level) {
    s->window_level[t] = kept;
  } else {
    s->window[t * C + 1] -= 1;
  }
  free(before);
}

// No token at level 0: such a one returns its input whatever else changes
static void
no_level_0(scene* const s)
{
  for (size_t t = 0U; t < s->tokens; ++t) {
    s->window_level[t] += s->window_level[t] == 0;
  }
}

/// Invariant 10: perturbing a token or a level changes nothing before it; no
/// block sees another; context never sees the window; no clip sees another.
static void
test_causality(void)
{
  for (int b = 0; b < 2; ++b) {
    scene s;
    scene_make(&s, scene_config((df_backbone)b), 2, 12, 3, NULL, 11U);
    no_level_0(&s);
    for (int t = 0; t < 12; ++t) {
      check_context(&s, t, false);
      check_context(&s, t, true);
      check_window(&s, t, false);
      check_window(&s, t, true);
    }
    scene_free(&s);
  }
}

/// The same of gradients: a loss on one block has none in other blocks, nor,
/// in a GRU, in later tokens of the block.
static void
test_gradient_causality(void)
{
  for (int b = 0; b < 2; ++b) {
    scene s;
    scene_make(&s, scene_config((df_backbone)b), 2, 12, 3, NULL, 12U);
    no_level_0(&s);
    const int C = s.model->config.token;
    for (int r = 0; r < 24; ++r) {
      for (int c = 0; r != 4 && c < C; ++c) {
        s.dx0[r * C + c] = 0;
      }
    }
    scene_backward(&s);
    for (int r = 0; r < 24; ++r) {
      bool zero = true;
      for (int c = 0; c < C; ++c) {
        zero = zero && s.dwindow[r * C + c] == 0;
      }
      CHECK(zero == !(r == 3 || r == 4 || (b == 0 && r == 5)));
    }
    scene_free(&s);
  }
}

/// One layer sees no further back than config.context and its convolution.
static void
test_memory_ends(void)
{
  df_model_config c = scene_config(DF_BACKBONE_TRANSFORMER);
  c.layers          = 1;
  c.context         = 4;
  scene s;
  scene_make(&s, c, 1, 12, 3, NULL, 13U);
  no_level_0(&s);
  for (int t = 0; t < 12; ++t) {
    scene_forward(&s);
    df_real* const before = copy_x0(&s);
    s.context[t * c.token] += 1;
    scene_forward(&s);
    for (int r = 0; r < 12; ++r) {
      const int  block = r / 3 * 3;
      const bool reads = t < block && t >= block - c.context - (c.conv - 1);
      CHECK(reads != same_row(&s, before, s.x0, r));
    }
    s.context[t * c.token] -= 1;
    free(before);
  }
  scene_free(&s);
}

/// Level 0 returns the window bit for bit; a head of zeros is Wiener's filter.
static void
test_preconditioning(void)
{
  for (int b = 0; b < 2; ++b) {
    scene s;
    scene_make(&s, scene_config((df_backbone)b), 1, 12, 4, NULL, 14U);
    const int C       = s.model->config.token;
    const int at      = s.window_level[5];
    s.window_level[5] = 0;
    scene_forward(&s);
    CHECK(same_row(&s, s.window, s.x0, 5));
    s.window_level[5] = at;

    const df_param* const w = df_params_find(&s.model->params, "head.weight");
    const df_param* const v = df_params_find(&s.model->params, "head.bias");
    CHECK(w && v);
    memset(s.theta + w->offset, 0, w->count * sizeof(df_real));
    memset(s.theta + v->offset, 0, v->count * sizeof(df_real));
    scene_forward(&s);
    for (int r = 0; r < 12; ++r) {
      const double u     = (double)s.window_level[r] / s.model->config.levels;
      const double ratio = u < 1.0 ? tan(0.5 * M_PI * u) / 0.5 : HUGE_VAL;
      for (int c = 0; c < C; ++c) {
        // E[x0 | z] of a Gaussian, with a = 1/sqrt(1+ratio^2)
        const double q     = (double)s.model->variance[c];
        const double a     = 1.0 / hypot(1.0, ratio);
        const double noise = u < 1.0 ? a * ratio : 1.0;
        const double want =
          a * q / (a * a * q + noise * noise) * (double)s.window[r * C + c];
        CHECK_NEAR(s.x0[r * C + c], want, 1e-6 * (1.0 + fabs(want)));
      }
    }
    scene_free(&s);
  }
}

/// Confidence 0 is no recall, whatever the recall token holds; confidence above
/// 0 is read.
static void
test_recall_drops(void)
{
  scene s;
  scene_make(&s, scene_config(DF_BACKBONE_TRANSFORMER), 1, 8, 4, NULL, 15U);
  no_level_0(&s);
  scene_forward(&s);
  df_real* const with = copy_x0(&s);
  for (int t = 0; t < 8; ++t) {
    s.confidence[t] = 0;
  }
  s.recall[3] = (df_real)NAN;
  scene_forward(&s);
  df_real* const dropped = copy_x0(&s);
  s.in.recall            = NULL;
  scene_forward(&s);
  for (int r = 0; r < 8; ++r) {
    CHECK(same_row(&s, dropped, s.x0, r));
    CHECK(!same_row(&s, with, s.x0, r));
  }
  free(dropped);
  free(with);
  scene_free(&s);
}

/// Outputs and gradients do not depend on how many threads there are.
static void
test_threads_agree(void)
{
  for (int b = 0; b < 2; ++b) {
    df_model_config c = scene_config((df_backbone)b);
    c.width           = 72; // more than one piece of columns
    c.context         = 50; // more than one tile of keys
    c.horizon         = 6;
    scene one;
    scene_make(&one, c, 2, 72, 6, NULL, 16U);
    scene_backward(&one);
    for (int threads = 2; threads < 5; ++threads) {
      df_pool* pool = NULL;
      CHECK(!df_pool_make(threads, &pool));
      scene many;
      scene_make(&many, c, 2, 72, 6, pool, 16U);
      scene_backward(&many);
      CHECK(!memcmp(one.x0, many.x0, one.numbers * sizeof(df_real)));
      CHECK(!memcmp(one.dwindow, many.dwindow, one.numbers * sizeof(df_real)));
      CHECK(!memcmp(
        one.grad, many.grad, one.model->params.total * sizeof(df_real)));
      scene_free(&many);
      df_pool_free(pool);
    }
    scene_free(&one);
  }
}

/// Clips do not mix, and a network made for more gives the same for less.
static void
test_smaller_batch(void)
{
  for (int b = 0; b < 2; ++b) {
    scene s;
    scene_make(&s, scene_config((df_backbone)b), 2, 12, 4, NULL, 17U);
    scene_forward(&s);
    df_real* const both = copy_x0(&s);
    s.in.B              = 1;
    s.in.T              = 8;
    scene_forward(&s);
    // BLAS may sum in another order at another size
    for (int i = 0; i < 8 * s.model->config.token; ++i) {
      CHECK_NEAR(s.x0[i], both[i], 1e-4 * (1.0 + fabs((double)both[i])));
    }
    free(both);
    scene_free(&s);
  }
}

/// Sizes outside the stated ranges are refused.
static void
test_make_refuses(void)
{
  scene s;
  scene_make(&s, scene_config(DF_BACKBONE_GRU), 1, 4, 4, NULL, 18U);
  df_arena    arena = {NULL, 0U, 0U, false};
  df_network* n     = NULL;
  CHECK(df_network_make(&arena, s.model, 0, 4, NULL, &n) == DF_E_ARG);
  CHECK(df_network_make(&arena, s.model, 1, 0, NULL, &n) == DF_E_ARG);
  char little[4096];
  arena = (df_arena){little, sizeof(little), 0U, false};
  CHECK(df_network_make(&arena, s.model, 1, 4, NULL, &n) == DF_E_NOMEM);
  CHECK(!n);
  scene_free(&s);
}

int
main(void)
{
  test_causality();
  test_gradient_causality();
  test_memory_ends();
  test_preconditioning();
  test_recall_drops();
  test_threads_agree();
  test_smaller_batch();
  test_make_refuses();
  return 0;
}
