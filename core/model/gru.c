#include "core/model/gru.h"

#include "core/nn/gru.h"
#include "core/nn/linear.h"
#include "core/nn/rows.h"
#include "core/tensor/gemm.h"

#include <stddef.h>
#include <string.h>

typedef struct {
  df_real* gates; // [2BT,4d]
  df_real* state; // [2BT,d] after each token
  df_real* prev;  // [2BT,d] before each token
} layer;

struct df_recurrence {
  layer    layers[DF_LAYOUT_BLOCKS];
  df_real* a;      // [2BT,3d] from the input; its gradient going back
  df_real* h;      // [2BT,3d] from the state, of one step; gradients of all
  df_real* dstate; // [2BT,d]
  df_real* edge;   // [BT,d] gradients by the states that chains start from
};

// Chains that step together: row n of step j is first + n length + j
typedef struct {
  size_t first;
  int    count;
  int    length;
} chains;

static chains
context_chains(const df_streams s)
{
  return (chains){0U, s.B, s.T};
}

static chains
window_chains(const df_streams s)
{
  return (chains){(size_t)s.B * (size_t)s.T, s.B * (s.T / s.H), s.H};
}

df_status
df_recurrence_make(df_arena* const              arena,
                   const df_model_config* const config,
                   const int                    B,
                   const int                    T,
                   df_recurrence** const        out)
{
  const size_t         d    = (size_t)config->width;
  const size_t         rows = 2U * (size_t)B * (size_t)T;
  df_recurrence* const self = DF_TAKE(arena, 1U, df_recurrence);
  df_recurrence        made = {
           .a      = DF_TAKE(arena, rows * 3U * d, df_real),
           .h      = DF_TAKE(arena, rows * 3U * d, df_real),
           .dstate = DF_TAKE(arena, rows * d, df_real),
           .edge   = DF_TAKE(arena, rows / 2U * d, df_real),
  };
  for (int i = 0; i < config->layers; ++i) {
    made.layers[i] = (layer){
      .gates = DF_TAKE(arena, rows * 4U * d, df_real),
      .state = DF_TAKE(arena, rows * d, df_real),
      .prev  = DF_TAKE(arena, rows * d, df_real),
    };
  }
  if (!arena->base || arena->failed) {
    return df_arena_status(arena);
  }
  *self = made;
  *out  = self;
  return DF_OK;
}

// Run chains whose first `prev` rows are set
static void
run(df_recurrence* const  self,
    const df_mixer* const m,
    const chains          c,
    const layer* const    l)
{
  const int            d    = m->config->width;
  const size_t         w    = (size_t)d;
  const int            step = c.length * d;
  const df_real* const Wh   = m->theta + m->at->state.weight;
  const df_real* const bh   = m->theta + m->at->state.bias;
  for (int j = 0; j < c.length; ++j) {
    const size_t   row  = c.first + (size_t)j;
    df_real* const prev = l->prev + row * w;
    df_real* const next = l->state + row * w;
    df_linear(
      m->pool, c.count, 3 * d, d, prev, step, Wh, bh, false, self->h, 3 * d);
    df_gru(m->pool,
           m->kernels,
           c.count,
           d,
           self->a + row * 3U * w,
           3 * step,
           self->h,
           prev,
           step,
           l->gates + row * 4U * w,
           4 * step,
           next,
           step);
    for (int n = 0; j + 1 < c.length && n < c.count; ++n) {
      const size_t at = (size_t)n * (size_t)step;
      memcpy(prev + at + w, next + at, w * sizeof(df_real));
    }
  }
}

// The state before the token at time t of a clip
static const df_real*
state_before(const df_mixer* const m,
             const layer* const    l,
             const int             clip,
             const int             t)
{
  const size_t row = (size_t)clip * (size_t)m->s.T + (size_t)t;
  return t ? l->state + (row - 1U) * (size_t)m->config->width
           : m->theta + m->at->start;
}

void
df_recurrence_forward(df_recurrence* const  self,
                      const df_mixer* const m,
                      const df_real* const  in,
                      df_real* const        x)
{
  const df_real* const theta  = m->theta;
  const layer* const   l      = &self->layers[m->layer];
  const df_streams     s      = m->s;
  const int            d      = m->config->width;
  const size_t         w      = (size_t)d;
  const int            half   = s.B * s.T;
  const chains         window = window_chains(s);

  df_linear(m->pool,
            2 * half,
            3 * d,
            d,
            in,
            d,
            theta + m->at->input.weight,
            theta + m->at->input.bias,
            false,
            self->a,
            3 * d);
  for (int clip = 0; clip < s.B; ++clip) {
    memcpy(l->prev + (size_t)clip * (size_t)s.T * w,
           theta + m->at->start,
           w * sizeof(df_real));
  }
  run(self, m, context_chains(s), l);
  for (int clip = 0; clip < s.B; ++clip) {
    for (int t = 0; t < s.T; t += s.H) {
      const size_t row = window.first + (size_t)clip * (size_t)s.T + (size_t)t;
      memcpy(
        l->prev + row * w, state_before(m, l, clip, t), w * sizeof(df_real));
    }
  }
  run(self, m, window, l);

  const size_t skip = m->last ? (size_t)half * w : 0U;
  const size_t all  = 2U * (size_t)half * w;
  m->kernels->axpy(x + skip, 1, l->state + skip, all - skip);
}

// Go back along chains; leaves the gradients by their starts in self->edge
static void
run_back(df_recurrence* const  self,
         const df_mixer* const m,
         const chains          c,
         const layer* const    l)
{
  const int            d    = m->config->width;
  const size_t         w    = (size_t)d;
  const int            step = c.length * d;
  const df_real* const Wh   = m->theta + m->at->state.weight;
  memset(self->edge, 0, (size_t)c.count * w * sizeof(df_real));
  for (int j = c.length - 1; j >= 0; --j) {
    const size_t   row   = c.first + (size_t)j;
    df_real* const dnext = self->dstate + row * w;
    df_real* const dprev = j ? dnext - w : self->edge;
    const int      ldp   = j ? step : d;
    df_real* const dh    = self->h + row * 3U * w;
    df_gru_backward(m->pool,
                    c.count,
                    d,
                    l->gates + row * 4U * w,
                    4 * step,
                    l->prev + row * w,
                    step,
                    dnext,
                    step,
                    self->a + row * 3U * w,
                    dh,
                    3 * step,
                    dprev,
                    ldp);
    df_gemm(
      false, false, c.count, d, 3 * d, 1, dh, 3 * step, Wh, d, 1, dprev, ldp);
  }
}

void
df_recurrence_backward(df_recurrence* const  self,
                       const df_mixer* const m,
                       const df_real* const  in,
                       const df_real* const  dx,
                       df_real* const        din,
                       df_real* const        grad)
{
  const df_layout_block* const at    = m->at;
  const layer* const           l     = &self->layers[m->layer];
  const df_streams             s     = m->s;
  const int                    d     = m->config->width;
  const size_t                 w     = (size_t)d;
  const int                    rows  = 2 * s.B * s.T;
  df_real* const               start = grad + at->start;

  memcpy(self->dstate, dx, (size_t)rows * w * sizeof(df_real));
  run_back(self, m, window_chains(s), l);
  for (int clip = 0; clip < s.B; ++clip) {
    for (int t = 0; t < s.T; t += s.H) {
      const size_t   row = (size_t)clip * (size_t)s.T + (size_t)t;
      df_real* const to  = t ? self->dstate + (row - 1U) * w : start;
      m->kernels->axpy(to, 1, self->edge + row / (size_t)s.H * w, w);
    }
  }
  run_back(self, m, context_chains(s), l);
  df_rows_sum(m->pool, s.B, d, self->edge, d, NULL, start);

  df_linear_backward(m->pool,
                     rows,
                     3 * d,
                     d,
                     l->prev,
                     d,
                     m->theta + at->state.weight,
                     self->h,
                     3 * d,
                     false,
                     NULL,
                     grad + at->state.weight,
                     grad + at->state.bias);
  df_linear_backward(m->pool,
                     rows,
                     3 * d,
                     d,
                     in,
                     d,
                     m->theta + at->input.weight,
                     self->a,
                     3 * d,
                     false,
                     din,
                     grad + at->input.weight,
                     grad + at->input.bias);
}
