#include "core/model/predictor_parts.h"

#include "core/nn/rotary.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

// An odd number of cache lines between rows of keys, so that a column of them
// does not fall into one set of the cache
#define LINE 16U

df_attend
df_attend_make(df_arena* const              arena,
               const df_model_config* const config,
               const df_kernels* const      ks,
               const df_real* const         theta,
               const df_layout_block* const at)
{
  const int      d    = config->width;
  const size_t   size = (size_t)config->conv * (size_t)d;
  const double   D    = (double)(d / config->heads);
  df_real* const taps = df_copied(arena, theta + at->conv.weight, size);
  for (int i = 0; taps && i < d; ++i) {
    taps[i] += 1; // the straight path
  }
  return (df_attend){
    .taps = taps,
    .bias = df_copied(arena, theta + at->conv.bias, (size_t)d),
    .q    = df_packed_make(arena, ks, theta, &at->qkv, 0, d, d, 1.0 / sqrt(D)),
    .kv   = df_packed_make(arena, ks, theta, &at->qkv, d, 2 * d, d, 1.0),
    .out  = df_packed_make(arena, ks, theta, &at->out, 0, d, d, 1.0),
  };
}

df_turns
df_turns_make(df_arena* const arena, const df_model_config* const config)
{
  const int     D    = config->width / config->heads;
  const int     half = D / 2;
  double* const step = DF_TAKE(arena, (size_t)half, double);
  double* const turn = DF_TAKE(arena, DF_ROWS * (size_t)D, double);
  for (int i = 0; step && turn && i < half; ++i) {
    step[i] = pow(DF_ROTARY_BASE, -2.0 * i / D);
    for (int t = 0; t < DF_ROWS; ++t) {
      turn[t * D + i]        = cos(t * step[i]);
      turn[t * D + half + i] = sin(t * step[i]);
    }
  }
  return (df_turns){step, turn};
}

void
df_attend_history(df_arena* const arena, df_history* const h)
{
  const df_model_config* const c = &h->predictor->config;
  const size_t                 d = (size_t)c->width;
  h->ring                        = c->context + DF_UNDO;
  h->conv_ring                   = DF_UNDO + c->conv;

  const size_t ring = (size_t)h->ring;
  h->key_stride     = (2U * ring + LINE - 1U) / LINE * LINE;
  h->key_stride += h->key_stride / LINE % 2U ? 0U : LINE;
  for (int i = 0; i < c->layers; ++i) {
    df_memory* const m = &h->layers[i];
    m->keys            = DF_TAKE(arena, d * h->key_stride, df_real);
    m->values          = DF_TAKE(arena, 2U * ring * d, df_real);
    m->normed          = DF_TAKE(arena, 2U * (size_t)h->conv_ring * d, df_real);
  }
  h->scores = DF_TAKE(arena, DF_ROWS * ((size_t)c->context + DF_ROWS), df_real);
  h->turn   = DF_TAKE(arena, DF_ROWS * d / (size_t)c->heads, df_real);
}

DF_RT
void
df_attend_reset(df_history* const h)
{
  const df_model_config* const c = &h->predictor->config;
  const size_t size              = 2U * (size_t)h->conv_ring * (size_t)c->width;
  for (int i = 0; i < c->layers; ++i) {
    memset(h->layers[i].normed, 0, size * sizeof(df_real));
  }
}

// Cosines and sines of the times count, count + 1, ...: the angle of the first
// in double, which holds for years, and the others by adding angles
static void
find_turns(df_history* const h, const int rows)
{
  const df_predictor* const p    = h->predictor;
  const size_t              D    = (size_t)(p->config.width / p->config.heads);
  const size_t              half = D / 2U;
  for (size_t i = 0U; i < half; ++i) {
    const double angle  = (double)h->count * p->turns.step[i];
    const double cosine = cos(angle);
    const double sine   = sin(angle);
    for (size_t r = 0U; r < (size_t)rows; ++r) {
      const double* const add   = p->turns.turn + r * D;
      const double        c     = add[i];
      const double        s     = add[half + i];
      h->turn[r * D + i]        = (df_real)(cosine * c - sine * s);
      h->turn[r * D + half + i] = (df_real)(sine * c + cosine * s);
    }
  }
}

// Turn the heads of rows that are `stride` wide
static void
turn(const df_history* const h,
     const int               rows,
     df_real* const          x,
     const size_t            stride)
{
  const size_t heads = (size_t)h->predictor->config.heads;
  const size_t D     = (size_t)h->predictor->config.width / heads;
  const size_t half  = D / 2U;
  for (size_t r = 0U; r < (size_t)rows; ++r) {
    const df_real* const cosine = h->turn + r * D;
    const df_real* const sine   = cosine + half;
    for (size_t g = 0U; g < heads; ++g) {
      df_real* const low  = x + r * stride + g * D;
      df_real* const high = low + half;
      for (size_t i = 0U; i < half; ++i) {
        const df_real u = low[i];
        const df_real v = high[i];
        low[i]          = u * cosine[i] - v * sine[i];
        high[i]         = u * sine[i] + v * cosine[i];
      }
    }
  }
}

// y[row] = bias + sum over j of taps[j] n[row - j]; W - 1 rows lie before n
static void
convolve(const df_history* const h,
         const df_attend* const  w,
         const int               rows,
         const df_real* const    n,
         df_real* const          y)
{
  const size_t d = (size_t)h->predictor->config.width;
  const int    W = h->predictor->config.conv;
  for (size_t r = 0U; r < (size_t)rows; ++r) {
    df_real* const to = y + r * d;
    memcpy(to, w->bias, d * sizeof(df_real));
    for (int j = 0; j < W; ++j) {
      const df_real* const tap  = w->taps + (size_t)j * d;
      const df_real* const from = n + r * d - (size_t)j * d;
      for (size_t i = 0U; i < d; ++i) {
        to[i] += tap[i] * from[i];
      }
    }
  }
}

// Where token `time` lies in a ring of that length; again one length on
static size_t
slot(const int64_t time, const int length)
{
  return (size_t)(time % length);
}

// The same row twice, one length apart
static void
keep(df_real* const       ring,
     const int            length,
     const int64_t        time,
     const size_t         d,
     const df_real* const row)
{
  df_real* const to = ring + slot(time, length) * d;
  memcpy(to, row, d * sizeof(df_real));
  memcpy(to + (size_t)length * d, row, d * sizeof(df_real));
}

// o[rows,D] of one head, from `span` remembered tokens that end before time
// `end` and the `own` rows of the window itself
static void
attend(df_history* const h,
       const int         layer,
       const size_t      head,
       const size_t      row,
       const int         rows,
       const int64_t     end,
       const int         span,
       const int         own,
       df_real* const    o)
{
  const df_kernels* const ks   = h->predictor->kernels;
  const df_memory* const  m    = &h->layers[layer];
  const int               d    = h->predictor->config.width;
  const int               D    = d / h->predictor->config.heads;
  const size_t            at   = head * (size_t)D;
  const size_t            from = slot(end - span, h->ring);
  const int               ld   = span + own;
  const df_real* const    q    = h->q + row * (size_t)d + at;
  const df_real* const    k    = h->kv + at;
  const df_real* const    v    = k + d;
  df_real* const          p    = h->scores;
  df_real* const          to   = o + row * (size_t)d + at;
  if (span) {
    const df_real* const past = m->keys + at * h->key_stride + from;
    ks->mm(
      false, false, rows, span, D, q, d, past, (int)h->key_stride, 0, p, ld);
  }
  if (own) {
    ks->mm(false, true, rows, own, D, q, d, k, 2 * d, 0, p + span, ld);
  }
  for (size_t r = 0U; r < (size_t)rows; ++r) {
    ks->softmax(p + r * (size_t)ld, (size_t)ld);
  }
  if (span) {
    const df_real* const past = m->values + from * (size_t)d + at;
    ks->mm(false, false, rows, D, span, p, ld, past, d, 0, to, d);
  }
  if (own) {
    const df_real beta = span ? 1 : 0;
    ks->mm(false, false, rows, D, own, p + span, ld, v, 2 * d, beta, to, d);
  }
}

static int
least(const int64_t a, const int b)
{
  return a < (int64_t)b ? (int)a : b;
}

DF_RT
void
df_attend_push(df_history* const h,
               const int         layer,
               const int         rows,
               const bool        last)
{
  const df_predictor* const p     = h->predictor;
  const df_attend* const    w     = &p->blocks[layer].attend;
  const df_memory* const    m     = &h->layers[layer];
  const size_t              heads = (size_t)p->config.heads;
  const size_t              d     = (size_t)p->config.width;
  if (layer == 0) {
    find_turns(h, rows);
  }
  for (int r = 0; r < rows; ++r) {
    const size_t  row = (size_t)r * d;
    const int64_t now = h->count + r;
    const size_t  at  = slot(now, h->conv_ring) + (size_t)h->conv_ring;
    keep(m->normed, h->conv_ring, now, d, h->n + row);
    convolve(h, w, 1, m->normed + at * d, h->y + row);
  }
  df_packed_run(p->kernels, &w->kv, rows, h->y, h->kv);
  turn(h, rows, h->kv, 2U * d);
  for (int r = 0; r < rows; ++r) {
    const int64_t        now = h->count + r;
    const df_real* const k   = h->kv + (size_t)r * 2U * d;
    df_real* const       to  = m->keys + slot(now, h->ring);
    for (size_t i = 0U; i < d; ++i) {
      to[i * h->key_stride]                   = k[i];
      to[i * h->key_stride + (size_t)h->ring] = k[i];
    }
    keep(m->values, h->ring, now, d, k + d);
  }
  if (last) {
    return;
  }
  df_packed_run(p->kernels, &w->q, rows, h->y, h->q);
  turn(h, rows, h->q, d);
  for (int r = 0; r < rows; ++r) {
    const int64_t end = h->count + r + 1;
    for (size_t g = 0U; g < heads; ++g) {
      attend(
        h, layer, g, (size_t)r, 1, end, least(end, p->config.context), 0, h->y);
    }
  }
  df_packed_run(p->kernels, &w->out, rows, h->y, h->kv);
  p->kernels->axpy(h->x, 1, h->kv, (size_t)rows * d);
}

DF_RT
void
df_attend_window(df_history* const h,
                 const int         layer,
                 const int         rows,
                 const int         memory)
{
  const df_predictor* const p    = h->predictor;
  const df_attend* const    w    = &p->blocks[layer].attend;
  const df_memory* const    m    = &h->layers[layer];
  const size_t              d    = (size_t)p->config.width;
  const int                 span = least(h->count, memory);
  if (layer == 0) {
    find_turns(h, rows);
  }
  for (int j = 1; j < p->config.conv; ++j) { // the rows before the window's
    df_real* const to = h->n - (size_t)j * d;
    if (j <= span) {
      const size_t at = slot(h->count - j, h->conv_ring);
      memcpy(to, m->normed + at * d, d * sizeof(df_real));
    } else {
      memset(to, 0, d * sizeof(df_real));
    }
  }
  convolve(h, w, rows, h->n, h->y);
  df_packed_run(p->kernels, &w->q, rows, h->y, h->q);
  df_packed_run(p->kernels, &w->kv, rows, h->y, h->kv);
  turn(h, rows, h->q, d);
  turn(h, rows, h->kv, 2U * d);
  for (size_t g = 0U; g < (size_t)p->config.heads; ++g) {
    attend(h, layer, g, 0U, rows, h->count, span, rows, h->y);
  }
  df_packed_run(p->kernels, &w->out, rows, h->y, h->kv);
  p->kernels->axpy(h->x, 1, h->kv, (size_t)rows * d);
}
