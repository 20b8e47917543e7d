#define _POSIX_C_SOURCE 200809L

// Products of the running engine against the processor's peak and sgemm, and
// what one hop costs.  One thread; each figure is the best of several runs.
//
//   meson test --benchmark -C BUILD tensor

#include "tests/model/engine.h"

#include "core/base/rng.h"
#include "core/model/model.h"
#include "core/model/predictor.h"
#include "core/tensor/gemm.h"
#include "core/tensor/kernels.h"
#include "core/tensor/pack.h"

#include <cblas.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS 7
#define ROWS_MOST 64

static double
now(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Eight independent chains of fused multiply-adds in registers
#define CHAINS 8
#define PEAK(name, bytes, attribute)                                           \
  attribute static double name(const long rounds, float* const out)            \
  {                                                                            \
    typedef float vec __attribute__((vector_size(bytes)));                     \
    const vec     zero  = {0};                                                 \
    const vec     keep  = zero + *out;                                         \
    vec           a     = zero + 1.0f;                                         \
    vec           b     = zero + 2.0f;                                         \
    vec           c     = zero + 3.0f;                                         \
    vec           d     = zero + 4.0f;                                         \
    vec           e     = zero + 5.0f;                                         \
    vec           f     = zero + 6.0f;                                         \
    vec           g     = zero + 7.0f;                                         \
    vec           h     = zero + 8.0f;                                         \
    const double  begin = now();                                               \
    for (long n = 0; n < rounds; ++n) {                                        \
      a = a * keep + keep;                                                     \
      b = b * keep + keep;                                                     \
      c = c * keep + keep;                                                     \
      d = d * keep + keep;                                                     \
      e = e * keep + keep;                                                     \
      f = f * keep + keep;                                                     \
      g = g * keep + keep;                                                     \
      h = h * keep + keep;                                                     \
    }                                                                          \
    const double spent = now() - begin;                                        \
    const vec    all   = a + b + c + d + e + f + g + h;                        \
    *out               = all[0];                                               \
    return 2.0 * CHAINS * (bytes) / 4.0 * (double)rounds / spent;              \
  }

#ifdef __x86_64__
PEAK(peak_avx512, 64, __attribute__((target("avx512f,fma"))))
PEAK(peak_avx2, 32, __attribute__((target("avx2,fma"))))
#endif
PEAK(peak_plain, 16, )

// Most operations a second of one core, with the vectors of a table
static double
peak(const df_kernels* const kernels)
{
  double best = 0.0;
  for (int run = 0; run < RUNS; ++run) {
    float  out  = 0.5f;
    double rate = 0.0;
#ifdef __x86_64__
    rate = !strcmp(kernels->name, "avx512") ? peak_avx512(2000000, &out)
           : !strcmp(kernels->name, "avx2") ? peak_avx2(4000000, &out)
                                            : peak_plain(4000000, &out);
#else
    (void)kernels;
    rate = peak_plain(4000000, &out);
#endif
    best = rate > best && out > 0.0f ? rate : best;
  }
  return best;
}

typedef struct {
  const df_kernels* kernels;
  int               M;
  int               N;
  int               K;
  float*            x;
  float*            weights;
  float*            packed;
  float*            y;
} product;

static void
run_packed(const product* const p)
{
  p->kernels->packed(p->M, p->N, p->K, p->x, p->K, p->packed, NULL, p->y, p->N);
}

static void
run_gemm(const product* const p)
{
  df_gemm(false,
          true,
          p->M,
          p->N,
          p->K,
          1.0f,
          p->x,
          p->K,
          p->weights,
          p->K,
          0.0f,
          p->y,
          p->N);
}

static double
rate(const product* const p, void (*const run)(const product* p))
{
  const double work  = 2.0 * p->M * p->N * p->K;
  const int    count = 1 + (int)(2e8 / work);
  double       best  = 1e9;
  for (int n = 0; n < RUNS; ++n) {
    const double begin = now();
    for (int i = 0; i < count; ++i) {
      run(p);
    }
    const double spent = now() - begin;
    best               = spent < best ? spent : best;
  }
  return work * count / best;
}

static float*
noise(const size_t n)
{
  float* const x = (float*)malloc(n * sizeof(float));
  for (size_t i = 0U; x && i < n; ++i) {
    x[i] = (float)((i * 2654435761U) % 1000U) / 1000.0f - 0.5f;
  }
  return x;
}

static void
bench_shape(const int N, const int K, const double top)
{
  const size_t size = (size_t)N * (size_t)K;
  float* const x    = noise((size_t)ROWS_MOST * (size_t)K);
  float* const w    = noise(size);
  float* const y    = noise((size_t)ROWS_MOST * (size_t)N);
  float* const pack = noise(size + 64U * (size_t)K);
  CHECK(x && w && y && pack);
  const char* const names[] = {"avx512", "avx2", "plain"};
  for (int M = 1; M <= ROWS_MOST; M = M == 1 ? 4 : 2 * M) {
    product      p    = {NULL, M, N, K, x, w, pack, y};
    const double gemm = rate(&p, run_gemm);
    printf("%4d %4d %3d  sgemm %6.1f (%2.0f %%)",
           N,
           K,
           M,
           gemm * 1e-9,
           100.0 * gemm / top);
    for (size_t i = 0U; i < sizeof(names) / sizeof(names[0]); ++i) {
      p.kernels = df_kernels_named(names[i]);
      if (p.kernels) {
        df_pack(p.kernels, N, K, w, pack);
        const double r = rate(&p, run_packed);
        printf("  %s %6.1f (%2.0f %%)", names[i], r * 1e-9, 100.0 * r / top);
      }
    }
    printf("\n");
  }
  free(x);
  free(w);
  free(y);
  free(pack);
}

// What one hop of the engine costs: 16 tokens asked for and one remembered,
// after a past longer than the context
static void
bench_hop(const df_backbone backbone, const char* const name)
{
  enum { C = 64, H = 16, PAST = 300 };
  df_model_config config = df_model_config_default(backbone, C);
  config.width           = 192;
  config.layers          = 4;
  config.context         = 256;

  df_arena  shape = {NULL, 0U, 0U, false};
  df_model* model = NULL;
  engine    e;
  CHECK(!df_model_make(&shape, &config, &model, NULL));
  CHECK(!df_arena_allocate(&shape));
  CHECK(!df_model_make(&shape, &config, &model, NULL));
  df_params_init(&model->params, 1U, model->theta);
  engine_make(&e, model, df_kernels_best());

  float  z[H * C];
  float  x0[H * C];
  int    level[H];
  df_rng rng = df_rng_make(1U, 2U, 3U);
  df_rng_normal(&rng, z, H * C);
  for (int h = 0; h < H; ++h) {
    level[h] = (h + 1) * config.levels / H;
  }
  for (int t = 0; t < PAST; ++t) {
    df_history_push(e.history, z, NULL, 0);
  }
  double predict = 1e9;
  double push    = 1e9;
  double many    = 1e9;
  for (int run = 0; run < 20 * RUNS; ++run) {
    const double begin = now();
    df_history_predict(
      e.history, H, config.context, z, NULL, level, NULL, NULL, x0);
    const double middle = now();
    df_history_push(e.history, z, NULL, 0);
    const double end = now();
    df_history_push_many(e.history, H, z, NULL, level);
    const double rest = now() - end;
    predict           = middle - begin < predict ? middle - begin : predict;
    push              = end - middle < push ? end - middle : push;
    many              = rest < many ? rest : many;
  }
  printf("%s, width %d, %d layers, %d numbers a token: predict %d tokens "
         "%.3f ms, push %.3f ms, push %d together %.3f ms\n",
         name,
         config.width,
         config.layers,
         C,
         H,
         1e3 * predict,
         1e3 * push,
         H,
         1e3 * many);
  engine_free(&e);
  df_arena_free(&shape);
}

int
main(void)
{
  const df_kernels* const best = df_kernels_best();
  const double            top  = peak(best);
  openblas_set_num_threads(1); // one core against one core; ours to set here
  printf("%s, one core: peak %.1f GFLOP/s\n", best->name, top * 1e-9);
  printf("   N    K   M  GFLOP/s (part of the peak)\n");
  bench_shape(576, 192, top);
  bench_shape(192, 576, top);
  bench_shape(768, 256, top);
  bench_hop(DF_BACKBONE_TRANSFORMER, "transformer");
  bench_hop(DF_BACKBONE_GRU, "gru");
  return 0;
}
