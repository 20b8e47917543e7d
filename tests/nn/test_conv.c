#include "tests/nn/gradient.h"

#include "core/nn/conv.h"

enum { B = 2, T = 12, H = 4, D = 3, W = 3, ROWS = 2 * B * T };

typedef struct {
  df_real x[ROWS * D];
  df_real w[W * D];
  df_real b[D];
  df_real y[ROWS * D];
  df_real dy[ROWS * D];
} layer;

static const df_streams streams = {B, T, H};

static double
loss(void* const self)
{
  layer* const l = (layer*)self;
  df_conv(NULL, streams, D, W, l->x, l->w, l->b, l->y);
  double sum = 0.0;
  for (int i = 0; i < ROWS * D; ++i) {
    sum += (double)(l->dy[i] * l->y[i]);
  }
  return sum;
}

static layer
make(void)
{
  layer  l   = {0};
  df_rng rng = df_rng_make(3U, 0U, 0U);
  gradient_draw(&rng, l.x, ROWS * D, 1.0);
  gradient_draw(&rng, l.w, W * D, 1.0);
  gradient_draw(&rng, l.b, D, 1.0);
  gradient_draw(&rng, l.dy, ROWS * D, 1.0);
  return l;
}

/// Gradients by rows of both streams, taps and bias are derivatives.
static void
test_gradient(void)
{
  layer   l            = make();
  df_real dx[ROWS * D] = {0};
  df_real dw[W * D]    = {0};
  df_real db[D]        = {0};
  df_real work[B * (W + 1) * D];
  CHECK(df_conv_work(B, D, W) == sizeof(work) / sizeof(work[0]));
  df_conv_backward(NULL, streams, D, W, l.x, l.w, l.dy, dx, dw, db, work);
  gradient_check("x", loss, &l, l.x, dx, ROWS * D, ROWS * D);
  gradient_check("w", loss, &l, l.w, dw, W * D, W * D);
  gradient_check("b", loss, &l, l.b, db, D, D);
}

/// A window block begins with the context before it, the clip with zeros.
static void
test_block_reads_context(void)
{
  layer l = make();
  (void)loss(&l);
  for (int t = 0; t < T; ++t) {
    for (int c = 0; c < D; ++c) {
      double want = (double)(l.x[(B * T + t) * D + c] + l.b[c]);
      for (int j = 0; j < W && j <= t; ++j) {
        const int from = t - j >= t / H * H ? B * T + t - j : t - j;
        want += (double)(l.w[j * D + c] * l.x[from * D + c]);
      }
      CHECK_NEAR(l.y[(B * T + t) * D + c], want, 1e-12);
    }
  }
}

/// A clip whose window equals its context gives the same rows twice.
static void
test_streams_agree(void)
{
  layer l = make();
  for (int i = 0; i < B * T * D; ++i) {
    l.x[B * T * D + i] = l.x[i];
  }
  (void)loss(&l);
  for (int i = 0; i < B * T * D; ++i) {
    CHECK(l.y[B * T * D + i] == l.y[i]);
  }
}

int
main(void)
{
  test_gradient();
  test_block_reads_context();
  test_streams_agree();
  return 0;
}
