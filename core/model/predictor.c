#include "core/model/predictor.h"

#include "core/model/precondition.h"
#include "core/model/predictor_parts.h"
#include "core/nn/embed.h"
#include "core/tensor/pack.h"

#include <assert.h>
#include <string.h>

df_real*
df_copied(df_arena* const arena, const df_real* const from, const size_t count)
{
  df_real* const to = DF_TAKE(arena, count, df_real);
  if (to) {
    memcpy(to, from, count * sizeof(df_real));
  }
  return to;
}

df_packed
df_packed_alone(df_arena* const         arena,
                const df_kernels* const kernels,
                const df_real* const    theta,
                const size_t            weight,
                const int               out,
                const int               in)
{
  df_real* const w = DF_TAKE(arena, df_pack_size(kernels, out, in), df_real);
  if (w) {
    df_pack(kernels, out, in, theta + weight, w);
  }
  return (df_packed){in, out, w, NULL};
}

df_packed
df_packed_make(df_arena* const               arena,
               const df_kernels* const       kernels,
               const df_real* const          theta,
               const df_layout_linear* const at,
               const int                     first,
               const int                     out,
               const int                     in,
               const double                  factor)
{
  const size_t   size  = df_pack_size(kernels, out, in);
  const size_t   begin = at->weight + (size_t)first * (size_t)in;
  df_real* const w     = DF_TAKE(arena, size, df_real);
  df_real* const b =
    df_copied(arena, theta + at->bias + (size_t)first, (size_t)out);
  if (!w || !b) {
    return (df_packed){0, 0, NULL, NULL};
  }
  df_pack(kernels, out, in, theta + begin, w);
  for (size_t i = 0U; i < size; ++i) {
    w[i] = (df_real)(factor * (double)w[i]);
  }
  for (int i = 0; i < out; ++i) {
    b[i] = (df_real)(factor * (double)b[i]);
  }
  return (df_packed){in, out, w, b};
}

void
df_packed_run(const df_kernels* const kernels,
              const df_packed* const  layer,
              const int               rows,
              const df_real* const    x,
              df_real* const          y)
{
  kernels->packed(rows,
                  layer->out,
                  layer->in,
                  x,
                  layer->in,
                  layer->weight,
                  layer->bias,
                  y,
                  layer->out);
}

// The table [K+1,2d] of an adaptive norm: 1 + scale, then shift
static df_real*
norm_table(df_arena* const               arena,
           const df_model_config* const  config,
           const df_real* const          embed,
           const df_real* const          theta,
           const df_layout_linear* const at)
{
  const size_t   levels = (size_t)config->levels + 1U;
  const size_t   d2     = 2U * (size_t)config->width;
  df_real* const table  = DF_TAKE(arena, levels * d2, df_real);
  for (size_t k = 0U; table && k < levels; ++k) {
    for (size_t i = 0U; i < d2; ++i) {
      const df_real* const row = theta + at->weight + i * DF_EMBED;
      double               sum = (double)theta[at->bias + i];
      for (size_t j = 0U; j < DF_EMBED; ++j) {
        sum += (double)row[j] * (double)embed[k * DF_EMBED + j];
      }
      table[k * d2 + i] = (df_real)(i < d2 / 2U ? 1.0 + sum : sum);
    }
  }
  return table;
}

static const float*
copied_floats(df_arena* const    arena,
              const float* const from,
              const size_t       count)
{
  float* const to = DF_TAKE(arena, count, float);
  if (to) {
    memcpy(to, from, count * sizeof(float));
  }
  return to;
}

// What a window token gets with its product: bias and flag
static const df_real*
window_bias(df_arena* const      arena,
            const df_real* const bias,
            const df_real* const flag,
            const size_t         d)
{
  df_real* const sum = df_copied(arena, bias, d);
  for (size_t i = 0U; sum && i < d; ++i) {
    sum[i] += flag[i];
  }
  return sum;
}

df_status
df_predictor_make_on(df_arena* const            arena,
                     const df_model* const      model,
                     const df_kernels* const    ks,
                     const df_predictor** const out)
{
  const df_model_config* const c      = &model->config;
  const df_layout* const       at     = &model->layout;
  const df_real* const         theta  = model->theta;
  const int                    d      = c->width;
  const size_t                 C      = (size_t)c->token;
  const size_t                 levels = (size_t)c->levels + 1U;

  df_predictor* const self  = DF_TAKE(arena, 1U, df_predictor);
  df_real* const      embed = DF_TAKE(arena, levels * DF_EMBED, df_real);
  df_real* const      skip  = DF_TAKE(arena, levels * C, df_real);
  df_real* const      gain  = DF_TAKE(arena, levels * C, df_real);
  if (embed) {
    df_embed_levels(c->levels, embed);
  }
  if (skip && gain) {
    df_precondition_tables(c, model->variance, skip, gain);
  }

  df_predictor made = {
    .config  = *c,
    .kernels = ks,
    .input   = df_packed_make(arena, ks, theta, &at->input, 0, d, (int)C, 1.0),
    .window =
      window_bias(arena, theta + at->input.bias, theta + at->window, (size_t)d),
    .head_norm = norm_table(arena, c, embed, theta, &at->head_norm),
    .head      = df_packed_make(arena, ks, theta, &at->head, 0, (int)C, d, 1.0),
    .skip      = skip,
    .gain      = gain,
    .turns     = df_turns_make(arena, c),
    .variance  = copied_floats(arena, model->variance, C),
    .spread    = copied_floats(arena, model->spread, levels * C),
    .low       = copied_floats(arena, model->low, C),
    .high      = copied_floats(arena, model->high, C),
  };
  if (c->recall) {
    const df_layout_linear recall = {at->recall, at->confidence};
    made.recall = df_packed_make(arena, ks, theta, &recall, 0, d, (int)C, 1.0);
    made.confidence  = made.recall.bias;
    made.recall.bias = NULL; // each row has it times its own confidence
  }
  if (c->side) {
    made.side = df_packed_alone(arena, ks, theta, at->side, d, c->side);
  }
  for (int i = 0; i < c->layers; ++i) {
    const df_layout_block* const b     = &at->blocks[i];
    df_predictor_block* const    block = &made.blocks[i];
    block->norm1 = norm_table(arena, c, embed, theta, &b->norm1);
    block->norm2 = norm_table(arena, c, embed, theta, &b->norm2);
    block->up    = df_packed_make(arena, ks, theta, &b->up, 0, c->mlp, d, 1.0);
    block->down = df_packed_make(arena, ks, theta, &b->down, 0, d, c->mlp, 1.0);
    if (c->backbone == DF_BACKBONE_GRU) {
      block->recur = df_recur_make(arena, c, ks, theta, b);
    } else {
      block->attend = df_attend_make(arena, c, ks, theta, b);
    }
  }
  if (!arena->base || arena->failed) {
    return df_arena_status(arena);
  }
  *self = made;
  *out  = self;
  return DF_OK;
}

df_status
df_predictor_make(df_arena* const            arena,
                  const df_model* const      model,
                  const df_predictor** const out)
{
  return df_predictor_make_on(arena, model, df_kernels_best(), out);
}

const df_model_config*
df_predictor_config(const df_predictor* const predictor)
{
  return &predictor->config;
}

const float*
df_predictor_variance(const df_predictor* const predictor)
{
  return predictor->variance;
}

const float*
df_predictor_spread(const df_predictor* const predictor, const int level)
{
  return predictor->spread + (size_t)level * (size_t)predictor->config.token;
}

const float*
df_predictor_low(const df_predictor* const predictor)
{
  return predictor->low;
}

const float*
df_predictor_high(const df_predictor* const predictor)
{
  return predictor->high;
}
