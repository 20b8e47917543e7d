#include "core/forecast/impute.h"
#include "core/base/file.h"
#include "core/cli/commands.h"
#include "core/cli/options.h"
#include "core/cli/table.h"
#include "core/series/npy.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// What was asked for.
typedef struct {
  df_table_request table;
  const char*      model;
  const char*      out;
  int              seed;
  df_impute_config config;
} request;

/// Write the file again, its gaps filled.
static df_status
write(const request* const  asked,
      const df_table* const table,
      const double* const   values,
      df_note* const        note)
{
  df_file   file   = {NULL, 0U};
  char*     bytes  = NULL;
  size_t    size   = 0U;
  df_status status = df_file_map(asked->table.path, &file, note);
  if (!status) {
    status = df_table_fill(
      asked->table.path, file.data, file.size, table, values, &bytes, &size);
  }
  df_file_unmap(&file);
  if (!status) {
    status = df_file_replace(asked->out, bytes, size, note);
  }
  free(bytes);
  return status;
}

static df_status
work(const request* const asked, df_note* const note)
{
  df_table          table  = {0};
  df_forecast_model model  = {0};
  double*           values = NULL;
  size_t            filled = 0U;
  df_note           why    = {{0}};
  df_status         status = df_forecast_model_load(asked->model, &model, note);
  if (!status) {
    status = df_table_open(&asked->table, &table, note);
  }
  if (!status) {
    status = df_forecast_model_check(&model, asked->table.path, &table, note);
  }
  if (!status) {
    values = (double*)malloc((size_t)table.rows * (size_t)table.series *
                             sizeof(double));
    status = values ? DF_OK : DF_E_NOMEM;
  }
  if (!status) {
    status = df_impute(&model, &table, &asked->config, values, &filled, &why);
    if (status && why.text[0]) {
      (void)df_note_set(
        note, status, "%s: %.300s", asked->table.path, why.text);
    }
  }
  if (!status) {
    status = write(asked, &table, values, note);
  }
  if (!status) {
    printf("%zu missing values filled\n", filled);
  }
  free(values);
  df_table_free(&table);
  df_forecast_model_free(&model);
  return status;
}

df_exit
df_command_impute(const int argc, char** const argv)
{
  bool    help              = false;
  request asked             = {.seed = 1};
  asked.config.paths        = (df_paths_config){.samples = 50, .passes = 12};
  asked.config.quantile     = 0.5;
  const df_option options[] = {
    {"--model", DF_OPTION_TEXT, &asked.model, 0, 0, "of dforce train series"},
    {"--out", DF_OPTION_TEXT, &asked.out, 0, 0, "file to write"},
    {"--samples",
     DF_OPTION_INT,
     &asked.config.paths.samples,
     1,
     100000,
     "joint paths for each gap (default 50)"},
    {"--quantile",
     DF_OPTION_REAL,
     &asked.config.quantile,
     0,
     1,
     "of the paths, to fill with (default .5)"},
    {"--freq",
     DF_OPTION_TEXT,
     &asked.table.frequency,
     0,
     0,
     DF_TABLE_FREQUENCY_ABOUT},
    {"--start", DF_OPTION_TEXT, &asked.table.start, 0, 0, DF_TABLE_START_ABOUT},
    {"--passes",
     DF_OPTION_INT,
     &asked.config.paths.passes,
     2,
     64,
     "from noise to clean (default 12)"},
    {"--slope",
     DF_OPTION_REAL,
     &asked.config.paths.slope,
     0,
     64,
     "0 all rows at once, 1 pyramid, 64 one by one (default 0)"},
    {"--seed", DF_OPTION_INT, &asked.seed, 0, 2147483647, "(default 1)"},
    {"--help", DF_OPTION_FLAG, &help, 0, 0, "this text"},
  };
  const int count  = (int)(sizeof(options) / sizeof(options[0]));
  int       words  = 0;
  df_note   note   = {{0}};
  df_status status = df_options_read(options, count, argc, argv, &words, &note);
  if (!status && help) {
    printf(
      "usage: dforce impute --model MODEL.safetensors --out FILE [options] "
      "TABLE.csv|TABLE.npy\n\n"
      "Fills what is missing in a table, from the rows before it and from "
      "all that is\nknown up to a horizon after it.  All other bytes of "
      "the file stay as they are.\n\n");
    df_options_print(options, count, stdout);
    return DF_EXIT_OK;
  }
  if (!status && (words != 1 || !asked.model || !asked.out)) {
    status = df_note_set(
      &note, DF_E_ARG, "want one table, --model and --out; try --help");
  }
  if (!status && !strcmp(argv[0], "-")) {
    status = df_note_set(&note, DF_E_ARG, "-: want a file, to be copied");
  }
  if (!status && df_npy_is(argv[0]) != df_npy_is(asked.out)) {
    status = df_note_set(&note,
                         DF_E_ARG,
                         "--out: want the table's form, %s, found %.400s",
                         df_npy_is(argv[0]) ? "*.npy" : "CSV",
                         asked.out);
  }
  if (!status) { // the table may be filled in place
    status = df_table_keep("--out", asked.out, &asked.model, 1, &note);
  }
  if (status) {
    (void)fprintf(stderr, "dforce impute: %s\n", note.text);
    return DF_EXIT_USAGE;
  }
  asked.table.path        = argv[0];
  asked.config.paths.seed = (uint64_t)asked.seed;
  status                  = work(&asked, &note);
  if (status) {
    (void)fprintf(stderr,
                  "dforce impute: %s\n",
                  note.text[0] ? note.text : df_status_text(status));
    return DF_EXIT_FAILED;
  }
  return DF_EXIT_OK;
}
