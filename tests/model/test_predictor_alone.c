#include "tests/model/engine.h"

#include "core/base/rng.h"
#include "core/model/model.h"
#include "core/model/predictor.h"
#include "core/nn/params.h"
#include "core/tensor/kernels.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

// A program with nothing but a predictor, as a host has it.  OpenBLAS starts
// its threads when it is loaded, so it must not even be there.

/// Threads of this process, or -1 where the system does not say.
static int
threads(void)
{
  DIR* const dir = opendir("/proc/self/task");
  int        n   = dir ? 0 : -1;
  for (struct dirent* e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
    n += e->d_name[0] != '.';
  }
  if (dir) {
    (void)closedir(dir);
  }
  return n;
}

static bool
is_loaded(const char* const library)
{
  FILE* const maps       = fopen("/proc/self/maps", "r");
  char        line[4096] = "";
  bool        found      = false;
  while (maps && fgets(line, sizeof(line), maps)) {
    found = found || strstr(line, library);
  }
  if (maps) {
    (void)fclose(maps);
  }
  return found;
}

/// The running path neither loads BLAS nor starts a thread.
static void
test_no_blas(const df_backbone backbone)
{
  enum { C = 48, H = 16 };
  const df_model_config config = df_model_config_default(backbone, C);
  df_arena              arena  = {NULL, 0U, 0U, false};
  df_model*             model  = NULL;
  CHECK(!df_model_make(&arena, &config, &model, NULL));
  CHECK(!df_arena_allocate(&arena));
  CHECK(!df_model_make(&arena, &config, &model, NULL));
  df_params_init(&model->params, 1U, model->theta);

  engine e;
  engine_make(&e, model, df_kernels_best());
  df_rng rng = df_rng_make(1U, 2U, 3U);
  for (int t = 0; t < 100; ++t) {
    float z[H * C];
    float x0[H * C];
    int   level[H];
    df_rng_normal(&rng, z, H * C);
    for (int h = 0; h < H; ++h) {
      level[h] = h * config.levels / H;
    }
    df_history_push(e.history, z, NULL, 0);
    df_history_predict(
      e.history, H, config.context, z, NULL, level, NULL, NULL, x0);
    CHECK(x0[0] == z[0]);
  }
  CHECK(threads() == 1 || threads() == -1);
  CHECK(!is_loaded("libopenblas") && !is_loaded("libblas"));
  CHECK(!is_loaded("liblapack"));
  engine_free(&e);
  df_arena_free(&arena);
}

int
main(void)
{
  test_no_blas(DF_BACKBONE_TRANSFORMER);
  test_no_blas(DF_BACKBONE_GRU);
  return 0;
}
