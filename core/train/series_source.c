#include "core/train/series_source.h"

#include "core/base/arena.h"
#include "core/base/rng.h"
#include "core/diffusion/forcing.h"
#include "core/diffusion/schedule.h"
#include "core/diffusion/weights.h"
#include "core/forecast/context.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// Most weight of a token near no noise.
#define WEIGHT_MOST 5.0

/// Random numbers: one stream for each use.
enum { STREAM_SERIES = 0x7330 };

struct df_series_source {
  df_train_config     config;
  const df_base*      base;
  const df_base_view* view;
  df_pool*            pool;
  df_arena            arena;
  const df_schedule*  schedule;
  df_batch_view       out;
  df_source_use       use; ///< Of the filling going on
  uint64_t            index;

  float* clean;         ///< [B,T,k]
  float* context;       ///< [B,T,k]
  float* window;        ///< [B,T,k]
  float* eps;           ///< [B,T,k]
  float* context_side;  ///< [B,T,S]
  float* window_side;   ///< [B,T,S]
  float* side;          ///< [B,C,S] of rows not wanted
  float* direct;        ///< [B,H,k]
  float* weight;        ///< [B,T]
  int*   context_level; ///< [B,T]
  int*   window_level;  ///< [B,T]
};

void
df_series_config_fit(df_train_config* const config, const df_base* const base)
{
  const df_base_config* const of = df_base_config_of(base);
  const int wanted = (of->context + of->horizon - 1) / of->horizon + 3;
  const int fits   = (df_base_learnt(base) - df_base_least(base)) / of->horizon;
  const int blocks = fits < wanted ? fits : wanted;
  config->codec.dims    = of->factors;
  config->model.token   = of->factors;
  config->model.side    = df_base_side_count(base);
  config->model.horizon = of->horizon;
  config->model.context = of->context;
  config->model.recall  = false;
  config->tokens        = blocks * of->horizon;
}

df_train_config
df_series_config_default(void)
{
  df_train_config config = df_train_config_default();
  config.model           = df_model_config_default(DF_BACKBONE_GRU, 1);
  config.model.width     = 64;
  config.model.heads     = 4;
  config.model.layers    = 1;
  config.model.mlp       = 128;
  config.model.shift     = 1.0f;
  config.clips           = 16;
  config.steps           = 400;
  config.rate            = 3e-3;
  config.average         = 0.99;
  return config;
}

df_train_config
df_series_config(const df_base* const base, const uint64_t seed)
{
  df_train_config config = df_series_config_default();
  config.seed            = seed;
  df_series_config_fit(&config, base);
  return config;
}

static df_status
take(df_series_source* const self)
{
  df_arena* const              arena = &self->arena;
  const df_train_config* const c     = &self->config;
  const df_schedule_config     angle = {
        DF_SCHEDULE_ANGLE, c->model.levels, (double)c->model.shift, false};
  const size_t B      = (size_t)c->clips;
  const size_t rows   = B * (size_t)c->tokens;
  const size_t k      = (size_t)c->model.token;
  const size_t S      = (size_t)c->model.side;
  const size_t H      = (size_t)c->model.horizon;
  self->clean         = DF_TAKE(arena, rows * k, float);
  self->context       = DF_TAKE(arena, rows * k, float);
  self->window        = DF_TAKE(arena, rows * k, float);
  self->eps           = DF_TAKE(arena, rows * k, float);
  self->context_side  = DF_TAKE(arena, rows * S, float);
  self->window_side   = DF_TAKE(arena, rows * S, float);
  self->side          = DF_TAKE(arena, B * (size_t)c->model.context * S, float);
  self->direct        = DF_TAKE(arena, B * H * k, float);
  self->weight        = DF_TAKE(arena, rows, float);
  self->context_level = DF_TAKE(arena, rows, int);
  self->window_level  = DF_TAKE(arena, rows, int);
  self->out           = (df_batch_view){
              .input  = {.B             = c->clips,
                         .T             = c->tokens,
                         .H             = c->model.horizon,
                         .context       = self->context,
                         .context_level = self->context_level,
                         .window        = self->window,
                         .window_level  = self->window_level,
                         .context_side  = self->context_side,
                         .window_side   = self->window_side},
              .C      = c->model.token,
              .clean  = self->clean,
              .weight = self->weight,
  };
  const df_status status = df_schedule_make(arena, &angle, &self->schedule);
  return status ? status : df_arena_status(arena);
}

/// First row that a clip may begin at, and how many such there are.
static int
first_of(const df_series_source* const self)
{
  return df_base_view_first(self->view);
}

static int
starts_of(const df_series_source* const self)
{
  return df_base_view_last(self->view) - self->config.tokens - first_of(self) +
         1;
}

/// Noise one kind of token of one clip.
static void
noise(const df_series_source* const self,
      df_rng* const                 rng,
      const size_t                  row,
      const float* const            clean,
      const int* const              level,
      float* const                  out)
{
  const size_t k   = (size_t)self->config.model.token;
  const int    T   = self->config.tokens;
  float* const eps = self->eps + row * k;
  df_rng_normal(rng, eps, (size_t)T * k);
  df_forcing_noise(self->schedule,
                   out + row * k,
                   clean,
                   eps,
                   level + row,
                   1,
                   T,
                   self->config.model.token);
}

/// The tokens and side numbers of each window of a clip, and those side numbers
/// of its context.
static void
look(const df_series_source* const self, const int clip, const int begin)
{
  const df_model_config* const c   = &self->config.model;
  const size_t                 k   = (size_t)c->token;
  const size_t                 S   = (size_t)c->side;
  const size_t                 row = (size_t)clip * (size_t)self->config.tokens;
  float* const past   = self->side + (size_t)(clip * c->context) * S;
  float* const direct = self->direct + (size_t)(clip * c->horizon) * k;
  for (int t = 0; t < self->config.tokens; t += c->horizon) {
    const size_t at = row + (size_t)t;
    df_base_direct(self->view, begin + t, direct);
    df_base_tokens(self->view, begin + t, direct, self->clean + at * k);
    df_base_side(
      self->view, begin + t, direct, past, self->window_side + at * S);
    const int many = c->context < t ? c->context : t;
    memcpy(self->context_side + (at - (size_t)many) * S,
           past + (size_t)(c->context - many) * S,
           (size_t)many * S * sizeof(float));
  }
}

/// Where a row of the context is not known whole, begin from its own level: to
/// one above it only what that lacks of the noise is added.
static void
noise_unknown(const df_series_source* const self,
              const int                     row,
              const size_t                  at)
{
  const int own =
    df_context_level(self->schedule, df_base_unknown(self->view, row));
  if (!own) {
    return;
  }
  const size_t k  = (size_t)self->config.model.token;
  const double a  = df_schedule_signal(self->schedule, own);
  const double to = df_schedule_signal(self->schedule, self->context_level[at]);
  const double ratio = a > 0.0 ? to / a : 1.0; // nothing is known: 0
  const double rest  = sqrt(fmax(0.0, 1.0 - ratio * ratio));
  float* const z     = self->context + at * k;
  df_context_token(
    self->schedule, own, (int)k, df_base_factors(self->view, row), z);
  for (size_t j = 0U; j < k; ++j) {
    z[j] = (float)(ratio * (double)z[j] + rest * (double)self->eps[at * k + j]);
  }
}

static void
fill_clip(void* const data, const int clip)
{
  df_series_source* const      self = (df_series_source*)data;
  const df_train_config* const c    = &self->config;
  const int                    T    = c->tokens;
  const size_t                 row  = (size_t)clip * (size_t)T;
  const int                    K    = c->model.levels;
  df_rng rng = df_rng_make(self->use == DF_SOURCE_CHECK ? 0U : c->seed,
                           STREAM_SERIES + (uint64_t)self->use,
                           self->index * (uint64_t)c->clips + (uint64_t)clip);
  const int begin =
    first_of(self) + (int)df_rng_below(&rng, (uint32_t)starts_of(self));
  const bool clear = df_rng_uniform(&rng) < 0.5;
  look(self, clip, begin);
  for (int t = 0; t < T; ++t) {
    const size_t at      = row + (size_t)t;
    const double unknown = df_base_unknown(self->view, begin + t);
    const int    least   = df_context_level(self->schedule, unknown);
    const int    level = clear ? 0 : (int)df_rng_below(&rng, (uint32_t)K + 1U);
    self->context_level[at] = level > least ? level : least;
    self->window_level[at]  = 1 + (int)df_rng_below(&rng, (uint32_t)K);
    const double s = df_schedule_noise(self->schedule, self->window_level[at]);
    self->weight[at] =
      t < c->model.horizon ? 0.0f : (float)df_weight_wiener(s, WEIGHT_MOST);
  }
  noise(self,
        &rng,
        row,
        df_base_factors(self->view, begin),
        self->context_level,
        self->context);
  for (int t = 0; t < T; ++t) {
    noise_unknown(self, begin + t, row + (size_t)t);
  }
  noise(self,
        &rng,
        row,
        self->clean + row * (size_t)c->model.token,
        self->window_level,
        self->window);
}

static df_status
refresh(void* const self, const int64_t step, df_note* const note)
{
  (void)self;
  (void)step;
  (void)note;
  return DF_OK;
}

/// Tokens are residuals over their own deviation.
static df_status
measure(void* const data, df_model* const model)
{
  (void)data;
  for (int i = 0; i < model->config.token; ++i) {
    model->variance[i] = 1.0f;
    model->low[i]      = -8.0f;
    model->high[i]     = 8.0f;
  }
  return DF_OK;
}

static const df_batch_view*
batch(void* const data, const df_source_use use, const uint64_t index)
{
  df_series_source* const self = (df_series_source*)data;
  const int               B    = self->config.clips;
  self->use                    = use;
  self->index                  = index;
  df_pool_run(self->pool, B, fill_clip, self);
  self->out.counted = B * (self->config.tokens - self->config.model.horizon);
  return &self->out;
}

df_status
df_series_source_make(const df_train_config* const config,
                      const df_base* const         base,
                      const df_base_view* const    view,
                      df_pool* const               pool,
                      df_series_source** const     out,
                      df_note* const               note)
{
  *out = NULL;
  df_series_source* const self =
    (df_series_source*)calloc(1U, sizeof(df_series_source));
  if (!self) {
    return df_note_set(note, DF_E_NOMEM, "out of memory");
  }
  self->config = *config;
  self->base   = base;
  self->view   = view;
  self->pool   = pool;
  if (starts_of(self) < 1) {
    const int missing = 1 - starts_of(self);
    df_series_source_free(self);
    return df_note_set(note,
                       DF_E_SHAPE,
                       "rows: want %d more for one stretch of %d to learn from",
                       missing,
                       config->tokens);
  }
  df_status status = take(self);
  if (!status) {
    status = df_arena_allocate(&self->arena);
  }
  if (!status) {
    status = take(self);
  }
  if (status) {
    df_series_source_free(self);
    return df_note_set(note, status, "out of memory");
  }
  *out = self;
  return DF_OK;
}

void
df_series_source_free(df_series_source* const source)
{
  if (source) {
    df_arena_free(&source->arena);
    free(source);
  }
}

/// Of all rows as factors, and so of the table and its base (FNV-1a).
static uint64_t
fingerprint(const df_series_source* const self)
{
  const size_t k    = (size_t)self->config.model.token;
  const int    from = first_of(self) - self->config.model.context;
  uint64_t     hash = 14695981039346656037U;
  for (int t = from; t < df_base_view_last(self->view); ++t) {
    const float* const f = df_base_factors(self->view, t);
    for (size_t j = 0U; j < k; ++j) {
      uint32_t bits = 0U;
      memcpy(&bits, &f[j], sizeof(bits));
      hash = (hash ^ bits) * 1099511628211U;
    }
  }
  return hash;
}

df_source
df_series_source_of(df_series_source* const source)
{
  return (df_source){source, refresh, measure, batch, fingerprint(source)};
}
