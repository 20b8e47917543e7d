#include "core/model/network.h"

#include "core/model/gru.h"
#include "core/model/level_norm.h"
#include "core/model/mixer.h"
#include "core/model/precondition.h"
#include "core/model/transformer.h"
#include "core/nn/embed.h"
#include "core/nn/linear.h"
#include "core/nn/mlp.h"
#include "core/nn/rows.h"

#include <assert.h>
#include <string.h>

#define ROWS 64

typedef struct {
  df_level_norm norm1;
  df_level_norm norm2;
  df_real*      pre; // [2BT,M]
  df_real*      act; // [2BT,M]
} layer;

struct df_network {
  const df_model*   model;
  df_pool*          pool;
  const df_kernels* kernels;
  int               B; // largest
  int               T; // largest

  df_real* embed; // [K+1,DF_EMBED]
  df_real* skip;  // [K+1,C]
  df_real* gain;  // [K+1,C]

  // Of the last forward call
  df_streams      s;
  bool            recalled;
  int*            level;  // [2BT]
  df_real*        recall; // [BT,C] zero where it is dropped
  df_real*        x;      // [2BT,d] the stream that layers add to
  layer           layers[DF_LAYOUT_BLOCKS];
  df_level_norm   head;
  df_transformer* transformer; // one of the two
  df_recurrence*  recurrence;

  // Gradients on their way back
  df_real* dx;     // [2BT,d]
  df_real* dn;     // [2BT,d]
  df_real* dact;   // [2BT,M]
  df_real* dtable; // [K+1,2d]
  df_real* net;    // [BT,C] the raw output, then its gradient
};

df_status
df_network_make(df_arena* const       arena,
                const df_model* const model,
                const int             B,
                const int             T,
                df_pool* const        pool,
                df_network** const    out)
{
  if (B < 1 || B > 4096 || T < 1 || T > 65536) {
    return DF_E_ARG;
  }
  const df_model_config* const c      = &model->config;
  const size_t                 d      = (size_t)c->width;
  const size_t                 C      = (size_t)c->token;
  const size_t                 M      = (size_t)c->mlp;
  const size_t                 half   = (size_t)B * (size_t)T;
  const size_t                 rows   = 2U * half;
  const size_t                 levels = (size_t)c->levels + 1U;

  df_network* const self = DF_TAKE(arena, 1U, df_network);
  df_network        made = {
           .model   = model,
           .pool    = pool,
           .kernels = df_kernels_best(),
           .B       = B,
           .T       = T,
           .embed   = DF_TAKE(arena, levels * DF_EMBED, df_real),
           .skip    = DF_TAKE(arena, levels * C, df_real),
           .gain    = DF_TAKE(arena, levels * C, df_real),
           .level   = DF_TAKE(arena, rows, int),
           .recall  = DF_TAKE(arena, half * C, df_real),
           .x       = DF_TAKE(arena, rows * d, df_real),
           .head    = df_level_norm_make(arena, c, half),
           .dx      = DF_TAKE(arena, rows * d, df_real),
           .dn      = DF_TAKE(arena, rows * d, df_real),
           .dact    = DF_TAKE(arena, rows * M, df_real),
           .dtable  = DF_TAKE(arena, levels * 2U * d, df_real),
           .net     = DF_TAKE(arena, half * C, df_real),
  };
  for (int i = 0; i < c->layers; ++i) {
    made.layers[i] = (layer){
      .norm1 = df_level_norm_make(arena, c, rows),
      .norm2 = df_level_norm_make(arena, c, rows),
      .pre   = DF_TAKE(arena, rows * M, df_real),
      .act   = DF_TAKE(arena, rows * M, df_real),
    };
  }
  const df_status status =
    c->backbone == DF_BACKBONE_GRU
      ? df_recurrence_make(arena, c, B, T, &made.recurrence)
      : df_transformer_make(arena, c, B, T, &made.transformer);
  if (status || !arena->base || arena->failed) {
    return status ? status : df_arena_status(arena);
  }

  df_embed_levels(c->levels, made.embed);
  *self = made;
  *out  = self;
  return DF_OK;
}

static df_level_space
level_space(const df_network* const self)
{
  return (df_level_space){
    &self->model->config, self->pool, self->kernels, self->embed, self->dtable};
}

// x += s Wside^T, both streams
static void
side_forward(df_network* const             self,
             const df_real* const          theta,
             const df_network_input* const in)
{
  const int            S    = self->model->config.side;
  const int            d    = self->model->config.width;
  const int            half = in->B * in->T;
  const df_real* const W    = theta + self->model->layout.side;
  df_real* const       x    = self->x + (size_t)half * (size_t)d;
  assert(in->context_side && in->window_side);
  df_linear(
    self->pool, half, d, S, in->context_side, S, W, NULL, true, self->x, d);
  df_linear(self->pool, half, d, S, in->window_side, S, W, NULL, true, x, d);
}

// What enters the layers, both streams
static void
input_forward(df_network* const             self,
              const df_real* const          theta,
              const df_network_input* const in)
{
  const df_layout* const at   = &self->model->layout;
  const int              C    = self->model->config.token;
  const int              d    = self->model->config.width;
  const int              half = in->B * in->T;
  df_real* const         x    = self->x + (size_t)half * (size_t)d;

  memcpy(self->level, in->context_level, (size_t)half * sizeof(int));
  memcpy(self->level + half, in->window_level, (size_t)half * sizeof(int));

  const df_real* const W = theta + at->input.weight;
  df_linear(self->pool,
            half,
            d,
            C,
            in->context,
            C,
            W,
            theta + at->input.bias,
            false,
            self->x,
            d);
  df_rows_fill(
    self->pool, half, d, theta + at->input.bias, theta + at->window, x, d);
  df_linear(self->pool, half, d, C, in->window, C, W, NULL, true, x, d);
  if (self->model->config.side) {
    side_forward(self, theta, in);
  }

  self->recalled = self->model->config.recall && in->recall && in->confidence;
  if (!self->recalled) {
    return;
  }
  const size_t bytes = (size_t)C * sizeof(df_real);
  for (int r = 0; r < half; ++r) {
    df_real* const to = self->recall + (size_t)r * (size_t)C;
    if (in->confidence[r] > 0) {
      memcpy(to, in->recall + (size_t)r * (size_t)C, bytes);
      self->kernels->axpy(x + (size_t)r * (size_t)d,
                          in->confidence[r],
                          theta + at->confidence,
                          (size_t)d);
    } else {
      memset(to, 0, bytes);
    }
  }
  df_linear(self->pool,
            half,
            d,
            C,
            self->recall,
            C,
            theta + at->recall,
            NULL,
            true,
            x,
            d);
}

static df_mixer
mixer(const df_network* const self, const df_real* const theta, const int i)
{
  return (df_mixer){
    .config  = &self->model->config,
    .at      = &self->model->layout.blocks[i],
    .theta   = theta,
    .pool    = self->pool,
    .kernels = self->kernels,
    .s       = self->s,
    .layer   = i,
    .last    = i == self->model->config.layers - 1,
  };
}

static void
block_forward(df_network* const self, const df_real* const theta, const int i)
{
  const df_model_config* const c     = &self->model->config;
  const df_level_space         space = level_space(self);
  const df_mixer               m     = mixer(self, theta, i);
  const layer* const           l     = &self->layers[i];
  const int                    half  = self->s.B * self->s.T;
  const int                    from  = m.last ? half : 0;
  const size_t                 skip  = (size_t)from * (size_t)c->width;

  df_level_norm_forward(
    &l->norm1, &space, theta, &m.at->norm1, self->level, 0, 2 * half, self->x);
  if (self->recurrence) {
    df_recurrence_forward(self->recurrence, &m, l->norm1.y, self->x);
  } else {
    df_transformer_forward(self->transformer, &m, l->norm1.y, self->x);
  }

  const df_mlp_weights w = {theta + m.at->up.weight,
                            theta + m.at->up.bias,
                            theta + m.at->down.weight,
                            theta + m.at->down.bias};
  df_level_norm_forward(&l->norm2,
                        &space,
                        theta,
                        &m.at->norm2,
                        self->level,
                        from,
                        2 * half - from,
                        self->x);
  df_mlp(self->pool,
         self->kernels,
         2 * half - from,
         c->width,
         c->mlp,
         &w,
         l->norm2.y + skip,
         l->pre,
         l->act,
         self->x + skip);
}

static void
block_backward(df_network* const    self,
               const df_real* const theta,
               const int            i,
               df_real* const       grad)
{
  const df_model_config* const c     = &self->model->config;
  const df_level_space         space = level_space(self);
  const df_mixer               m     = mixer(self, theta, i);
  const layer* const           l     = &self->layers[i];
  const int                    half  = self->s.B * self->s.T;
  const int                    from  = m.last ? half : 0;
  const size_t                 skip  = (size_t)from * (size_t)c->width;

  const df_mlp_weights w = {theta + m.at->up.weight,
                            theta + m.at->up.bias,
                            theta + m.at->down.weight,
                            theta + m.at->down.bias};
  const df_mlp_grad    g = {grad + m.at->up.weight,
                            grad + m.at->up.bias,
                            grad + m.at->down.weight,
                            grad + m.at->down.bias};
  df_mlp_backward(self->pool,
                  self->kernels,
                  2 * half - from,
                  c->width,
                  c->mlp,
                  &w,
                  l->norm2.y + skip,
                  l->pre,
                  l->act,
                  self->dx + skip,
                  self->dn + skip,
                  &g,
                  self->dact);
  df_level_norm_backward(&l->norm2,
                         &space,
                         theta,
                         &m.at->norm2,
                         self->level,
                         from,
                         2 * half - from,
                         self->dn,
                         self->dx,
                         grad);

  if (self->recurrence) {
    df_recurrence_backward(
      self->recurrence, &m, l->norm1.y, self->dx, self->dn, grad);
  } else {
    df_transformer_backward(
      self->transformer, &m, l->norm1.y, self->dx, self->dn, grad);
  }
  df_level_norm_backward(&l->norm1,
                         &space,
                         theta,
                         &m.at->norm1,
                         self->level,
                         0,
                         2 * half,
                         self->dn,
                         self->dx,
                         grad);
}

// A loop over window tokens
typedef struct {
  const df_network* self;
  const df_real*    z;
  const df_real*    x0;
  df_real*          out;
} job;

static void
estimate(void* const self, const int begin, const int end)
{
  const job* const        j     = (const job*)self;
  const df_network* const n     = j->self;
  const size_t            C     = (size_t)n->model->config.token;
  const int* const        level = n->level + n->s.B * n->s.T;
  for (int r = begin; r < end; ++r) {
    const size_t         row  = (size_t)r * C;
    const df_real* const skip = n->skip + (size_t)level[r] * C;
    const df_real* const gain = n->gain + (size_t)level[r] * C;
    const df_real* const net  = n->net + row;
    const df_real* const z    = j->z + row;
    df_real* const       x0   = j->out + row;
    for (size_t c = 0U; c < C; ++c) {
      x0[c] = skip[c] * z[c] + gain[c] * net[c];
    }
  }
}

void
df_network_forward(df_network* const             self,
                   const df_real* const          theta,
                   const df_network_input* const in,
                   df_real* const                x0)
{
  const df_level_space   space = level_space(self);
  const df_model* const  model = self->model;
  const df_layout* const at    = &model->layout;
  const int              C     = model->config.token;
  const int              d     = model->config.width;
  const int              half  = in->B * in->T;
  assert(in->B >= 1 && in->B <= self->B && in->T >= 1 && in->T <= self->T);
  assert(in->H >= 1 && in->H <= model->config.horizon && in->T % in->H == 0);

  self->s = (df_streams){in->B, in->T, in->H};
  df_precondition_tables(
    &model->config, model->variance, self->skip, self->gain);
  input_forward(self, theta, in);
  for (int i = 0; i < model->config.layers; ++i) {
    block_forward(self, theta, i);
  }
  df_level_norm_forward(&self->head,
                        &space,
                        theta,
                        &at->head_norm,
                        self->level + half,
                        0,
                        half,
                        self->x + (size_t)half * (size_t)d);
  df_linear(self->pool,
            half,
            C,
            d,
            self->head.y,
            d,
            theta + at->head.weight,
            theta + at->head.bias,
            false,
            self->net,
            C);

  job j = {self, in->window, NULL, x0};
  df_rows_run(self->pool, half, ROWS, estimate, &j);
}

// dnet = gain dx0, and dwindow += skip dx0 where it is asked for
static void
estimate_backward(void* const self, const int begin, const int end)
{
  const job* const        j     = (const job*)self;
  const df_network* const n     = j->self;
  const size_t            C     = (size_t)n->model->config.token;
  const int* const        level = n->level + n->s.B * n->s.T;
  for (int r = begin; r < end; ++r) {
    const size_t         row  = (size_t)r * C;
    const df_real* const skip = n->skip + (size_t)level[r] * C;
    const df_real* const gain = n->gain + (size_t)level[r] * C;
    const df_real* const dx0  = j->x0 + row;
    df_real* const       dnet = n->net + row;
    for (size_t c = 0U; c < C; ++c) {
      dnet[c] = gain[c] * dx0[c];
    }
    for (size_t c = 0U; j->out && c < C; ++c) {
      j->out[row + c] = skip[c] * dx0[c];
    }
  }
}

// Gradient of a matrix that takes `numbers` [BT,n] into one of the streams
static void
enter_backward(const df_network* const self,
               const int               n,
               const df_real* const    dx,
               const df_real* const    numbers,
               df_real* const          dW)
{
  const int d = self->model->config.width;
  df_linear_backward(self->pool,
                     self->s.B * self->s.T,
                     d,
                     n,
                     numbers,
                     n,
                     NULL,
                     dx,
                     d,
                     false,
                     NULL,
                     dW,
                     NULL);
}

static void
input_backward(df_network* const             self,
               const df_real* const          theta,
               const df_network_input* const in,
               df_real* const                grad,
               df_real* const                dwindow)
{
  const df_layout* const at   = &self->model->layout;
  const int              C    = self->model->config.token;
  const int              d    = self->model->config.width;
  const int              half = in->B * in->T;
  const df_real* const   dx   = self->dx + (size_t)half * (size_t)d;
  df_real* const         dW   = grad + at->input.weight;

  df_pool* const pool = self->pool;
  df_rows_sum(pool, 2 * half, d, self->dx, d, NULL, grad + at->input.bias);
  df_rows_sum(pool, half, d, dx, d, NULL, grad + at->window);
  enter_backward(self, C, self->dx, in->context, dW);
  enter_backward(self, C, dx, in->window, dW);
  if (self->recalled) {
    enter_backward(self, C, dx, self->recall, grad + at->recall);
    df_rows_sum(pool, half, d, dx, d, in->confidence, grad + at->confidence);
  }
  if (self->model->config.side) {
    const int      S     = self->model->config.side;
    df_real* const dside = grad + at->side;
    enter_backward(self, S, self->dx, in->context_side, dside);
    enter_backward(self, S, dx, in->window_side, dside);
  }
  if (dwindow) {
    df_linear_backward(pool,
                       half,
                       d,
                       C,
                       NULL,
                       C,
                       theta + at->input.weight,
                       dx,
                       d,
                       true,
                       dwindow,
                       NULL,
                       NULL);
  }
}

void
df_network_backward(df_network* const             self,
                    const df_real* const          theta,
                    const df_network_input* const in,
                    const df_real* const          dx0,
                    df_real* const                grad,
                    df_real* const                dwindow)
{
  const df_level_space   space = level_space(self);
  const df_model* const  model = self->model;
  const df_layout* const at    = &model->layout;
  const int              C     = model->config.token;
  const int              d     = model->config.width;
  const int              half  = in->B * in->T;
  const size_t           mid   = (size_t)half * (size_t)d;

  job j = {self, NULL, dx0, dwindow};
  df_rows_run(self->pool, half, ROWS, estimate_backward, &j);
  df_linear_backward(self->pool,
                     half,
                     C,
                     d,
                     self->head.y,
                     d,
                     theta + at->head.weight,
                     self->net,
                     C,
                     false,
                     self->dn,
                     grad + at->head.weight,
                     grad + at->head.bias);
  memset(self->dx, 0, 2U * mid * sizeof(df_real));
  df_level_norm_backward(&self->head,
                         &space,
                         theta,
                         &at->head_norm,
                         self->level + half,
                         0,
                         half,
                         self->dn,
                         self->dx + mid,
                         grad);
  for (int i = model->config.layers - 1; i >= 0; --i) {
    block_backward(self, theta, i, grad);
  }
  input_backward(self, theta, in, grad, dwindow);
}
