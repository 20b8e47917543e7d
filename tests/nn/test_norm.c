#include "tests/golden/nn.h"
#include "tests/nn/gradient.h"
#include "tests/nn/wave.h"

#include "core/nn/norm.h"

enum { N = 6, D = 11, LEVELS = 3 };

typedef struct {
  df_real x[N * D];
  df_real table[LEVELS * 2 * D];
  int     level[N];
  df_real unit[N * D];
  df_real rstd[N];
  df_real y[N * D];
  df_real dy[N * D];
} layer;

static double
loss(void* const self)
{
  layer* const l = (layer*)self;
  df_norm(NULL,
          df_kernels_best(),
          N,
          D,
          l->x,
          l->table,
          l->level,
          l->unit,
          l->rstd,
          l->y);
  double sum = 0.0;
  for (int i = 0; i < N * D; ++i) {
    sum += (double)(l->dy[i] * l->y[i]);
  }
  return sum;
}

/// Gradients by the rows and by each level's scale and shift are derivatives.
static void
test_gradient(void)
{
  layer  l   = {0};
  df_rng rng = df_rng_make(2U, 0U, 0U);
  gradient_draw(&rng, l.x, N * D, 1.0);
  gradient_draw(&rng, l.table, LEVELS * 2 * D, 1.0);
  gradient_draw(&rng, l.dy, N * D, 1.0);
  for (int r = 0; r < N; ++r) {
    l.level[r] = r % 2 * 2; // level 1 is not used: no gradient
  }
  df_real dx[N * D]              = {0};
  df_real dtable[LEVELS * 2 * D] = {0};
  (void)loss(&l);
  df_norm_backward(
    NULL, N, D, l.table, l.level, l.unit, l.rstd, l.dy, dx, dtable);
  gradient_check("x", loss, &l, l.x, dx, N * D, N * D);
  gradient_check(
    "table", loss, &l, l.table, dtable, LEVELS * 2 * D, LEVELS * 2 * D);
}

/// Same numbers as the reference.
static void
test_golden(void)
{
  df_real   x[5 * 6];
  df_real   table[3 * 12];
  df_real   unit[5 * 6];
  df_real   rstd[5];
  df_real   y[5 * 6];
  const int level[] = {2, 0, 1, 2, 1};
  wave(1.0, x, COUNT(x));
  wave(2.0, table, COUNT(table));
  df_norm(NULL, df_kernels_best(), 5, 6, x, table, level, unit, rstd, y);
  for (size_t i = 0U; i < COUNT(golden_norm); ++i) {
    CHECK_NEAR(y[i], golden_norm[i], 1e-12);
  }
}

int
main(void)
{
  test_gradient();
  test_golden();
  return 0;
}
