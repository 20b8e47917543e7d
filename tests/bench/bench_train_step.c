#include "tests/check.h"

#include "core/base/pool.h"
#include "core/base/rng.h"
#include "core/model/network.h"
#include "core/nn/adam.h"
#include "core/tensor/gemm.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

/// A whole training step (forward, backward, AdamW) against a large product of
/// BLAS, one in each thread, in the same run, in turn: the share is the median
/// of its rounds, since what else the machine does comes and goes.  Only
/// products are counted, two for each multiply-add: attention's as many keys as
/// each token sees, and those of Muon.  OPENBLAS_NUM_THREADS=1 as in `dforce`.
///
///     bench_train_step [threads [transformer|gru]]

enum { B = 8, T = 256, H = 32, C = 160, ROUNDS = 9, SIDE = 1024 };

static double
now(void)
{
  struct timespec t;
  CHECK(!clock_gettime(CLOCK_MONOTONIC, &t));
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Multiply-adds of one forward call
static double
count_forward(const df_model_config* const c)
{
  const double d     = c->width;
  const double half  = (double)B * T;
  const double both  = 2.0 * half;
  double       total = both * d * C + (c->recall ? half * d * C : 0.0); // in
  total += half * d * C;                                                // head
  for (int i = 0; i < c->layers; ++i) {
    const double rows = i == c->layers - 1 ? half : both;
    total += rows * 2.0 * d * c->mlp;
    if (c->backbone == DF_BACKBONE_GRU) {
      total += both * 6.0 * d * d;
      continue;
    }
    total += both * 2.0 * d * d + rows * 2.0 * d * d; // k, v; q, out
    double seen = 0.0;
    for (int t = 0; t < T; ++t) {
      const int begin = t / H * H;
      seen += (begin < c->context ? begin : c->context) + H;
      seen += rows < both ? 0 : (t + 1 < c->context ? t + 1 : c->context);
    }
    total += B * seen * 2.0 * d;
  }
  return total;
}

static void
multiply(void* const self, const int index)
{
  const int      n = SIDE;
  df_real* const x = *(df_real**)self + 3 * SIDE * SIDE * index;
  df_real* const y = x + SIDE * SIDE;
  df_real* const z = y + SIDE * SIDE;
  df_gemm(false, false, n, n, n, 1, x, n, y, n, 0, z, n);
}

// A product in each thread at a time
static void
bench_gemm(df_pool* const pool, double* const best)
{
  const int    threads = df_pool_threads(pool);
  const size_t numbers = 3U * SIDE * SIDE * (size_t)threads;
  df_real*     x       = (df_real*)calloc(numbers, sizeof(df_real));
  CHECK(x);
  for (int i = 0; i < 10; ++i) {
    const double start = now();
    df_pool_run(pool, threads, multiply, &x);
    const double took = now() - start;
    const double rate = 2e-9 * SIDE * SIDE * (double)SIDE * threads / took;
    *best             = rate > *best ? rate : *best;
  }
  free(x);
}

typedef struct {
  df_model*        model;
  df_network*      network;
  df_adam*         adam;
  df_real*         numbers; // [4,B,T,C] context, window, recall, dx0
  df_real*         x0;
  df_real*         confidence;
  int*             level;
  df_real*         grad;
  df_network_input in;
} training;

static void
take(df_arena* const       arena,
     training* const       t,
     const df_model* const shape,
     df_pool* const        pool)
{
  const size_t n = (size_t)B * T;
  CHECK(!df_network_make(arena, shape, B, T, pool, &t->network));
  t->numbers    = DF_TAKE(arena, 4U * n * C, df_real);
  t->x0         = DF_TAKE(arena, n * C, df_real);
  t->confidence = DF_TAKE(arena, n, df_real);
  t->level      = DF_TAKE(arena, n, int);
  t->grad       = DF_TAKE(arena, shape->params.total, df_real);
  CHECK(!df_adam_make(arena, &shape->params, shape->theta, &t->adam));
}

static void
fill(training* const t)
{
  const size_t n = (size_t)B * T;
  df_rng       r = df_rng_make(1U, 0U, 0U);
  for (size_t i = 0U; i < 4U * n * C; i += 64U) {
    df_rng_normal(&r, t->numbers + i, 64U);
  }
  for (size_t i = 0U; i < n; ++i) {
    t->level[i]      = (int)df_rng_below(&r, 65U);
    t->confidence[i] = 0.5f;
  }
  t->in = (df_network_input){.B             = B,
                             .T             = T,
                             .H             = H,
                             .context       = t->numbers,
                             .context_level = t->level,
                             .window        = t->numbers + n * C,
                             .window_level  = t->level,
                             .recall        = t->numbers + 2U * n * C,
                             .confidence    = t->confidence};
}

static int
compare(const void* const a, const void* const b)
{
  const double x = *(const double*)a;
  const double y = *(const double*)b;
  return (x > y) - (x < y);
}

int
main(const int argc, char** const argv)
{
  const int  threads = argc > 1 ? atoi(argv[1]) : 2;
  const bool gru     = argc > 2 && !strcmp(argv[2], "gru");

  df_model_config config =
    df_model_config_default(gru ? DF_BACKBONE_GRU : DF_BACKBONE_TRANSFORMER, C);
  df_arena room  = {NULL, 0U, 0U, false};
  df_arena arena = {NULL, 0U, 0U, false};
  df_pool* pool  = NULL;
  training t     = {0};
  CHECK(!df_pool_make(threads, &pool));
  CHECK(!df_model_make(&room, &config, &t.model, NULL));
  CHECK(!df_arena_allocate(&room));
  CHECK(!df_model_make(&room, &config, &t.model, NULL));
  df_params_init(&t.model->params, 1U, t.model->theta);
  take(&arena, &t, t.model, pool);
  CHECK(!df_arena_allocate(&arena));
  take(&arena, &t, t.model, pool);
  fill(&t);

  const df_params* const params  = &t.model->params;
  const df_adam_config   adam    = df_adam_config_default();
  const df_real* const   dx0     = t.numbers + 3U * (size_t)B * T * C;
  double                 best[4] = {1e9, 1e9, 1e9, 1e9};
  double                 peak    = 0.0;
  double                 share[ROUNDS]; // step's seconds times sgemm's rate
  for (int n = 0; n < ROUNDS; ++n) {
    double rate = 0.0;
    bench_gemm(pool, &rate);
    peak               = rate > peak ? rate : peak;
    const double start = now();
    memset(t.grad, 0, params->total * sizeof(df_real));
    df_network_forward(t.network, t.model->theta, &t.in, t.x0);
    const double forward = now();
    df_network_backward(t.network, t.model->theta, &t.in, dx0, t.grad, NULL);
    const double backward = now();
    (void)df_adam_step(t.adam, pool, &adam, params, t.model->theta, t.grad);
    const double end     = now();
    const double took[4] = {
      forward - start, backward - forward, end - backward, end - start};
    for (int i = 0; i < 4; ++i) {
      best[i] = took[i] < best[i] ? took[i] : best[i];
    }
    share[n] = took[3] * rate;
  }
  qsort(share, ROUNDS, sizeof(double), compare);

  // Backward makes two products of each, but for the tokens' own gradient
  const double enters =
    ((config.recall ? 3.0 : 2.0) * B) * T * config.width * C;
  const double work = 2.0 * count_forward(&config) * 1e-9;
  const double back = 2.0 * work - 2.0 * enters * 1e-9;
  const double muon = df_muon_flops(params) * 1e-9;
  printf(
    "%s, B %d, T %d, H %d, C %d, width %d, %zu weights, %.0f MB, %d threads\n",
    gru ? "gru" : "transformer",
    B,
    T,
    H,
    C,
    config.width,
    params->total,
    (double)arena.used * 1e-6,
    threads);
  printf("sgemm 1024      %7.1f GFLOP/s\n", peak);
  printf("forward  %6.1f ms %6.1f GFLOP/s\n", 1e3 * best[0], work / best[0]);
  printf("backward %6.1f ms %6.1f GFLOP/s\n", 1e3 * best[1], back / best[1]);
  printf("descent  %6.1f ms %6.1f GFLOP/s\n", 1e3 * best[2], muon / best[2]);
  const double all = work + back + muon;
  printf("step     %6.1f ms %6.1f GFLOP/s, %.0f %% of sgemm (%.0f to %.0f)\n",
         1e3 * best[3],
         all / best[3],
         100.0 * all / share[ROUNDS / 2],
         100.0 * all / share[ROUNDS - 1],
         100.0 * all / share[0]);
  df_arena_free(&arena);
  df_arena_free(&room);
  df_pool_free(pool);
  return 0;
}
