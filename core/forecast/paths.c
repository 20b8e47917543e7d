#include "core/forecast/paths.h"

#include "core/base/arena.h"
#include "core/diffusion/plan.h"
#include "core/diffusion/schedule.h"
#include "core/diffusion/step.h"
#include "core/forecast/context.h"
#include "core/series/base_pins.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/// Random numbers: streams of the tokens and of the remainder.
enum { STREAM_TOKENS = 0x7061, STREAM_REST, STREAM_PINS };

/// Furthest that an estimate of a token may lie out.
#define MOST 8.0f

df_paths_config
df_paths_config_default(void)
{
  return (df_paths_config){
    .samples = 100, .passes = 12, .slope = 1.0, .seed = 1U};
}

/// What sampling needs besides model and view.
typedef struct {
  const df_schedule* schedule;
  df_history*        history;
  int                H;
  int                k;
  int                rows;       // of the plan
  int*               plan;       // [rows,H] levels
  int*               level;      // [H] as they are
  int*               past_level; // [C]
  float*             past;       // [C,k] rows as tokens
  int*               before;     // [H] level of the estimate before, 0 for none
  float*             context_side; // [C,S]
  float*             window_side;  // [H,S]
  float*             direct;       // [H,k]
  float*             z;            // [H,k]
  float*             x0;           // [H,k]
  float*             last;         // [H,k] the estimates before
  df_base_pins*      pins;         // NULL for none
} space;

static df_status
take(df_arena* const                arena,
     const df_forecast_model* const model,
     const df_paths_config* const   config,
     space* const                   out)
{
  const df_base_config* const  base  = df_base_config_of(model->base);
  const df_model_config* const net   = df_predictor_config(model->predictor);
  const df_schedule_config     angle = {
        DF_SCHEDULE_ANGLE, net->levels, (double)net->shift, true};
  const size_t H     = (size_t)base->horizon;
  const size_t C     = (size_t)base->context;
  const size_t S     = (size_t)df_base_side_count(model->base);
  const size_t count = H * (size_t)base->factors;
  const int    rows =
    df_plan_rows(DF_PLAN_PYRAMID, config->passes, base->horizon, config->slope);
  *out = (space){
    .H            = base->horizon,
    .k            = base->factors,
    .rows         = rows,
    .plan         = DF_TAKE(arena, (size_t)rows * H, int),
    .level        = DF_TAKE(arena, H, int),
    .past_level   = DF_TAKE(arena, C, int),
    .past         = DF_TAKE(arena, C * (size_t)base->factors, float),
    .before       = DF_TAKE(arena, H, int),
    .context_side = DF_TAKE(arena, C * S, float),
    .window_side  = DF_TAKE(arena, H * S, float),
    .direct       = DF_TAKE(arena, count, float),
    .z            = DF_TAKE(arena, count, float),
    .x0           = DF_TAKE(arena, count, float),
    .last         = DF_TAKE(arena, count, float),
  };
  df_status status = df_schedule_make(arena, &angle, &out->schedule);
  if (!status) {
    status = df_history_make(arena, model->predictor, &out->history);
  }
  if (!status && out->last) {
    int ladder[65];
    df_plan_ladder(net->levels, config->passes, ladder);
    df_plan_fill(
      DF_PLAN_PYRAMID, config->passes, base->horizon, config->slope, out->plan);
    df_plan_levels(out->plan, rows * base->horizon, ladder);
  }
  return status ? status : df_arena_status(arena);
}

/// Remember the C rows before an origin, each at the level of what is known of
/// it.
static void
remember(const space* const        s,
         const df_base_view* const view,
         const int                 origin,
         const int                 C)
{
  for (int t = 0; t < C; ++t) {
    const int row = origin - C + t;
    s->past_level[t] =
      df_context_level(s->schedule, df_base_unknown(view, row));
    df_context_token(s->schedule,
                     s->past_level[t],
                     s->k,
                     df_base_factors(view, row),
                     s->past + (size_t)t * (size_t)s->k);
  }
  df_history_push_many(s->history, C, s->past, s->context_side, s->past_level);
}

/// Let the pins correct the estimates.
static void
pull(const space* const s)
{
  const size_t k = (size_t)s->k;
  double       variance[DF_BASE_HORIZON];
  for (int h = 0; h < s->H; ++h) {
    // What is not known of a token of variance 1 that is seen at this level
    variance[h] = 1.0 - df_schedule_abar(s->schedule, s->level[h]);
    if (!s->level[h]) {
      memcpy(s->x0 + (size_t)h * k, s->z + (size_t)h * k, k * sizeof(float));
    }
  }
  df_base_pins_pull(s->pins, variance, s->x0);
}

/// One pass: estimate all tokens, and take those down whose time it is.
static void
pass(const space* const s, const int memory, const int* const next)
{
  const size_t k = (size_t)s->k;
  df_history_predict(s->history,
                     s->H,
                     memory,
                     s->z,
                     s->window_side,
                     s->level,
                     NULL,
                     NULL,
                     s->x0);
  if (s->pins) {
    pull(s);
  }
  for (int h = 0; h < s->H; ++h) {
    float* const x0   = s->x0 + (size_t)h * k;
    float* const last = s->last + (size_t)h * k;
    if (next[h] >= s->level[h]) {
      continue;
    }
    for (size_t j = 0U; j < k; ++j) {
      x0[j] = fmaxf(-MOST, fminf(MOST, x0[j]));
    }
    df_step_multistep(s->schedule,
                      s->before[h],
                      s->level[h],
                      next[h],
                      s->z + (size_t)h * k,
                      x0,
                      s->before[h] ? last : NULL,
                      s->k);
    memcpy(last, x0, k * sizeof(float));
    s->before[h] = s->level[h];
    s->level[h]  = next[h];
  }
}

/// Whether all levels of pins are 0..1.
static bool
are_levels(const df_paths_config* const config, const df_base* const base)
{
  const size_t count =
    (size_t)df_base_config_of(base)->horizon * (size_t)df_base_series(base);
  bool good = config->pin_level >= 0.0 && config->pin_level <= 1.0;
  for (size_t i = 0U; i < count && config->pin_levels; ++i) {
    good =
      good && !(config->pin_levels[i] < 0.0 || config->pin_levels[i] > 1.0);
  }
  return good;
}

df_status
df_paths_sample(const df_forecast_model* const model,
                const df_base_view* const      view,
                const int                      origin,
                const df_paths_config* const   config,
                double* const                  paths)
{
  if (config->samples < 1 || config->samples > 100000 || config->passes < 2 ||
      config->passes > 64 || !(config->slope >= 0.0 && config->slope <= 64.0) ||
      !are_levels(config, model->base) || origin < df_base_view_first(view) ||
      origin > df_base_view_last(view)) {
    return DF_E_ARG;
  }
  df_arena  arena  = {NULL, 0U, 0U, false};
  space     s      = {0};
  df_status status = take(&arena, model, config, &s);
  if (!status) {
    status = df_arena_allocate(&arena);
  }
  if (!status) {
    status = take(&arena, model, config, &s);
  }
  if (!status) {
    df_base_direct(view, origin, s.direct);
    if (config->pins) {
      status = df_base_pins_make(view,
                                 origin,
                                 s.direct,
                                 config->pins,
                                 config->pin_level,
                                 config->pin_levels,
                                 &s.pins);
    }
  }
  if (status) {
    df_base_pins_free(s.pins);
    df_arena_free(&arena);
    return status;
  }

  const int    C     = df_base_config_of(model->base)->context;
  const int    K     = df_schedule_levels(s.schedule);
  const size_t path  = (size_t)s.H * (size_t)df_base_series(model->base);
  const size_t count = (size_t)s.H * (size_t)s.k;
  if (model->network) {
    df_base_side(view, origin, s.direct, s.context_side, s.window_side);
    remember(&s, view, origin, C);
  }
  const double volatility =
    config->steady ? 1.0 : df_base_volatility(view, origin);
  for (int n = 0; n < config->samples; ++n) {
    const uint64_t index = (uint64_t)origin << 20U | (uint64_t)n;
    df_rng         rng   = df_rng_make(config->seed, STREAM_TOKENS, index);
    df_rng         rest  = df_rng_make(config->seed, STREAM_REST, index);
    df_rng_normal(&rng, s.z, count);
    memset(s.before, 0, (size_t)s.H * sizeof(int));
    for (int h = 0; h < s.H; ++h) {
      s.level[h] = K;
    }
    const bool   grown = model->network && (s.pins || n % 2 == 0);
    const double doubt =
      df_base_doubt(model->base, &rest) * (grown ? 1.0 : volatility);
    if (s.pins) {
      df_base_pins_doubt(s.pins, doubt);
    }
    for (int m = 1; m < s.rows && grown; ++m) {
      pass(&s, C, s.plan + (size_t)m * (size_t)s.H);
    }
    df_rng pins = df_rng_make(config->seed, STREAM_PINS, index);
    if (s.pins && !grown) {
      df_base_pins_draw(s.pins, &pins, s.z);
    }
    df_base_path(
      view, origin, s.direct, s.z, doubt, &rest, paths + (size_t)n * path);
    if (s.pins) {
      df_base_pins_settle(s.pins, &pins, paths + (size_t)n * path);
    }
  }
  df_base_pins_free(s.pins);
  df_arena_free(&arena);
  return DF_OK;
}
