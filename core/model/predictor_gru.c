#include "core/model/predictor_parts.h"

#include <stddef.h>
#include <string.h>

#define SLOTS (DF_UNDO + 1)

df_recur
df_recur_make(df_arena* const              arena,
              const df_model_config* const config,
              const df_kernels* const      kernels,
              const df_real* const         theta,
              const df_layout_block* const at)
{
  const int d = config->width;
  return (df_recur){
    .input =
      df_packed_make(arena, kernels, theta, &at->input, 0, 3 * d, d, 1.0),
    .state =
      df_packed_make(arena, kernels, theta, &at->state, 0, 3 * d, d, 1.0),
    .start = df_copied(arena, theta + at->start, (size_t)d),
  };
}

void
df_recur_history(df_arena* const arena, df_history* const h)
{
  const df_model_config* const c = &h->predictor->config;
  const size_t                 d = (size_t)c->width;
  h->gates = DF_TAKE(arena, (DF_ROWS + 1U) * 3U * d, df_real);
  for (int i = 0; i < c->layers; ++i) {
    h->layers[i].states = DF_TAKE(arena, SLOTS * d, df_real);
  }
}

// The state after `count` tokens
static df_real*
slot(const df_history* const h, const int layer, const int64_t count)
{
  const size_t d = (size_t)h->predictor->config.width;
  return h->layers[layer].states + (size_t)(count % SLOTS) * d;
}

DF_RT
void
df_recur_reset(df_history* const h)
{
  const size_t size = (size_t)h->predictor->config.width * sizeof(df_real);
  for (int i = 0; i < h->predictor->config.layers; ++i) {
    memcpy(slot(h, i, 0), h->predictor->blocks[i].recur.start, size);
  }
}

// One step of the cell; `a` [3d] from the input is spent
static void
step(df_history* const     h,
     const df_recur* const cell,
     df_real* const        a,
     const df_real* const  state,
     df_real* const        next)
{
  const df_kernels* const ks   = h->predictor->kernels;
  const size_t            d    = (size_t)h->predictor->config.width;
  df_real* const          from = h->gates + DF_ROWS * 3U * d; // [hr|hz|hn]
  df_packed_run(ks, &cell->state, 1, state, from);
  ks->axpy(a, 1, from, 2U * d);
  ks->sigmoid(a, a, 2U * d); // r, s
  df_real* const r = a;
  df_real* const s = a + d;
  df_real* const c = a + 2U * d;
  for (size_t i = 0U; i < d; ++i) {
    c[i] += r[i] * from[2U * d + i];
  }
  ks->tanh(c, c, d);
  for (size_t i = 0U; i < d; ++i) {
    next[i] = c[i] + s[i] * (state[i] - c[i]);
  }
}

DF_RT
void
df_recur_push(df_history* const h,
              const int         layer,
              const int         rows,
              const bool        last)
{
  const df_predictor* const p    = h->predictor;
  const df_recur* const     cell = &p->blocks[layer].recur;
  const size_t              d    = (size_t)p->config.width;
  df_packed_run(p->kernels, &cell->input, rows, h->n, h->gates);
  for (int r = 0; r < rows; ++r) {
    df_real* const next = slot(h, layer, h->count + r + 1);
    step(h,
         cell,
         h->gates + (size_t)r * 3U * d,
         slot(h, layer, h->count + r),
         next);
    if (!last) {
      p->kernels->axpy(h->x + (size_t)r * d, 1, next, d);
    }
  }
}

DF_RT
void
df_recur_window(df_history* const h,
                const int         layer,
                const int         rows,
                const int         memory)
{
  const df_predictor* const p    = h->predictor;
  const df_recur* const     cell = &p->blocks[layer].recur;
  const size_t              d    = (size_t)p->config.width;
  const df_real* state = memory ? slot(h, layer, h->count) : cell->start;
  df_packed_run(p->kernels, &cell->input, rows, h->n, h->gates);
  for (size_t r = 0U; r < (size_t)rows; ++r) {
    df_real* const next = h->y + r * d;
    step(h, cell, h->gates + r * 3U * d, state, next);
    state = next;
  }
  p->kernels->axpy(h->x, 1, h->y, (size_t)rows * d);
}
