#include "tests/golden/model.h"
#include "tests/model/scene.h"

#ifdef DF_REAL_DOUBLE
#define TOLERANCE 1e-9
#define SLOPE_TOLERANCE 1e-6
#else
#define TOLERANCE 1e-4
#define SLOPE_TOLERANCE 1e-3
#endif

// Numbers in [-1, 1), the same as those of tests/ref/model.py
static void
draw(const uint32_t seed, const size_t n, const double spread, df_real* const x)
{
  for (size_t i = 0U; i < n; ++i) {
    uint32_t h = (uint32_t)i * 0x9E3779B1U + seed * 0x85EBCA77U;
    h ^= h >> 15U;
    h *= 0x2C1B3C6DU;
    h ^= h >> 12U;
    h *= 0x297A2D39U;
    h ^= h >> 15U;
    x[i] = (df_real)(spread * ((double)h / 0x1p31 - 1.0));
  }
}

static df_model_config
small(const df_backbone backbone)
{
  df_model_config c = df_model_config_default(backbone, 5);
  c.width           = 12;
  c.heads           = 3;
  c.layers          = 2;
  c.mlp             = 20;
  c.context         = 5;
  c.horizon         = 12;
  c.levels          = 8;
  c.side            = 3;
  return c;
}

static void
make(scene* const          s,
     const df_model_config config,
     const int             B,
     const int             T,
     const int             H)
{
  scene_make(s, config, B, T, H, NULL, 1U);
  draw(1U, s->model->params.total, 0.5, s->theta);
  draw(2U, s->numbers, 1.0, s->context);
  draw(3U, s->numbers, 1.0, s->window);
  draw(4U, s->numbers, 1.0, s->recall);
  draw(5U, s->numbers, 1.0, s->dx0);
  draw(6U, s->tokens, 1.0, s->confidence);
  draw(7U, s->tokens * (size_t)config.side, 1.0, s->context_side);
  draw(9U, s->tokens * (size_t)config.side, 1.0, s->window_side);
  for (int t = 0; t < (int)s->tokens; ++t) {
    const df_real c     = s->confidence[t];
    s->confidence[t]    = t % 3 == 1 ? 0 : (c < 0 ? -c : c);
    s->context_level[t] = t % 3;
    s->window_level[t]  = t * 5 % (config.levels + 1);
  }
  for (int c = 0; c < config.token; ++c) {
    s->model->variance[c] = 0.25f + 0.125f * (float)c;
  }
}

static void
check_x0(scene* const s, const double* const want, const size_t n)
{
  CHECK(n == s->numbers);
  scene_forward(s);
  for (size_t i = 0U; i < n; ++i) {
    CHECK_NEAR(s->x0[i], want[i], TOLERANCE * (1.0 + fabs(want[i])));
  }
}

static void
check_slopes(scene* const s, const double* const want, const size_t n)
{
  const df_params* const params = &s->model->params;
  df_real* const along = (df_real*)malloc(params->total * sizeof(df_real));
  CHECK(along && n == (size_t)params->count);
  scene_backward(s);
  for (size_t i = 0U; i < n; ++i) {
    const df_param* const p   = &params->list[i];
    double                got = 0.0;
    draw(8U, p->count, 1.0, along);
    for (size_t j = 0U; j < p->count; ++j) {
      got += (double)s->grad[p->offset + j] * (double)along[j];
    }
    CHECK_NEAR(got, want[i], SLOPE_TOLERANCE * (1.0 + fabs(want[i])));
  }
  free(along);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/// Both backbones give the numbers, and the slopes along each tensor, of a
/// second implementation written from the page.
static void
test_backbones_match_reference(void)
{
  scene s;
  make(&s, small(DF_BACKBONE_TRANSFORMER), 2, 12, 4);
  check_x0(&s, golden_transformer_x0, COUNT(golden_transformer_x0));
  check_slopes(&s, golden_transformer_slopes, COUNT(golden_transformer_slopes));
  scene_free(&s);

  make(&s, small(DF_BACKBONE_GRU), 2, 12, 4);
  check_x0(&s, golden_gru_x0, COUNT(golden_gru_x0));
  check_slopes(&s, golden_gru_slopes, COUNT(golden_gru_slopes));
  scene_free(&s);
}

/// The same where attention takes its queries in several tiles and forgets.
static void
test_long_clip_matches_reference(void)
{
  df_model_config c = small(DF_BACKBONE_TRANSFORMER);
  c.token           = 2;
  c.width           = 8;
  c.heads           = 2;
  c.layers          = 1;
  c.mlp             = 8;
  c.conv            = 2;
  c.context         = 40;
  c.side            = 0;
  scene s;
  make(&s, c, 1, 72, 12);
  check_x0(&s, golden_long_x0, COUNT(golden_long_x0));
  scene_free(&s);
}

int
main(void)
{
  test_backbones_match_reference();
  test_long_clip_matches_reference();
  return 0;
}
