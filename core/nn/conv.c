#include "core/nn/conv.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
  df_streams     s;
  int            d;
  int            W;
  const df_real* x;
  const df_real* w;
  const df_real* b;
  df_real*       y;
  const df_real* dy;
  df_real*       dx;
  df_real*       work;
} job;

// The row that the token at time t (of its clip) reads j steps back, or -1.
// For a window token `begin` is the start of its block, else 0.
static long
source(const df_streams s,
       const int        clip,
       const bool       window,
       const int        begin,
       const int        t)
{
  const long row = (long)clip * s.T + t;
  return t < 0 ? -1 : window && t >= begin ? (long)s.B * s.T + row : row;
}

static void
forward(void* const self, const int clip)
{
  const job* const j = (const job*)self;
  const df_streams s = j->s;
  const size_t     d = (size_t)j->d;
  for (int part = 0; part < 2; ++part) {
    for (int t = 0; t < s.T; ++t) {
      const int            begin = t / s.H * s.H;
      const long           row   = source(s, clip, part, begin, t);
      const df_real* const x     = j->x + (size_t)row * d;
      df_real* const       y     = j->y + (size_t)row * d;
      for (size_t c = 0U; c < d; ++c) {
        y[c] = x[c] + j->b[c] + j->w[c] * x[c];
      }
      for (int back = 1; back < j->W; ++back) {
        const long from = source(s, clip, part, begin, t - back);
        if (from >= 0) {
          const df_real* const w    = j->w + (size_t)back * d;
          const df_real* const past = j->x + (size_t)from * d;
          for (size_t c = 0U; c < d; ++c) {
            y[c] += w[c] * past[c];
          }
        }
      }
    }
  }
}

void
df_conv(df_pool* const       pool,
        const df_streams     s,
        const int            d,
        const int            W,
        const df_real* const x,
        const df_real* const w,
        const df_real* const b,
        df_real* const       y)
{
  job j = {s, d, W, x, w, b, y, NULL, NULL, NULL};
  df_pool_run(pool, s.B, forward, &j);
}

size_t
df_conv_work(const int B, const int d, const int W)
{
  return (size_t)B * (size_t)(W + 1) * (size_t)d;
}

static void
backward(void* const self, const int clip)
{
  const job* const j  = (const job*)self;
  const df_streams s  = j->s;
  const size_t     d  = (size_t)j->d;
  const size_t     W  = (size_t)j->W;
  df_real* const   dw = j->work + (size_t)clip * (W + 1U) * d;
  df_real* const   db = dw + W * d;
  memset(dw, 0, (W + 1U) * d * sizeof(df_real));

  for (int part = 0; part < 2; ++part) {
    for (int t = 0; t < s.T; ++t) {
      const int            begin = t / s.H * s.H;
      const long           row   = source(s, clip, part, begin, t);
      const df_real* const x     = j->x + (size_t)row * d;
      const df_real* const dy    = j->dy + (size_t)row * d;
      df_real* const       dx    = j->dx + (size_t)row * d;
      for (size_t c = 0U; c < d; ++c) {
        dx[c] = dy[c] + j->w[c] * dy[c];
        dw[c] += dy[c] * x[c];
        db[c] += dy[c];
      }
      for (int back = 1; back < j->W; ++back) {
        const long from = source(s, clip, part, begin, t - back);
        if (from >= 0) {
          const df_real* const w     = j->w + (size_t)back * d;
          const df_real* const past  = j->x + (size_t)from * d;
          df_real* const       dpast = j->dx + (size_t)from * d;
          df_real* const       dtap  = dw + (size_t)back * d;
          for (size_t c = 0U; c < d; ++c) {
            dpast[c] += w[c] * dy[c];
            dtap[c] += dy[c] * past[c];
          }
        }
      }
    }
  }
}

void
df_conv_backward(df_pool* const       pool,
                 const df_streams     s,
                 const int            d,
                 const int            W,
                 const df_real* const x,
                 const df_real* const w,
                 const df_real* const dy,
                 df_real* const       dx,
                 df_real* const       dw,
                 df_real* const       db,
                 df_real* const       work)
{
  job j = {s, d, W, x, w, NULL, NULL, dy, dx, work};
  df_pool_run(pool, s.B, backward, &j);

  // Clips in order, whichever thread did them
  const size_t taps = (size_t)W * (size_t)d;
  for (int clip = 0; clip < s.B; ++clip) {
    const df_real* const part = work + (size_t)clip * (taps + (size_t)d);
    for (size_t c = 0U; c < taps; ++c) {
      dw[c] += part[c];
    }
    for (size_t c = 0U; c < (size_t)d; ++c) {
      db[c] += part[taps + c];
    }
  }
}
