#include "core/nn/gru.h"

#include "core/nn/rows.h"

#include <stddef.h>

#define ROWS 8

typedef struct {
  const df_kernels* kernels;
  size_t            d;
  const df_real*    a;
  size_t            lda;
  const df_real*    h;
  const df_real*    state;
  size_t            lds;
  df_real*          gates;
  size_t            ldg;
  df_real*          next;
  size_t            ldn;
} job;

static void
forward(void* const self, const int begin, const int end)
{
  const job* const j = (const job*)self;
  const size_t     d = j->d;
  for (size_t row = (size_t)begin; row < (size_t)end; ++row) {
    const df_real* const a = j->a + row * j->lda;
    const df_real* const h = j->h + row * 3U * d;
    const df_real* const g = j->state + row * j->lds;
    df_real* const       r = j->gates + row * j->ldg;
    df_real* const       s = r + d;
    df_real* const       c = s + d;
    df_real* const       e = c + d; // hn
    df_real* const       y = j->next + row * j->ldn;
    for (size_t i = 0U; i < 2U * d; ++i) {
      r[i] = a[i] + h[i];
    }
    j->kernels->sigmoid(r, r, 2U * d);
    for (size_t i = 0U; i < d; ++i) {
      e[i] = h[2U * d + i];
      c[i] = a[2U * d + i] + r[i] * e[i];
    }
    j->kernels->tanh(c, c, d);
    for (size_t i = 0U; i < d; ++i) {
      y[i] = c[i] + s[i] * (g[i] - c[i]);
    }
  }
}

void
df_gru(df_pool* const          pool,
       const df_kernels* const kernels,
       const int               n,
       const int               d,
       const df_real* const    a,
       const int               lda,
       const df_real* const    h,
       const df_real* const    state,
       const int               lds,
       df_real* const          gates,
       const int               ldg,
       df_real* const          next,
       const int               ldn)
{
  job j = {kernels,
           (size_t)d,
           a,
           (size_t)lda,
           h,
           state,
           (size_t)lds,
           gates,
           (size_t)ldg,
           next,
           (size_t)ldn};
  df_rows_run(pool, n, ROWS, forward, &j);
}

typedef struct {
  size_t         d;
  const df_real* gates;
  size_t         ldg;
  const df_real* state;
  size_t         lds;
  const df_real* dnext;
  size_t         ldd;
  df_real*       da;
  df_real*       dh;
  size_t         lda;
  df_real*       dstate;
  size_t         ldp;
} back;

static void
backward(void* const self, const int begin, const int end)
{
  const back* const j = (const back*)self;
  const size_t      d = j->d;
  for (size_t row = (size_t)begin; row < (size_t)end; ++row) {
    const df_real* const r  = j->gates + row * j->ldg;
    const df_real* const s  = r + d;
    const df_real* const c  = s + d;
    const df_real* const e  = c + d;
    const df_real* const g  = j->state + row * j->lds;
    const df_real* const dy = j->dnext + row * j->ldd;
    df_real* const       da = j->da + row * j->lda;
    df_real* const       dh = j->dh + row * j->lda;
    df_real* const       dg = j->dstate + row * j->ldp;
    for (size_t i = 0U; i < d; ++i) {
      const df_real dc = dy[i] * (1 - s[i]) * (1 - c[i] * c[i]);
      const df_real ds = dy[i] * (g[i] - c[i]) * s[i] * (1 - s[i]);
      const df_real dr = dc * e[i] * r[i] * (1 - r[i]);
      da[i]            = dr;
      da[d + i]        = ds;
      da[2U * d + i]   = dc;
      dh[i]            = dr;
      dh[d + i]        = ds;
      dh[2U * d + i]   = dc * r[i];
      dg[i] += dy[i] * s[i];
    }
  }
}

void
df_gru_backward(df_pool* const       pool,
                const int            n,
                const int            d,
                const df_real* const gates,
                const int            ldg,
                const df_real* const state,
                const int            lds,
                const df_real* const dnext,
                const int            ldd,
                df_real* const       da,
                df_real* const       dh,
                const int            lda,
                df_real* const       dstate,
                const int            ldp)
{
  back j = {(size_t)d,
            gates,
            (size_t)ldg,
            state,
            (size_t)lds,
            dnext,
            (size_t)ldd,
            da,
            dh,
            (size_t)lda,
            dstate,
            (size_t)ldp};
  df_rows_run(pool, n, ROWS, backward, &j);
}
