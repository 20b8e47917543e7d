#include "tests/golden/nn.h"
#include "tests/nn/gradient.h"
#include "tests/nn/wave.h"

#include "core/nn/mlp.h"

#include <string.h>

enum { N = 3, D = 4, M = 7 };

typedef struct {
  df_real x[N * D];
  df_real in[N * D];
  df_real U[M * D];
  df_real bu[M];
  df_real V[D * M];
  df_real bv[D];
  df_real pre[N * M];
  df_real act[N * M];
  df_real y[N * D];
  df_real dy[N * D];
} layer;

static double
loss(void* const self)
{
  layer* const         l = (layer*)self;
  const df_mlp_weights w = {l->U, l->bu, l->V, l->bv};
  memcpy(l->y, l->x, sizeof(l->y));
  df_mlp(NULL, df_kernels_best(), N, D, M, &w, l->in, l->pre, l->act, l->y);
  double sum = 0.0;
  for (int i = 0; i < N * D; ++i) {
    sum += (double)(l->dy[i] * l->y[i]);
  }
  return sum;
}

static layer
make(void)
{
  layer l = {0};
  wave(1.0, l.x, COUNT(l.x));
  wave(2.0, l.in, COUNT(l.in));
  wave(3.0, l.U, COUNT(l.U));
  wave(4.0, l.bu, COUNT(l.bu));
  wave(5.0, l.V, COUNT(l.V));
  wave(6.0, l.bv, COUNT(l.bv));
  wave(7.0, l.dy, COUNT(l.dy));
  return l;
}

/// Same numbers as the reference.
static void
test_golden(void)
{
  layer l = make();
  (void)loss(&l);
  for (size_t i = 0U; i < COUNT(golden_mlp); ++i) {
    CHECK_NEAR(l.y[i], golden_mlp[i], 1e-12);
  }
}

/// Gradients by the input and all weights are derivatives.
static void
test_gradient(void)
{
  layer                l           = make();
  df_real              din[N * D]  = {0};
  df_real              dU[M * D]   = {0};
  df_real              dbu[M]      = {0};
  df_real              dV[D * M]   = {0};
  df_real              dbv[D]      = {0};
  df_real              work[N * M] = {0};
  const df_mlp_weights w           = {l.U, l.bu, l.V, l.bv};
  const df_mlp_grad    g           = {dU, dbu, dV, dbv};
  (void)loss(&l);
  df_mlp_backward(NULL,
                  df_kernels_best(),
                  N,
                  D,
                  M,
                  &w,
                  l.in,
                  l.pre,
                  l.act,
                  l.dy,
                  din,
                  &g,
                  work);
  gradient_check("in", loss, &l, l.in, din, N * D, N * D);
  gradient_check("U", loss, &l, l.U, dU, M * D, M * D);
  gradient_check("bu", loss, &l, l.bu, dbu, M, M);
  gradient_check("V", loss, &l, l.V, dV, D * M, D * M);
  gradient_check("bv", loss, &l, l.bv, dbv, D, D);
}

int
main(void)
{
  test_golden();
  test_gradient();
  return 0;
}
