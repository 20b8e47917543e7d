#include "core/cli/commands.h"
#include "core/cli/fan.h"
#include "core/cli/options.h"
#include "core/cli/table.h"
#include "core/forecast/model.h"
#include "core/forecast/paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUANTILES_MOST 64

/// What was asked for.
typedef struct {
  df_table_request table;
  const char*      model;
  const char*      quantiles;
  const char*      out;
  const char*      plot;
  int              horizon;
  int              seed;
  df_paths_config  config;
  double           shares[QUANTILES_MOST];
  int              share_count;
} request;

/// Read ".05,.5,.95".
static df_status
read_quantiles(request* const asked, df_note* const note)
{
  const char* at = asked->quantiles;
  while (*at) {
    const size_t length = strcspn(at, ",");
    double       share  = 0.0;
    if (asked->share_count == QUANTILES_MOST ||
        df_table_number(at, length, &share) ||
        !(share >= 0.0 && share <= 1.0)) {
      return df_note_set(note,
                         DF_E_ARG,
                         "--quantiles: want at most %d numbers 0..1 with "
                         "commas between, found \"%.60s\"",
                         QUANTILES_MOST,
                         asked->quantiles);
    }
    asked->shares[asked->share_count++] = share;
    at += length + (at[length] == ',' ? 1U : 0U);
  }
  return DF_OK;
}

/// A name as CSV has it: within quotes, a quote written twice.
static void
write_name(FILE* const to, const char* const name)
{
  (void)fputc('"', to);
  for (const char* at = name; *at; ++at) {
    if (*at == '"') {
      (void)fputc('"', to);
    }
    (void)fputc(*at, to);
  }
  (void)fputc('"', to);
}

/// One line for each step and series: time, series, quantiles.
static df_status
write_quantiles(const request* const  asked,
                const df_table* const table,
                const double* const   paths,
                const int             rows,
                df_note* const        note)
{
  const int     n    = asked->config.samples;
  double* const sort = (double*)malloc((size_t)n * sizeof(double));
  FILE* const to = !sort ? NULL : asked->out ? fopen(asked->out, "w") : stdout;
  if (!to) {
    free(sort);
    return df_note_set(note,
                       sort ? DF_E_IO : DF_E_NOMEM,
                       "%s: cannot be written",
                       asked->out ? asked->out : "standard output");
  }
  (void)fprintf(to, "time,series");
  for (int q = 0; q < asked->share_count; ++q) {
    (void)fprintf(to, ",q%g", asked->shares[q]);
  }
  (void)fputc('\n', to);
  for (int h = 0; h < rows; ++h) {
    char time[DF_CALENDAR_TEXT];
    df_calendar_print(&table->calendar, table->rows + h, time);
    for (int d = 0; d < table->series; ++d) {
      df_fan_sort(paths, n, rows, table->series, h, d, sort);
      (void)fprintf(to, "%s,", time);
      write_name(to, table->names[d]);
      for (int q = 0; q < asked->share_count; ++q) {
        (void)fprintf(to, ",%.7g", df_fan_quantile(sort, n, asked->shares[q]));
      }
      (void)fputc('\n', to);
    }
  }
  free(sort);
  const bool bad = ferror(to) != 0;
  if ((asked->out ? fclose(to) : fflush(to)) || bad) {
    return df_note_set(note,
                       DF_E_IO,
                       "%s: cannot be written",
                       asked->out ? asked->out : "standard output");
  }
  return DF_OK;
}

static df_status
work(const request* const asked, df_note* const note)
{
  df_table          table  = {0};
  df_forecast_model model  = {0};
  df_base_view*     view   = NULL;
  double*           paths  = NULL;
  int               rows   = 0;
  df_status         status = df_forecast_model_load(asked->model, &model, note);
  if (!status) {
    status = df_table_open(&asked->table, &table, note);
  }
  if (!status) {
    rows = df_base_config_of(model.base)->horizon;
    if (asked->horizon && asked->horizon != rows) {
      status = df_note_set(note,
                           DF_E_ARG,
                           "--horizon: want %d as in %s, found %d",
                           rows,
                           asked->model,
                           asked->horizon);
    }
  }
  if (!status) {
    df_note why = {{0}};
    status      = df_base_view_make(model.base, &table, &view, &why);
    if (status) {
      (void)df_note_set(
        note, status, "%s: %.300s", asked->table.path, why.text);
    }
  }
  if (!status) {
    paths = (double*)malloc((size_t)asked->config.samples * (size_t)rows *
                            (size_t)table.series * sizeof(double));
    status =
      paths ? df_paths_sample(&model, view, table.rows, &asked->config, paths)
            : DF_E_NOMEM;
  }
  if (!status) {
    status = write_quantiles(asked, &table, paths, rows, note);
  }
  if (!status && asked->plot) {
    status = df_fan_draw(
      asked->plot, &table, paths, asked->config.samples, rows, note);
  }
  free(paths);
  df_base_view_free(view);
  df_table_free(&table);
  df_forecast_model_free(&model);
  return status;
}

df_exit
df_command_forecast(const int argc, char** const argv)
{
  bool    help              = false;
  request asked             = {.quantiles = ".05,.25,.5,.75,.95", .seed = 1};
  asked.config              = df_paths_config_default();
  const df_option options[] = {
    {"--model", DF_OPTION_TEXT, &asked.model, 0, 0, "of dforce train series"},
    {"--horizon",
     DF_OPTION_INT,
     &asked.horizon,
     1,
     DF_BASE_HORIZON,
     "rows; the model's own (default)"},
    {"--samples",
     DF_OPTION_INT,
     &asked.config.samples,
     1,
     100000,
     "joint paths (default 100)"},
    {"--quantiles",
     DF_OPTION_TEXT,
     &asked.quantiles,
     0,
     0,
     "to write (default .05,.25,.5,.75,.95)"},
    {"--out",
     DF_OPTION_TEXT,
     &asked.out,
     0,
     0,
     "CSV file to write, instead of standard output"},
    {"--plot", DF_OPTION_TEXT, &asked.plot, 0, 0, "fan charts to draw, a PNG"},
    {"--freq",
     DF_OPTION_TEXT,
     &asked.table.frequency,
     0,
     0,
     DF_TABLE_FREQUENCY_ABOUT},
    {"--start", DF_OPTION_TEXT, &asked.table.start, 0, 0, DF_TABLE_START_ABOUT},
    {"--passes",
     DF_OPTION_INT,
     &asked.config.passes,
     2,
     64,
     "from noise to clean (default 12)"},
    {"--slope",
     DF_OPTION_REAL,
     &asked.config.slope,
     0,
     64,
     "0 all rows at once, 1 pyramid, 64 one by one (default 1)"},
    {"--seed", DF_OPTION_INT, &asked.seed, 0, 2147483647, "(default 1)"},
    {"--help", DF_OPTION_FLAG, &help, 0, 0, "this text"},
  };
  const int count  = (int)(sizeof(options) / sizeof(options[0]));
  int       words  = 0;
  df_note   note   = {{0}};
  df_status status = df_options_read(options, count, argc, argv, &words, &note);
  if (!status && help) {
    printf("usage: dforce forecast --model MODEL.safetensors [options] "
           "TABLE.csv|TABLE.npy\n\n"
           "Samples the rows that follow a table, all series together.\n\n");
    df_options_print(options, count, stdout);
    return DF_EXIT_OK;
  }
  if (!status && (words != 1 || !asked.model)) {
    status =
      df_note_set(&note, DF_E_ARG, "want one table, and --model; try --help");
  }
  if (!status) {
    status = read_quantiles(&asked, &note);
  }
  if (status) {
    (void)fprintf(stderr, "dforce forecast: %s\n", note.text);
    return DF_EXIT_USAGE;
  }
  asked.table.path  = argv[0];
  asked.config.seed = (uint64_t)asked.seed;
  status            = work(&asked, &note);
  if (status) {
    (void)fprintf(stderr,
                  "dforce forecast: %s\n",
                  note.text[0] ? note.text : df_status_text(status));
    return DF_EXIT_FAILED;
  }
  return DF_EXIT_OK;
}
