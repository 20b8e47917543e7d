#include "core/model/predictor.h"

#include "core/model/predictor_parts.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

df_status
df_history_make(df_arena* const           arena,
                const df_predictor* const predictor,
                df_history** const        out)
{
  const df_model_config* const c = &predictor->config;
  const size_t                 d = (size_t)c->width;
  const size_t                 R = DF_ROWS;

  df_history* const self = DF_TAKE(arena, 1U, df_history);
  df_history        made = {
           .predictor = predictor,
           .z         = DF_TAKE(arena, R * (size_t)c->token, df_real),
           .side      = DF_TAKE(arena, R * (size_t)c->side, df_real),
           .x         = DF_TAKE(arena, R * d, df_real),
           .y         = DF_TAKE(arena, R * d, df_real),
           .kv        = DF_TAKE(arena, R * 2U * d, df_real),
           .q         = DF_TAKE(arena, R * d, df_real),
           .hidden    = DF_TAKE(arena, R * (size_t)c->mlp, df_real),
           .lead      = DF_TAKE(arena, (R + (size_t)c->conv) * d, df_real),
  };
  if (c->backbone == DF_BACKBONE_GRU) {
    df_recur_history(arena, &made);
  } else {
    df_attend_history(arena, &made);
  }
  if (!arena->base || arena->failed) {
    return df_arena_status(arena);
  }
  made.n = made.lead + (size_t)(c->conv - 1) * d;
  *self  = made;
  df_history_reset(self);
  *out = self;
  return DF_OK;
}

DF_RT
void
df_history_reset(df_history* const self)
{
  self->count = 0;
  self->undo  = 0;
  if (self->predictor->config.backbone == DF_BACKBONE_GRU) {
    df_recur_reset(self);
  } else {
    df_attend_reset(self);
  }
}

DF_RT
void
df_history_drop(df_history* const self, const int n)
{
  assert(n >= 0 && n <= self->undo);
  self->count -= n;
  self->undo -= n;
}

DF_RT
int
df_history_undo(const df_history* const self)
{
  return self->undo;
}

DF_RT
int64_t
df_history_count(const df_history* const self)
{
  return self->count;
}

// y = (x - mean) rstd factor[k] + shift[k] for each row, by its level
static void
norm(const df_predictor* const p,
     const df_real* const      table,
     const int                 rows,
     const int* const          level,
     const df_real* const      x,
     df_real* const            y)
{
  const size_t d = (size_t)p->config.width;
  for (size_t r = 0U; r < (size_t)rows; ++r) {
    const df_real* const factor = table + (size_t)level[r] * 2U * d;
    const df_real* const shift  = factor + d;
    df_real* const       to     = y + r * d;
    (void)p->kernels->normalize(to, x + r * d, d);
    for (size_t i = 0U; i < d; ++i) {
      to[i] = to[i] * factor[i] + shift[i];
    }
  }
}

// x += down(gelu(up(norm2(x))))
static void
mlp(df_history* const               self,
    const df_predictor_block* const b,
    const int                       rows,
    const int* const                level)
{
  const df_predictor* const p  = self->predictor;
  const df_kernels* const   ks = p->kernels;
  const size_t              n  = (size_t)rows;
  norm(p, b->norm2, rows, level, self->x, self->n);
  df_packed_run(ks, &b->up, rows, self->n, self->hidden);
  ks->gelu(self->hidden, self->hidden, n * (size_t)p->config.mlp);
  df_packed_run(ks, &b->down, rows, self->hidden, self->y);
  ks->axpy(self->x, 1, self->y, n * (size_t)p->config.width);
}

static void
copy_in(df_history* const self, const int rows, const float* const z)
{
  const size_t size = (size_t)rows * (size_t)self->predictor->config.token;
  for (size_t i = 0U; i < size; ++i) {
    self->z[i] = (df_real)z[i];
  }
}

// x += s Wside^T
static void
add_side(df_history* const self, const int rows, const float* const side)
{
  const df_predictor* const p    = self->predictor;
  const size_t              n    = (size_t)rows;
  const size_t              size = n * (size_t)p->config.side;
  if (!size) {
    return;
  }
  assert(side);
  for (size_t i = 0U; i < size; ++i) {
    self->side[i] = (df_real)side[i];
  }
  df_packed_run(p->kernels, &p->side, rows, self->side, self->y);
  p->kernels->axpy(self->x, 1, self->y, n * (size_t)p->config.width);
}

// Rows of context through all layers; the last one only remembers
static void
push(df_history* const  self,
     const int          rows,
     const float* const z,
     const float* const side,
     const int* const   level)
{
  const df_predictor* const p    = self->predictor;
  const df_kernels* const   ks   = p->kernels;
  const bool                gru  = p->config.backbone == DF_BACKBONE_GRU;
  const int                 last = p->config.layers - 1;
  copy_in(self, rows, z);
  df_packed_run(ks, &p->input, rows, self->z, self->x);
  add_side(self, rows, side);
  for (int i = 0; i <= last; ++i) {
    const df_predictor_block* const b = &p->blocks[i];
    norm(p, b->norm1, rows, level, self->x, self->n);
    if (gru) {
      df_recur_push(self, i, rows, i == last);
    } else {
      df_attend_push(self, i, rows, i == last);
    }
    if (i < last) {
      mlp(self, b, rows, level);
    }
  }
  self->count += rows;
  self->undo = self->undo + rows < DF_UNDO ? self->undo + rows : DF_UNDO;
}

DF_RT
void
df_history_push(df_history* const  self,
                const float* const z,
                const float* const side,
                const int          level)
{
  assert(level >= 0 && level <= self->predictor->config.levels);
  push(self, 1, z, side, &level);
}

DF_RT
void
df_history_push_many(df_history* const  self,
                     const int          n,
                     const float* const z,
                     const float* const side,
                     const int* const   level)
{
  const size_t C = (size_t)self->predictor->config.token;
  const size_t S = (size_t)self->predictor->config.side;
  for (int done = 0; done < n;) {
    const int rows = n - done < DF_ROWS ? n - done : DF_ROWS;
    push(self,
         rows,
         z + (size_t)done * C,
         side ? side + (size_t)done * S : NULL,
         level + done);
    done += rows;
  }
}

// x += [c > 0] (r Wrec^T + c wconf), on the window rows
static void
add_recall(df_history* const  self,
           const int          H,
           const float* const recall,
           const float* const confidence)
{
  const df_predictor* const p   = self->predictor;
  const size_t              d   = (size_t)p->config.width;
  int                       any = 0;
  for (int r = 0; r < H; ++r) {
    any += confidence[r] > 0.0f;
  }
  if (!any) {
    return;
  }
  copy_in(self, H, recall);
  df_packed_run(p->kernels, &p->recall, H, self->z, self->y);
  for (int r = 0; r < H; ++r) {
    if (confidence[r] > 0.0f) {
      df_real* const x = self->x + (size_t)r * d;
      p->kernels->axpy(x, 1, self->y + (size_t)r * d, d);
      p->kernels->axpy(x, (df_real)confidence[r], p->confidence, d);
    }
  }
}

// x0 = skip z + gain net, with net in self->z
static void
estimate(const df_history* const self,
         const int               H,
         const float* const      z,
         const int* const        level,
         float* const            x0)
{
  const df_predictor* const p = self->predictor;
  const size_t              C = (size_t)p->config.token;
  for (size_t r = 0U; r < (size_t)H; ++r) {
    const df_real* const skip = p->skip + (size_t)level[r] * C;
    const df_real* const gain = p->gain + (size_t)level[r] * C;
    const df_real* const net  = self->z + r * C;
    for (size_t c = 0U; c < C; ++c) {
      const df_real given = (df_real)z[r * C + c];
      x0[r * C + c]       = (float)(skip[c] * given + gain[c] * net[c]);
    }
  }
}

DF_RT
void
df_history_predict(df_history* const  self,
                   const int          H,
                   const int          memory,
                   const float* const z,
                   const float* const side,
                   const int* const   level,
                   const float* const recall,
                   const float* const confidence,
                   float* const       x0)
{
  const df_predictor* const p     = self->predictor;
  const df_kernels* const   ks    = p->kernels;
  const bool                gru   = p->config.backbone == DF_BACKBONE_GRU;
  df_packed                 input = p->input;
  assert(H >= 1 && H <= p->config.horizon);
  assert(memory >= 0 && memory <= p->config.context);

  input.bias = p->window;
  copy_in(self, H, z);
  df_packed_run(ks, &input, H, self->z, self->x);
  add_side(self, H, side);
  if (p->config.recall && recall) {
    add_recall(self, H, recall, confidence);
  }
  for (int i = 0; i < p->config.layers; ++i) {
    const df_predictor_block* const b = &p->blocks[i];
    norm(p, b->norm1, H, level, self->x, self->n);
    if (gru) {
      df_recur_window(self, i, H, memory);
    } else {
      df_attend_window(self, i, H, memory);
    }
    mlp(self, b, H, level);
  }
  norm(p, p->head_norm, H, level, self->x, self->n);
  df_packed_run(ks, &p->head, H, self->n, self->z);
  estimate(self, H, z, level, x0);
}
