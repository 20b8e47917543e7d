#ifndef DF_TESTS_LESSON_H
#define DF_TESTS_LESSON_H

#include "tests/check.h"
#include "tests/model/engine.h"

#include "core/base/arena.h"
#include "core/base/rng.h"
#include "core/diffusion/forcing.h"
#include "core/diffusion/patterns.h"
#include "core/diffusion/schedule.h"
#include "core/diffusion/weights.h"
#include "core/model/model.h"
#include "core/model/network.h"
#include "core/nn/adam.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// A tiny network that has learnt an AR(1) process, in seconds on one thread.
///
/// Tokens are C independent stationary processes of variance 1,
///
///     x[t] = phi x[t-1] + sqrt(1 - phi^2) w,   phi 0.8 or 0.9,
///
/// so all that a perfect network would say is known in closed form.  Every
/// step sees new clips, noised by the patterns of the recipe.

enum {
  LESSON_B       = 32,   // clips a step
  LESSON_T       = 16,   // tokens a clip
  LESSON_C       = 4,    // two of each phi
  LESSON_H       = 4,    // largest window; 1 and 2 are learnt too
  LESSON_K       = 64,   // levels
  LESSON_CONTEXT = 8,    // tokens seen
  LESSON_STEPS   = 2000, // of descent
  LESSON_TOKENS  = LESSON_B * LESSON_T,
  LESSON_NUMBERS = LESSON_TOKENS * LESSON_C
};

typedef struct {
  df_arena           arena;
  const df_schedule* schedule;
  df_model*          model;
  engine             runs; ///< Packed, with an empty history
} lesson;

/// What only the descent needs.
typedef struct {
  df_arena    arena;
  df_network* network;
  df_adam*    adam;
  df_real*    theta;
  df_real*    grad;
  float       clean[LESSON_NUMBERS];
  float       context[LESSON_NUMBERS];
  float       window[LESSON_NUMBERS];
  float       x0[LESSON_NUMBERS];
  float       dx0[LESSON_NUMBERS];
  float       weight[LESSON_TOKENS];
  int         context_level[LESSON_TOKENS];
  int         window_level[LESSON_TOKENS];
} lesson_descent;

static inline double
lesson_phi(const int c)
{
  return c < LESSON_C / 2 ? 0.8 : 0.9;
}

/// One clip [T,C] of the process.
static inline void
lesson_clip(df_rng* const rng, float* const x, const int T)
{
  df_rng_normal(rng, x, (size_t)T * LESSON_C);
  for (int i = LESSON_C; i < T * LESSON_C; ++i) {
    const double phi = lesson_phi(i % LESSON_C);
    x[i]             = (float)(phi * (double)x[i - LESSON_C] +
                   sqrt(1.0 - phi * phi) * (double)x[i]);
  }
}

static inline void
lesson_noise(const df_schedule* const schedule,
             df_rng* const            rng,
             float* const             z,
             const float* const       x0,
             const int* const         level,
             const int                T)
{
  float eps[LESSON_T * LESSON_C];
  CHECK(T <= LESSON_T);
  df_rng_normal(rng, eps, (size_t)T * LESSON_C);
  df_forcing_noise(schedule, z, x0, eps, level, 1, T, LESSON_C);
}

/// Draw the clips of one step; returns how many tokens count.
static inline int
lesson_fill(const lesson* const   l,
            lesson_descent* const d,
            const int             step,
            const int             H)
{
  df_pattern_config mix     = df_pattern_config_default();
  int               counted = 0;
  mix.context_most          = 0.05; // a clean past is what will be asked about
  for (int b = 0; b < LESSON_B; ++b) {
    const int t   = b * LESSON_T;
    const int i   = t * LESSON_C;
    df_rng    rng = df_rng_make(1U, (uint64_t)step, (uint64_t)b);
    lesson_clip(&rng, d->clean + i, LESSON_T);
    df_pattern_draw(&mix,
                    &rng,
                    LESSON_K,
                    LESSON_T,
                    H,
                    d->context_level + t,
                    d->window_level + t,
                    d->weight + t);
    lesson_noise(l->schedule,
                 &rng,
                 d->context + i,
                 d->clean + i,
                 d->context_level + t,
                 LESSON_T);
    lesson_noise(l->schedule,
                 &rng,
                 d->window + i,
                 d->clean + i,
                 d->window_level + t,
                 LESSON_T);
  }
  for (int t = 0; t < LESSON_TOKENS; ++t) {
    if (d->weight[t] > 0.0f) {
      const double s = df_schedule_noise(l->schedule, d->window_level[t]);
      d->weight[t]   = (float)df_weight_wiener(s, 5.0);
      ++counted;
    }
  }
  return counted;
}

/// One step of descent on the weighted squared error.
static inline void
lesson_step(const lesson* const l, lesson_descent* const d, const int step)
{
  const int              H       = 1 << step % 3;
  const int              counted = lesson_fill(l, d, step, H);
  const df_network_input input   = {
      .B             = LESSON_B,
      .T             = LESSON_T,
      .H             = H,
      .context       = d->context,
      .context_level = d->context_level,
      .window        = d->window,
      .window_level  = d->window_level,
  };
  df_network_forward(d->network, d->theta, &input, d->x0);
  for (int i = 0; i < LESSON_NUMBERS; ++i) {
    d->dx0[i] = 2.0f * d->weight[i / LESSON_C] * (d->x0[i] - d->clean[i]) /
                (float)(counted * LESSON_C);
  }
  memset(d->grad, 0, l->model->params.total * sizeof(df_real));
  df_network_backward(d->network, d->theta, &input, d->dx0, d->grad, NULL);

  const double   done   = (double)step / LESSON_STEPS;
  df_adam_config config = df_adam_config_default();
  config.rate  = 6e-3 * fmin(1.0, (step + 1) / 30.0) * (1.0 - 0.98 * done);
  config.decay = 0.0;
  config.ema   = 0.99;
  CHECK(isfinite(df_adam_step(
    d->adam, NULL, &config, &l->model->params, d->theta, d->grad)));
}

static inline void
lesson_take_descent(const lesson* const l, lesson_descent* const d)
{
  const df_params* const params = &l->model->params;
  d->theta                      = DF_TAKE(&d->arena, params->total, df_real);
  d->grad                       = DF_TAKE(&d->arena, params->total, df_real);
  if (d->theta) {
    memcpy(d->theta, l->model->theta, params->total * sizeof(df_real));
  }
  CHECK(!df_adam_make(&d->arena, params, d->theta, &d->adam));
  CHECK(!df_network_make(
    &d->arena, l->model, LESSON_B, LESSON_T, NULL, &d->network));
}

/// Learn, and leave the averaged weights in the model.
static inline void
lesson_learn(const lesson* const l)
{
  lesson_descent* const d = (lesson_descent*)calloc(1U, sizeof(*d));
  CHECK(d);
  lesson_take_descent(l, d);
  CHECK(!df_arena_allocate(&d->arena));
  lesson_take_descent(l, d);
  for (int step = 0; step < LESSON_STEPS; ++step) {
    lesson_step(l, d, step);
  }
  memcpy(l->model->theta,
         d->adam->average,
         l->model->params.total * sizeof(df_real));
  df_arena_free(&d->arena);
  free(d);
}

static inline void
lesson_take(lesson* const l, const df_backbone backbone)
{
  df_model_config config = df_model_config_default(backbone, LESSON_C);
  config.width           = 48;
  config.heads           = 2;
  config.layers          = 1;
  config.mlp             = 96;
  config.context         = LESSON_CONTEXT;
  config.horizon         = LESSON_H;
  config.levels          = LESSON_K;
  config.recall          = false;

  const df_schedule_config angle = {
    DF_SCHEDULE_ANGLE, LESSON_K, (double)config.shift, false};
  CHECK(!df_schedule_make(&l->arena, &angle, &l->schedule));
  CHECK(!df_model_make(&l->arena, &config, &l->model, NULL));
}

/// A network at its start, or one that has learnt.
static inline void
lesson_make(lesson* const l, const df_backbone backbone, const bool learnt)
{
  memset(l, 0, sizeof(*l));
  lesson_take(l, backbone);
  CHECK(!df_arena_allocate(&l->arena));
  lesson_take(l, backbone);
  df_params_init(&l->model->params, 1U, l->model->theta);
  if (learnt) {
    lesson_learn(l);
  }
  engine_make(&l->runs, l->model, df_kernels_best());
}

static inline void
lesson_free(lesson* const l)
{
  engine_free(&l->runs);
  df_arena_free(&l->arena);
}

#endif // DF_TESTS_LESSON_H
