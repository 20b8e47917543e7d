#include "core/nn/mlp.h"

#include "core/nn/linear.h"
#include "core/nn/rows.h"
#include "core/tensor/gemm.h"

#include <stddef.h>

#define ROWS 16

typedef struct {
  const df_kernels* kernels;
  size_t            M;
  const df_real*    pre;
  df_real*          act;
} job;

static void
gelu(void* const self, const int begin, const int end)
{
  const job* const j  = (const job*)self;
  const size_t     at = (size_t)begin * j->M;
  j->kernels->gelu(j->act + at, j->pre + at, (size_t)(end - begin) * j->M);
}

static void
gelu_grad(void* const self, const int begin, const int end)
{
  const job* const j  = (const job*)self;
  const size_t     at = (size_t)begin * j->M;
  j->kernels->gelu_grad(
    j->act + at, j->act + at, j->pre + at, (size_t)(end - begin) * j->M);
}

void
df_mlp(df_pool* const              pool,
       const df_kernels* const     kernels,
       const int                   n,
       const int                   d,
       const int                   M,
       const df_mlp_weights* const w,
       const df_real* const        in,
       df_real* const              pre,
       df_real* const              act,
       df_real* const              x)
{
  job j = {kernels, (size_t)M, pre, act};
  df_linear(pool, n, M, d, in, d, w->U, w->bu, false, pre, M);
  df_rows_run(pool, n, ROWS, gelu, &j);
  df_linear(pool, n, d, M, act, M, w->V, w->bv, true, x, d);
}

void
df_mlp_backward(df_pool* const              pool,
                const df_kernels* const     kernels,
                const int                   n,
                const int                   d,
                const int                   M,
                const df_mlp_weights* const w,
                const df_real* const        in,
                const df_real* const        pre,
                const df_real* const        act,
                const df_real* const        dx,
                df_real* const              din,
                const df_mlp_grad* const    g,
                df_real* const              work)
{
  job j = {kernels, (size_t)M, pre, work};
  df_linear_backward(
    pool, n, d, M, act, M, w->V, dx, d, false, work, g->V, g->bv);
  df_rows_run(pool, n, ROWS, gelu_grad, &j);
  df_linear_backward(
    pool, n, M, d, in, d, w->U, work, M, false, din, g->U, g->bu);
}
