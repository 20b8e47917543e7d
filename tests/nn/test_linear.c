#include "tests/nn/gradient.h"

#include "core/nn/linear.h"
#include "core/nn/rows.h"

#include <string.h>

// Rows wider than the layer, so that strides are read
enum { N = 5, OUT = 4, IN = 3, LDX = 6, LDY = 7 };

typedef struct {
  df_real x[N * LDX];
  df_real A[OUT * IN];
  df_real b[OUT];
  df_real y[N * LDY];
  df_real dy[N * LDY];
} layer;

static double
loss(void* const self)
{
  layer* const l = (layer*)self;
  df_linear(NULL, N, OUT, IN, l->x, LDX, l->A, l->b, false, l->y, LDY);
  double sum = 0.0;
  for (int r = 0; r < N; ++r) {
    for (int c = 0; c < OUT; ++c) {
      sum += (double)(l->dy[r * LDY + c] * l->y[r * LDY + c]);
    }
  }
  return sum;
}

static layer
make(void)
{
  layer  l   = {0};
  df_rng rng = df_rng_make(1U, 0U, 0U);
  gradient_draw(&rng, l.x, N * LDX, 1.0);
  gradient_draw(&rng, l.A, OUT * IN, 1.0);
  gradient_draw(&rng, l.b, OUT, 1.0);
  gradient_draw(&rng, l.dy, N * LDY, 1.0);
  return l;
}

/// y = x A^T + b entry by entry, and adding adds.
static void
test_forward_is_the_sum(void)
{
  layer l = make();
  for (int round = 0; round < 2; ++round) {
    df_linear(NULL, N, OUT, IN, l.x, LDX, l.A, l.b, round, l.y, LDY);
    for (int r = 0; r < N; ++r) {
      for (int o = 0; o < OUT; ++o) {
        double want = (double)l.b[o];
        for (int i = 0; i < IN; ++i) {
          want += (double)(l.x[r * LDX + i] * l.A[o * IN + i]);
        }
        CHECK_NEAR(l.y[r * LDY + o], (round + 1) * want, 1e-12);
      }
      CHECK(l.y[r * LDY + OUT] == 0); // beyond the row's width
    }
  }
}

/// Gradients by input, matrix and bias are derivatives.
static void
test_gradient(void)
{
  layer   l            = make();
  df_real dx[N * LDX]  = {0};
  df_real dA[OUT * IN] = {0};
  df_real db[OUT]      = {0};
  df_linear_backward(
    NULL, N, OUT, IN, l.x, LDX, l.A, l.dy, LDY, false, dx, dA, db);
  gradient_check("x", loss, &l, l.x, dx, N * LDX, N * LDX);
  gradient_check("A", loss, &l, l.A, dA, OUT * IN, OUT * IN);
  gradient_check("b", loss, &l, l.b, db, OUT, OUT);

  df_real twice[N * LDX];
  memcpy(twice, dx, sizeof(dx));
  df_linear_backward(
    NULL, N, OUT, IN, l.x, LDX, l.A, l.dy, LDY, true, twice, dA, db);
  for (int i = 0; i < N * LDX; ++i) {
    CHECK_NEAR(twice[i], 2 * dx[i], 1e-12);
  }
}

/// Sums over rows take each row once, with its weight.
static void
test_rows_sum(void)
{
  df_real x[200][70];
  df_real weight[200];
  df_real sum[70] = {0};
  for (int r = 0; r < 200; ++r) {
    weight[r] = r % 2;
    for (int c = 0; c < 70; ++c) {
      x[r][c] = r + 1000 * c;
    }
  }
  df_rows_sum(NULL, 200, 70, x[0], 70, NULL, sum);
  CHECK(sum[69] == 19900 + 200 * 69000);
  df_rows_sum(NULL, 200, 70, x[0], 70, weight, sum);
  CHECK(sum[69] == 19900 + 200 * 69000 + 10000 + 100 * 69000);
}

int
main(void)
{
  test_forward_is_the_sum();
  test_gradient();
  test_rows_sum();
  return 0;
}
