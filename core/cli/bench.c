#define _POSIX_C_SOURCE 200809L

#include "core/audio/bands.h"
#include "core/base/pool.h"
#include "core/base/rng.h"
#include "core/cli/commands.h"
#include "core/cli/options.h"
#include "core/diffusion/schedule.h"
#include "core/model/model.h"
#include "core/nn/muon.h"
#include "core/tensor/gemm.h"
#include "core/train/descent.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SIDE 1536 // of the square product
#define COUNT ((size_t)SIDE * SIDE)

static double
now(void)
{
  struct timespec at;
  (void)clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

/// One thread's square product.
static void
multiply(void* const self, const int index)
{
  df_real* const a = *(df_real**)self + 3U * COUNT * (size_t)index;
  df_gemm(false,
          false,
          SIDE,
          SIDE,
          SIDE,
          1,
          a,
          SIDE,
          a + COUNT,
          SIDE,
          0,
          a + 2U * COUNT,
          SIDE);
}

/// GFLOP/s of the best of several square products, one in each thread at a
/// time; 0 without memory.
static double
measure_gemm(df_pool* const pool, const int rounds)
{
  const int    threads = df_pool_threads(pool);
  const size_t all     = 3U * COUNT * (size_t)threads;
  df_real*     a       = (df_real*)malloc(all * sizeof(df_real));
  double       best    = 0.0;
  if (a) {
    for (size_t i = 0U; i < all; ++i) {
      a[i] = (df_real)(i % 17U) * 0.125f - 1.0f;
    }
    for (int i = 0; i < rounds; ++i) {
      const double from = now();
      df_pool_run(pool, threads, multiply, &a);
      const double took = now() - from;
      const double rate = 2e-9 * SIDE * SIDE * SIDE * threads / took;
      best              = rate > best ? rate : best;
    }
  }
  free(a);
  return best;
}

/// A made-up take: what it holds costs nothing.
static bool
make_take(const df_train_config* const config, df_take* const out)
{
  const size_t count = 2U * (size_t)config->tokens;
  const size_t C     = (size_t)config->model.token;
  df_rng       rng   = df_rng_make(1U, 0U, 0U);
  *out               = (df_take){(int)count,
                                 (float*)malloc(count * C * sizeof(float)),
                                 (float*)malloc(count * DF_BANDS * sizeof(float))};
  if (!out->tokens || !out->bands) {
    return false;
  }
  df_rng_normal(&rng, out->tokens, count * C);
  df_rng_normal(&rng, out->bands, count * DF_BANDS);
  return true;
}

/// What is timed.
typedef struct {
  const df_model*    model;
  df_descent*        descent;
  df_batch*          batch;
  const df_schedule* schedule;
  df_pool*           pool;
} bench;

/// Time steps of each window size and print their speed.
static void
measure_steps(const df_train_config* const config,
              const bench* const           of,
              const df_take* const         take,
              const int                    rounds,
              const double                 peak)
{
  df_clip* const clips =
    (df_clip*)malloc((size_t)config->clips * sizeof(df_clip));
  double work = 0.0;
  double time = 0.0;
  for (int i = 0; clips && i < config->clips; ++i) {
    clips[i] = (df_clip){take, i % config->tokens};
  }
  for (int H = config->model.horizon; clips && H >= config->model.horizon / 4;
       H /= 2) {
    const df_batch_draw draw = {H, config->drop, 43.0, 1U, 0U, (uint64_t)H};
    double              loss = 0.0;
    double              best = 1e9;
    for (int i = 0; i < rounds; ++i) {
      const double               from = now();
      const df_batch_view* const view =
        df_batch_fill(of->batch, of->schedule, &draw, clips, of->pool);
      if (df_descent_step(of->descent, view, 0.0, &loss)) {
        break;
      }
      const double took = now() - from;
      best              = took < best ? took : best;
    }
    const double flops =
      df_descent_flops(config, H) + df_muon_flops(&of->model->params);
    printf("training step, window %2d: %7.1f ms, %6.1f GFLOP/s, %4.1f %%\n",
           H,
           1e3 * best,
           1e-9 * flops / best,
           100e-9 * flops / best / peak);
    work += flops;
    time += best;
  }
  printf("training step, mean:      %7.1f ms, %6.1f GFLOP/s, %4.1f %% of "
         "sgemm\n",
         1e3 * time / 3.0,
         1e-9 * work / time,
         100e-9 * work / time / peak);
  free(clips);
}

static df_status
take_memory(const df_train_config* const config,
            const df_model* const        model,
            df_arena* const              arena,
            bench* const                 out)
{
  const df_schedule_config levels = {DF_SCHEDULE_ANGLE,
                                     config->model.levels,
                                     (double)config->model.shift,
                                     false};
  df_status status = df_schedule_make(arena, &levels, &out->schedule);
  if (!status) {
    status = df_batch_make(
      arena, &config->model, config->clips, config->tokens, &out->batch);
  }
  return status
           ? status
           : df_descent_make(arena, config, model, out->pool, &out->descent);
}

/// Lay out model and descent, each in its arena.
static df_status
make_descent(const df_train_config* const config,
             df_arena                     arenas[2],
             bench* const                 out,
             df_note* const               note)
{
  df_model* model  = NULL;
  df_status status = df_model_make(&arenas[0], &config->model, &model, note);
  if (!status) {
    status = df_arena_allocate(&arenas[0]);
  }
  if (!status) {
    status = df_model_make(&arenas[0], &config->model, &model, note);
  }
  if (!status) {
    df_params_init(&model->params, 1U, model->theta);
    out->model = model;
    status     = take_memory(config, model, &arenas[1], out);
  }
  if (!status) {
    status = df_arena_allocate(&arenas[1]);
  }
  if (!status) {
    printf("network of %zu numbers\n", model->params.total);
    status = take_memory(config, model, &arenas[1], out);
  }
  return status;
}

static df_exit
measure(const df_train_config* const config,
        const int                    threads,
        const int                    rounds)
{
  df_arena  arenas[2] = {{NULL, 0U, 0U, false}, {NULL, 0U, 0U, false}};
  bench     of        = {NULL, NULL, NULL, NULL, NULL};
  df_take   take      = {0, NULL, NULL};
  df_note   note      = {{0}};
  df_status status    = df_pool_make(threads, &of.pool);
  if (!status) {
    status = make_descent(config, arenas, &of, &note);
  }
  if (!status && !make_take(config, &take)) {
    status = DF_E_NOMEM;
  }
  if (!status) {
    const double peak = measure_gemm(of.pool, rounds);
    printf("OpenBLAS for %s\n", df_gemm_core());
    printf("sgemm %d x %d x %d, %d threads: %8.1f GFLOP/s\n",
           SIDE,
           SIDE,
           SIDE,
           df_pool_threads(of.pool),
           peak);
    measure_steps(config, &of, &take, rounds, peak);
  } else {
    (void)fprintf(stderr,
                  "dforce bench: %s\n",
                  note.text[0] ? note.text : df_status_text(status));
  }
  free(take.tokens);
  free(take.bands);
  df_arena_free(&arenas[1]);
  df_arena_free(&arenas[0]);
  df_pool_free(of.pool);
  return status ? DF_EXIT_FAILED : DF_EXIT_OK;
}

df_exit
df_command_bench(const int argc, char** const argv)
{
  df_train_config config    = df_train_config_default();
  int             threads   = (int)sysconf(_SC_NPROCESSORS_ONLN);
  int             rounds    = 24;
  bool            help      = false;
  const df_option options[] = {
    {"--width", DF_OPTION_INT, &config.model.width, 8, 1024, "of the network"},
    {"--threads",
     DF_OPTION_INT,
     &threads,
     1,
     256,
     "(default: one for each processor)"},
    {"--rounds",
     DF_OPTION_INT,
     &rounds,
     1,
     10000,
     "of which the quickest counts (default 24)"},
    {"--help", DF_OPTION_FLAG, &help, 0, 0, "this text"},
  };
  const int count = (int)(sizeof(options) / sizeof(options[0]));
  int       words = 0;
  df_note   note  = {{0}};
  if (df_options_read(options, count, argc, argv, &words, &note) || words) {
    (void)fprintf(stderr,
                  "dforce bench: %s\n",
                  note.text[0] ? note.text : "takes no files");
    return DF_EXIT_USAGE;
  }
  if (help) {
    printf("usage: dforce bench [options]\n\n");
    df_options_print(options, count, stdout);
    return DF_EXIT_OK;
  }
  config.model.mlp = 3 * config.model.width;
  if (df_train_config_check(&config, &note)) {
    (void)fprintf(stderr, "dforce bench: %s\n", note.text);
    return DF_EXIT_USAGE;
  }
  return measure(&config, threads, rounds);
}
