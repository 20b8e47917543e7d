#ifndef DF_TESTS_SCENE_H
#define DF_TESTS_SCENE_H

#include "tests/check.h"

#include "core/base/arena.h"
#include "core/base/pool.h"
#include "core/base/rng.h"
#include "core/model/model.h"
#include "core/model/network.h"

#include <string.h>

/// A small network with random weights, a batch for it and room for gradients.
typedef struct {
  df_arena         arena;
  df_model*        model;
  df_network*      network;
  df_network_input in;
  df_real*         theta;        ///< [params.total], also model->theta
  df_real*         context;      ///< [B,T,C]
  df_real*         window;       ///< [B,T,C]
  df_real*         recall;       ///< [B,T,C]
  df_real*         confidence;   ///< [B,T], some zero
  df_real*         context_side; ///< [B,T,S]
  df_real*         window_side;  ///< [B,T,S]
  int*             context_level;
  int*             window_level;
  df_real*         x0;      ///< [B,T,C]
  df_real*         dx0;     ///< [B,T,C] random
  df_real*         grad;    ///< [params.total]
  df_real*         dwindow; ///< [B,T,C]
  size_t           tokens;  ///< B T
  size_t           numbers; ///< B T C
} scene;

static inline void
scene_draw(df_rng* const  rng,
           df_real* const x,
           const size_t   n,
           const double   spread)
{
  for (size_t i = 0U; i < n; i += 32U) {
    float        draw[32];
    const size_t some = n - i < 32U ? n - i : 32U;
    df_rng_normal(rng, draw, 32U);
    for (size_t j = 0U; j < some; ++j) {
      x[i + j] = (df_real)(spread * (double)draw[j]);
    }
  }
}

static inline void
scene_take(scene* const                 s,
           const df_model_config* const config,
           const int                    B,
           const int                    T,
           df_pool* const               pool)
{
  df_arena* const a = &s->arena;
  df_note         note;
  s->tokens  = (size_t)B * (size_t)T;
  s->numbers = s->tokens * (size_t)config->token;
  CHECK(!df_model_make(a, config, &s->model, &note));
  s->context       = DF_TAKE(a, s->numbers, df_real);
  s->window        = DF_TAKE(a, s->numbers, df_real);
  s->recall        = DF_TAKE(a, s->numbers, df_real);
  s->confidence    = DF_TAKE(a, s->tokens, df_real);
  s->context_side  = DF_TAKE(a, s->tokens * (size_t)config->side, df_real);
  s->window_side   = DF_TAKE(a, s->tokens * (size_t)config->side, df_real);
  s->context_level = DF_TAKE(a, s->tokens, int);
  s->window_level  = DF_TAKE(a, s->tokens, int);
  s->x0            = DF_TAKE(a, s->numbers, df_real);
  s->dx0           = DF_TAKE(a, s->numbers, df_real);
  s->dwindow       = DF_TAKE(a, s->numbers, df_real);

  // A network wants a model to look at, also to be measured
  df_params params;
  df_layout layout;
  df_layout_make(config, &params, &layout);
  s->grad              = DF_TAKE(a, params.total, df_real);
  const df_model shape = {
    .config = *config, .params = params, .layout = layout};
  CHECK(
    !df_network_make(a, s->model ? s->model : &shape, B, T, pool, &s->network));
}

/// Make a scene; the same seed gives the same numbers.
static inline void
scene_make(scene* const          s,
           const df_model_config config,
           const int             B,
           const int             T,
           const int             H,
           df_pool* const        pool,
           const uint64_t        seed)
{
  memset(s, 0, sizeof(*s));
  scene_take(s, &config, B, T, pool);
  CHECK(!df_arena_allocate(&s->arena));
  scene_take(s, &config, B, T, pool);

  df_rng rng = df_rng_make(seed, 0U, 0U);
  s->theta   = s->model->theta;
  scene_draw(&rng, s->theta, s->model->params.total, 0.3);
  scene_draw(&rng, s->context, s->numbers, 1.0);
  scene_draw(&rng, s->window, s->numbers, 1.0);
  scene_draw(&rng, s->recall, s->numbers, 1.0);
  scene_draw(&rng, s->dx0, s->numbers, 1.0);
  for (int c = 0; c < config.token; ++c) {
    s->model->variance[c] = (float)(0.3 + df_rng_uniform(&rng));
  }
  for (size_t t = 0U; t < s->tokens; ++t) {
    s->context_level[t] = (int)df_rng_below(&rng, 4U);
    s->window_level[t]  = (int)df_rng_below(&rng, (uint32_t)config.levels + 1U);
    s->confidence[t]    = t % 3U == 1U ? 0 : (df_real)df_rng_uniform(&rng);
  }
  scene_draw(&rng, s->context_side, s->tokens * (size_t)config.side, 1.0);
  scene_draw(&rng, s->window_side, s->tokens * (size_t)config.side, 1.0);
  s->in = (df_network_input){B,
                             T,
                             H,
                             s->context,
                             s->context_level,
                             s->window,
                             s->window_level,
                             s->recall,
                             s->confidence,
                             s->context_side,
                             s->window_side};
}

static inline void
scene_free(scene* const s)
{
  df_arena_free(&s->arena);
}

static inline void
scene_forward(scene* const s)
{
  df_network_forward(s->network, s->theta, &s->in, s->x0);
}

/// Gradients of sum dx0 x0, from zero.
static inline void
scene_backward(scene* const s)
{
  memset(s->grad, 0, s->model->params.total * sizeof(df_real));
  scene_forward(s);
  df_network_backward(
    s->network, s->theta, &s->in, s->dx0, s->grad, s->dwindow);
}

/// A network small enough for differences, with every part present.
static inline df_model_config
scene_config(const df_backbone backbone)
{
  df_model_config c = df_model_config_default(backbone, 5);
  c.width           = 12;
  c.heads           = 3;
  c.layers          = 2;
  c.mlp             = 20;
  c.context         = 6;
  c.horizon         = 4;
  c.levels          = 8;
  c.side            = 3;
  return c;
}

#endif // DF_TESTS_SCENE_H
