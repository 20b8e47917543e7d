#define _POSIX_C_SOURCE 200809L

#include "core/cli/commands.h"
#include "core/tensor/gemm.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
  const char* name;
  df_exit (*run)(int argc, char** argv);
  const char* about;
} commands[] = {
  {"train",
   df_command_train,
   "learn a model from folders of sound, or a table of series"},
  {"render", df_command_render, "continue, fill or reshape a sound file"},
  {"plot", df_command_plot, "draw sounds as spectrograms"},
  {"forecast", df_command_forecast, "sample the future of a table"},
  {"impute", df_command_impute, "fill the gaps of a table"},
  {"eval", df_command_eval, "score forecasts of the end of a table"},
  {"info", df_command_info, "say what is in a model file"},
  {"bench", df_command_bench, "measure this machine and the training step"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(FILE* const to)
{
  (void)fprintf(to, "usage: dforce COMMAND ...\n\n");
  for (size_t i = 0U; i < COMMANDS; ++i) {
    (void)fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].about);
  }
  (void)fprintf(to, "\ndforce COMMAND --help tells more.\n");
}

/// Start anew where BLAS was not set up as this program wants it: one thread a
/// product, since its own threads share out the work, and products for this
/// processor where OpenBLAS did not know it.  What the user has set stands;
/// where starting anew fails, go on with slower products.
static void
set_up_blas(char** const argv)
{
  const char* const core    = "OPENBLAS_CORETYPE";
  const char* const threads = "OPENBLAS_NUM_THREADS";
  const char* const better  = df_gemm_better_core(df_gemm_core());
  const bool        choose  = better && !getenv(core);
  const bool        limit   = !getenv(threads);
  if ((choose && setenv(core, better, 0)) ||
      (limit && setenv(threads, "1", 0))) {
    return;
  }
  if (choose || limit) {
    (void)execv("/proc/self/exe", argv);
  }
}

int
main(const int argc, char** const argv)
{
  set_up_blas(argv);
  if (argc < 2) {
    print_help(stderr);
    return DF_EXIT_USAGE;
  }
  if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
    print_help(stdout);
    return DF_EXIT_OK;
  }
  for (size_t i = 0U; i < COMMANDS; ++i) {
    if (!strcmp(argv[1], commands[i].name)) {
      const df_exit result = commands[i].run(argc - 2, argv + 2);
      if (!result && (fflush(stdout) || ferror(stdout))) {
        (void)fprintf(
          stderr, "dforce %s: standard output: cannot be written\n", argv[1]);
        return DF_EXIT_FAILED;
      }
      return (int)result;
    }
  }
  (void)fprintf(stderr, "dforce: %.60s: no such command\n\n", argv[1]);
  print_help(stderr);
  return DF_EXIT_USAGE;
}
