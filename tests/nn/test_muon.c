#include "tests/check.h"
#include "tests/golden/nn.h"

#include "core/base/pool.h"
#include "core/base/rng.h"
#include "core/nn/muon.h"

#include <string.h>

static char memory[1 << 20];

static const df_muon_config config = {1e-2, 0.95, 0.1, 1.0};

// As in tests/ref/nn.py: of full rank as a matrix
static void
chirp(const double seed, df_real* const x, const int n)
{
  for (int i = 0; i < n; ++i) {
    x[i] = (df_real)sin(0.7 * (double)i * (double)i + seed);
  }
}

static df_muon*
make(df_params* const p, const int rows, const int cols, const int pieces)
{
  df_arena arena = {memory, sizeof(memory), 0U, false};
  df_muon* muon  = NULL;
  memset(p, 0, sizeof(*p));
  (void)df_params_add(p, "before", 3, 0, 0, DF_INIT_ZERO, 0.0);
  (void)df_params_add(p, "matrix", rows, cols, 0, DF_INIT_ZERO, 0.0);
  (void)df_params_add(p, "after", 2, 2, 0, DF_INIT_ZERO, 0.0);
  p->list[1].pieces = pieces;
  CHECK(!df_muon_make(&arena, p, &muon) && muon);
  return muon;
}

// Two steps against the reference; the neighbours stay
static void
compare(const int           rows,
        const int           cols,
        const int           pieces,
        const double* const want)
{
  df_params      p;
  df_muon* const muon      = make(&p, rows, cols, pieces);
  df_real        theta[64] = {1, 2, 3};
  df_real        grad[64]  = {1, 1, 1};
  df_real        m[64]     = {0};
  const int      n         = rows * cols;
  chirp(1.0, theta + 3, n);
  for (int i = 0; i < 2; ++i) {
    chirp(2.0 + i, grad + 3, n);
    df_muon_step(muon, NULL, &config, m, theta, grad);
  }
  // Rounding, grown up to 3.4445^5 = 485 fold where a singular value is small
  const double tolerance = sizeof(df_real) == 8U ? 1e-11 : 1e-5;
  for (int i = 0; i < n; ++i) {
    CHECK_NEAR(theta[3 + i], want[i], tolerance);
  }
  CHECK(theta[0] == 1 && theta[1] == 2 && theta[2] == 3);
  CHECK(theta[3 + n] == 0 && m[0] == 0 && m[3 + n] == 0);
}

/// Wide matrices stacked, and a tall one, step as the reference does.
static void
test_golden(void)
{
  compare(8, 6, 2, golden_muon_wide);
  compare(9, 5, 1, golden_muon_tall);
}

enum { ROWS = 24, COLS = 16, N = ROWS * COLS };

// One step from zero without decay: rate 0.2 sqrt(ROWS) O
static void
step_once(const df_real* const grad, df_real* const theta, df_pool* const pool)
{
  df_params            p;
  df_muon* const       muon = make(&p, ROWS, COLS, 1);
  const df_muon_config c    = {1.0, 0.95, 0.0, 1.0};
  df_real              all[N + 8];
  df_real              to[N + 8];
  df_real              m[N + 8];
  memset(all, 0, sizeof(all));
  memset(to, 0, sizeof(to));
  memset(m, 0, sizeof(m));
  memcpy(all + 3, grad, N * sizeof(df_real));
  df_muon_step(muon, pool, &c, m, to, all);
  memcpy(theta, to + 3, N * sizeof(df_real));
}

/// The step stretches no direction much more than another, though the
/// gradient does so a thousand times.
static void
test_all_directions_alike(void)
{
  df_rng  rng = df_rng_make(5U, 0U, 0U);
  df_real grad[N];
  df_real theta[N];
  float   draw[N];
  df_rng_normal(&rng, draw, N);
  for (int i = 0; i < N; ++i) {
    grad[i] = (df_real)draw[i] * (i % COLS < 4 ? 100 : (df_real)0.1);
  }
  step_once(grad, theta, NULL);
  for (int trial = 0; trial < 20; ++trial) {
    double length = 0.0;
    double image  = 0.0;
    df_rng_normal(&rng, draw, COLS);
    for (int c = 0; c < COLS; ++c) {
      length += (double)draw[c] * (double)draw[c];
    }
    for (int r = 0; r < ROWS; ++r) {
      double sum = 0.0;
      for (int c = 0; c < COLS; ++c) {
        sum += (double)theta[r * COLS + c] * (double)draw[c];
      }
      image += sum * sum;
    }
    const double gain = sqrt(image / length) / (0.2 * sqrt(ROWS));
    CHECK(gain > 0.3 && gain < 1.3);
  }
}

/// The size of a gradient makes no difference; none moves nothing.
static void
test_scale(void)
{
  df_real grad[N];
  df_real one[N];
  df_real two[N];
  chirp(1.0, grad, N);
  step_once(grad, one, NULL);
  for (int i = 0; i < N; ++i) {
    grad[i] *= (df_real)1024;
  }
  step_once(grad, two, NULL);
  for (int i = 0; i < N; ++i) {
    CHECK_NEAR(one[i], two[i], 1e-5);
  }
  memset(grad, 0, sizeof(grad));
  step_once(grad, one, NULL);
  for (int i = 0; i < N; ++i) {
    CHECK(one[i] == 0);
  }
}

/// Any number of threads gives the same bytes.
static void
test_threads(void)
{
  df_pool* pool = NULL;
  df_real  grad[N];
  df_real  one[N];
  df_real  two[N];
  CHECK(!df_pool_make(3, &pool));
  chirp(1.0, grad, N);
  step_once(grad, one, NULL);
  step_once(grad, two, pool);
  CHECK(!memcmp(one, two, sizeof(one)));
  df_pool_free(pool);
}

/// Too little memory is said.
static void
test_make_refuses(void)
{
  df_params p;
  (void)make(&p, 8, 6, 2);
  df_arena arena = {memory, 100U, 0U, false};
  df_muon* muon  = NULL;
  CHECK(df_muon_make(&arena, &p, &muon) == DF_E_NOMEM && !muon);
}

int
main(void)
{
  test_golden();
  test_all_directions_alike();
  test_scale();
  test_threads();
  test_make_refuses();
  return 0;
}
