#include "core/nn/attention.h"

#include <string.h>

// Context queries taken together
#define CHUNK 32

typedef struct {
  const df_kernels*   kernels;
  const df_attention* a;
  const df_real*      qkv;
  df_real*            kept;  // forward
  const df_real*      given; // the same, backward
  const df_real*      dout;
  df_real*            out; // o forward, dqkv backward
  df_real*            work;
} job;

// Queries that share their keys: `past` keys from row `key`, then, in a window,
// the `own` rows of the block itself
typedef struct {
  size_t query;
  int    queries;
  size_t key;
  int    past;
  int    own;
  int    begin; // time of the first query
  int    first; // time of the first past key
} tile;

static int
least(const int a, const int b)
{
  return a < b ? a : b;
}

static tile
context_tile(const df_attention* const a, const int clip, const int begin)
{
  const int    end   = least(begin + CHUNK, a->s.T);
  const int    first = begin + 1 > a->memory ? begin + 1 - a->memory : 0;
  const size_t row   = (size_t)clip * (size_t)a->s.T;
  return (tile){row + (size_t)begin,
                end - begin,
                row + (size_t)first,
                end - first,
                0,
                begin,
                first};
}

static tile
window_tile(const df_attention* const a, const int clip, const int begin)
{
  const int    first = begin > a->memory ? begin - a->memory : 0;
  const size_t row   = (size_t)clip * (size_t)a->s.T;
  const size_t half  = (size_t)a->s.B * (size_t)a->s.T;
  return (tile){half + row + (size_t)begin,
                a->s.H,
                row + (size_t)first,
                begin - first,
                a->s.H,
                begin,
                first};
}

static size_t
tile_size(const tile* const t)
{
  return (size_t)t->queries * (size_t)(t->past + t->own);
}

// At least the sum of the tile sizes of one head of one clip: keys before a
// query's tile, summed over time, and the tiles' own width
static size_t
head_size(const df_attention* const a)
{
  const size_t T    = (size_t)a->s.T;
  const size_t N    = (size_t)a->memory;
  const size_t H    = (size_t)a->s.H;
  const size_t past = T < N ? T * T / 2U + 1U : N * N / 2U + N * (T - N) + 1U;
  return 2U * past + T * (CHUNK + H);
}

size_t
df_attention_kept(const df_attention* const a)
{
  return (size_t)a->s.B * (size_t)a->heads * head_size(a);
}

size_t
df_attention_work(const df_attention* const a)
{
  const int rows = a->s.H > CHUNK ? a->s.H : CHUNK;
  const int keys = least(a->s.T, a->memory) + rows;
  return (size_t)a->s.B * (size_t)a->heads * (size_t)rows * (size_t)keys;
}

static void
attend(const job* const  j,
       const tile* const t,
       const int         head,
       df_real* const    p)
{
  const df_attention* const a    = j->a;
  const df_kernels* const   ks   = j->kernels;
  const int                 d    = a->heads * a->D;
  const int                 ld   = 3 * d;
  const int                 keys = t->past + t->own;
  const df_real* const      q =
    j->qkv + t->query * (size_t)ld + (size_t)head * (size_t)a->D;
  const df_real* const kp =
    j->qkv + t->key * (size_t)ld + (size_t)d + (size_t)head * (size_t)a->D;
  df_real* const o =
    j->out + t->query * (size_t)d + (size_t)head * (size_t)a->D;

  if (t->past) {
    ks->mm(false, true, t->queries, t->past, a->D, q, ld, kp, ld, 0, p, keys);
  }
  if (t->own) {
    ks->mm(false,
           true,
           t->queries,
           t->own,
           a->D,
           q,
           ld,
           q + d,
           ld,
           0,
           p + t->past,
           keys);
  }

  for (int i = 0; i < t->queries; ++i) {
    df_real* const row = p + (size_t)i * (size_t)keys;
    int            lo  = 0;
    int            hi  = keys;
    if (!t->own) { // each context query has its own end and start
      const int now = t->begin + i;
      hi            = now + 1 - t->first;
      lo            = now + 1 - a->memory - t->first;
      lo            = lo > 0 ? lo : 0;
    }
    memset(row, 0, (size_t)lo * sizeof(df_real));
    ks->softmax(row + lo, (size_t)(hi - lo));
    memset(row + hi, 0, (size_t)(keys - hi) * sizeof(df_real));
  }

  if (t->past) {
    ks->mm(
      false, false, t->queries, a->D, t->past, p, keys, kp + d, ld, 0, o, d);
  }
  if (t->own) {
    ks->mm(false,
           false,
           t->queries,
           a->D,
           t->own,
           p + t->past,
           keys,
           q + 2 * d,
           ld,
           t->past ? 1 : 0,
           o,
           d);
  }
}

static void
forward(void* const self, const int index)
{
  const job* const          j    = (const job*)self;
  const df_attention* const a    = j->a;
  const int                 clip = index / a->heads;
  const int                 head = index % a->heads;
  df_real*                  p    = j->kept + (size_t)index * head_size(a);
  for (int begin = 0; a->context && begin < a->s.T; begin += CHUNK) {
    const tile t = context_tile(a, clip, begin);
    attend(j, &t, head, p);
    p += tile_size(&t);
  }
  for (int begin = 0; begin < a->s.T; begin += a->s.H) {
    const tile t = window_tile(a, clip, begin);
    attend(j, &t, head, p);
    p += tile_size(&t);
  }
}

void
df_attention_forward(df_pool* const            pool,
                     const df_kernels* const   kernels,
                     const df_attention* const a,
                     const df_real* const      qkv,
                     df_real* const            kept,
                     df_real* const            o)
{
  job j = {kernels, a, qkv, kept, NULL, NULL, o, NULL};
  df_pool_run(pool, a->s.B * a->heads, forward, &j);
}

// Adds to the gradients of past keys and values; writes those of the queries,
// and of their own block's keys and values
static void
attend_backward(const job* const     j,
                const tile* const    t,
                const int            head,
                const df_real* const p,
                df_real* const       dp)
{
  const df_attention* const a     = j->a;
  const df_kernels* const   ks    = j->kernels;
  const int                 d     = a->heads * a->D;
  const int                 ld    = 3 * d;
  const int                 keys  = t->past + t->own;
  const size_t              shift = (size_t)head * (size_t)a->D;
  const size_t              query = t->query * (size_t)ld + shift;
  const size_t              key   = t->key * (size_t)ld + shift + (size_t)d;
  const df_real* const      q     = j->qkv + query;
  const df_real* const      kp    = j->qkv + key;
  df_real* const            dq    = j->out + query;
  df_real* const            dkp   = j->out + key;
  const df_real* const      dout  = j->dout + t->query * (size_t)d + shift;

  if (t->past) {
    ks->mm(
      true, false, t->past, a->D, t->queries, p, keys, dout, d, 1, dkp + d, ld);
    ks->mm(
      false, true, t->queries, t->past, a->D, dout, d, kp + d, ld, 0, dp, keys);
  }
  if (t->own) {
    ks->mm(true,
           false,
           t->own,
           a->D,
           t->queries,
           p + t->past,
           keys,
           dout,
           d,
           0,
           dq + 2 * d,
           ld);
    ks->mm(false,
           true,
           t->queries,
           t->own,
           a->D,
           dout,
           d,
           q + 2 * d,
           ld,
           0,
           dp + t->past,
           keys);
  }

  // Gradient of softmax; where p is 0 (not visible) it stays 0
  for (int i = 0; i < t->queries; ++i) {
    const df_real* const row  = p + (size_t)i * (size_t)keys;
    df_real* const       drow = dp + (size_t)i * (size_t)keys;
    const df_real        mean = ks->dot(row, drow, (size_t)keys);
    for (int n = 0; n < keys; ++n) {
      drow[n] = row[n] * (drow[n] - mean);
    }
  }

  if (t->past) {
    ks->mm(
      false, false, t->queries, a->D, t->past, dp, keys, kp, ld, 0, dq, ld);
    ks->mm(true, false, t->past, a->D, t->queries, dp, keys, q, ld, 1, dkp, ld);
  }
  if (t->own) {
    ks->mm(false,
           false,
           t->queries,
           a->D,
           t->own,
           dp + t->past,
           keys,
           q + d,
           ld,
           t->past ? 1 : 0,
           dq,
           ld);
    ks->mm(true,
           false,
           t->own,
           a->D,
           t->queries,
           dp + t->past,
           keys,
           q,
           ld,
           0,
           dq + d,
           ld);
  }
}

// What tiles add to: gradients of context keys and values; of queries that did
// not ask
static void
clear(const job* const j, const int clip, const int head)
{
  const df_attention* const a     = j->a;
  const size_t              d     = (size_t)a->heads * (size_t)a->D;
  const size_t              T     = (size_t)a->s.T;
  const size_t              bytes = (size_t)a->D * sizeof(df_real);
  for (size_t row = (size_t)clip * T; row < ((size_t)clip + 1U) * T; ++row) {
    df_real* const to = j->out + row * 3U * d + (size_t)head * (size_t)a->D;
    if (!a->context) {
      memset(to, 0, bytes);
    }
    memset(to + d, 0, bytes);
    memset(to + 2U * d, 0, bytes);
  }
}

static void
backward(void* const self, const int index)
{
  const job* const          j    = (const job*)self;
  const df_attention* const a    = j->a;
  const int                 clip = index / a->heads;
  const int                 head = index % a->heads;
  const size_t   work = df_attention_work(a) / (size_t)(a->s.B * a->heads);
  df_real* const dp   = j->work + (size_t)index * work;
  const df_real* p    = j->given + (size_t)index * head_size(a);
  clear(j, clip, head);
  for (int begin = 0; a->context && begin < a->s.T; begin += CHUNK) {
    const tile t = context_tile(a, clip, begin);
    attend_backward(j, &t, head, p, dp);
    p += tile_size(&t);
  }
  for (int begin = 0; begin < a->s.T; begin += a->s.H) {
    const tile t = window_tile(a, clip, begin);
    attend_backward(j, &t, head, p, dp);
    p += tile_size(&t);
  }
}

void
df_attention_backward(df_pool* const            pool,
                      const df_kernels* const   kernels,
                      const df_attention* const a,
                      const df_real* const      qkv,
                      const df_real* const      kept,
                      const df_real* const      dout,
                      df_real* const            dqkv,
                      df_real* const            work)
{
  job j = {kernels, a, qkv, NULL, kept, dout, dqkv, work};
  df_pool_run(pool, a->s.B * a->heads, backward, &j);
}
