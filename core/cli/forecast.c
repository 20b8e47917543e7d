#define _POSIX_C_SOURCE 200809L

#include "core/base/file.h"
#include "core/cli/commands.h"
#include "core/cli/fan.h"
#include "core/cli/options.h"
#include "core/cli/pins.h"
#include "core/cli/table.h"
#include "core/forecast/live.h"
#include "core/forecast/model.h"
#include "core/forecast/paths.h"
#include "core/series/base_pins.h"
#include "core/series/names.h"
#include "core/series/npy.h"
#include "core/series/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define QUANTILES_MOST 64

/// Digits of a value that is written, at least; one that is known.
#define DIGITS 7
#define DIGITS_KNOWN 10

/// What was asked for.
typedef struct {
  df_table_request table;
  const char*      model;
  const char*      quantiles;
  const char*      out;
  const char*      plot;
  const char*      pins;
  const char*      pin_levels;
  int              horizon; // rows to write, 0 for the model's
  int              seed;
  bool             stream;
  bool             all; // the paths, not their quantiles
  df_paths_config  config;
  double           shares[QUANTILES_MOST];
  int              share_count;
} request;

/// Read ".05,.5,.95".
static df_status
read_quantiles(request* const asked, df_note* const note)
{
  const char* at = asked->quantiles;
  do {
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
    at += length;
  } while (*at++);
  return DF_OK;
}

/// Where the text of a forecast goes: a file that is written as rows come in,
/// memory that becomes one at once, or standard output.
typedef struct {
  FILE*  to;
  char*  text; // of a file to come
  size_t size;
} output;

static df_status
refuse(const request* const asked, df_note* const note)
{
  return df_note_set(note,
                     DF_E_IO,
                     "%s: cannot be written: %s",
                     asked->out ? asked->out : "standard output",
                     strerror(errno));
}

static df_status
open_output(const request* const asked, output* const out, df_note* const note)
{
  *out    = (output){NULL, NULL, 0U};
  out->to = !asked->out     ? stdout
            : asked->stream ? fopen(asked->out, "w")
                            : open_memstream(&out->text, &out->size);
  return out->to ? DF_OK : refuse(asked, note);
}

/// @param status  How it went: a file to come is only written where all is well
static df_status
close_output(const request* const asked,
             output* const        out,
             df_status            status,
             df_note* const       note)
{
  const bool bad = fflush(out->to) || ferror(out->to);
  if (bad && !status) {
    status = refuse(asked, note);
  }
  if (asked->out && fclose(out->to) && !status) {
    status = refuse(asked, note);
  }
  if (out->text && !status) {
    status = df_file_replace(asked->out, out->text, out->size, note);
  }
  free(out->text);
  return status;
}

static void
write_header(const request* const asked, FILE* const to)
{
  (void)fprintf(to, "time,series");
  for (int q = 0; q < asked->share_count; ++q) {
    (void)fprintf(to, ",q%.10g", asked->shares[q]);
  }
  (void)fputc('\n', to);
}

/// One line for each step and series: time, series, quantiles.
///
/// @param next   Calendar of the first step
/// @param space  [samples]
static void
write_quantiles(const request* const     asked,
                const df_table* const    table,
                const df_calendar* const next,
                const double* const      paths,
                double* const            space,
                FILE* const              to)
{
  const int n    = asked->config.samples;
  const int rows = asked->horizon;
  for (int h = 0; h < rows; ++h) {
    char time[DF_CALENDAR_TEXT];
    df_calendar_print(next, h, time);
    for (int d = 0; d < table->series; ++d) {
      df_quantile_sort(paths, n, rows, table->series, h, d, space);
      const double low  = space[0];
      const double high = space[n - 1];
      const int    digits =
        high > low
             ? df_table_digits(DIGITS, fmax(fabs(low), fabs(high)), high - low)
             : DIGITS_KNOWN;
      char name[DF_NAMES_QUOTED];
      (void)df_names_quote(table->names[d], name);
      (void)fprintf(to, "%s,%s", time, name);
      for (int q = 0; q < asked->share_count; ++q) {
        const double value = df_quantile(space, n, asked->shares[q]);
        (void)fprintf(to, ",%.*g", digits, value);
      }
      (void)fputc('\n', to);
    }
  }
}

/// The paths [N,H,D], or their quantiles [Q,H,D].
///
/// @param space  [samples]
static df_status
write_array(const request* const  asked,
            const df_table* const table,
            const double* const   paths,
            double* const         space,
            df_note* const        note)
{
  const int    n       = asked->config.samples;
  const int    rows    = asked->horizon;
  const int    D       = table->series;
  const size_t path    = (size_t)rows * (size_t)D;
  const int    dims[3] = {asked->all ? n : asked->share_count, rows, D};
  if (asked->all) {
    return df_npy_save(asked->out, paths, 3, dims, note);
  }
  double* const values =
    (double*)malloc((size_t)asked->share_count * path * sizeof(double));
  if (!values) {
    return DF_E_NOMEM;
  }
  for (size_t i = 0U; i < path; ++i) {
    df_quantile_sort(paths, n, rows, D, (int)i / D, (int)i % D, space);
    for (int q = 0; q < asked->share_count; ++q) {
      values[(size_t)q * path + i] = df_quantile(space, n, asked->shares[q]);
    }
  }
  const df_status status = df_npy_save(asked->out, values, 3, dims, note);
  free(values);
  return status;
}

/// Keep the rows of each path that are asked for: [N,H,D] to [N,rows,D].
static void
cut(const request* const asked, const int H, const int D, double* const paths)
{
  const size_t from = (size_t)H * (size_t)D;
  const size_t to   = (size_t)asked->horizon * (size_t)D;
  for (size_t n = 1U; n < (size_t)asked->config.samples && to < from; ++n) {
    memmove(paths + n * to, paths + n * from, to * sizeof(double));
  }
}

/// Is the time before a row the next one, where rows have times?
static df_status
check_time(const df_live* const live,
           const char* const    time,
           const int            number,
           df_note* const       note)
{
  const df_calendar next = df_live_next(live);
  int64_t           at   = 0;
  if (!time[0] || next.unit == DF_UNIT_NONE ||
      (!df_calendar_parse(time, &at) && at == next.start)) {
    return DF_OK;
  }
  char want[DF_CALENDAR_TEXT];
  df_calendar_print(&next, 0, want);
  return df_note_set(note,
                     DF_E_FORMAT,
                     "standard input: line %d, column 1: want the time %s, "
                     "found \"%.60s\"",
                     number,
                     want,
                     time);
}

/// Forecast anew after every row that comes in.
static df_status
follow(const request* const           asked,
       const df_forecast_model* const model,
       const df_table* const          table,
       double* const                  paths,
       double* const                  space,
       FILE* const                    to,
       df_note* const                 note)
{
  const int     D      = table->series;
  df_live*      live   = NULL;
  char*         line   = NULL;
  size_t        room   = 0U;
  int           number = 0;
  double* const row    = (double*)malloc((size_t)D * sizeof(double));
  df_status     status =
    row ? df_live_make(model, &table->calendar, &live) : DF_E_NOMEM;
  for (int t = 0; t < table->rows && !status; ++t) {
    df_live_push(live, table->values + (size_t)t * (size_t)D);
  }
  char    time[DF_TABLE_NAME];
  ssize_t size = 0;
  while (!status && (size = getline(&line, &room, stdin)) > 0) {
    status = df_table_read_line(
      "standard input", line, (size_t)size, ++number, D, time, row, note);
    if (!status) {
      status = check_time(live, time, number, note);
    }
    df_note why = {{0}};
    if (!status && df_base_row_check(model->base, row, &why)) {
      status = df_note_set(
        note, DF_E_FINITE, "standard input: line %d, %.300s", number, why.text);
    }
    if (!status) {
      df_live_push(live, row);
      status = df_live_forecast(live, &asked->config, paths);
    }
    if (status == DF_E_AGAIN) {
      status = DF_OK; // too few rows yet: nothing is said of them
    } else if (!status) {
      const df_calendar next = df_live_next(live);
      cut(asked, df_base_config_of(model->base)->horizon, D, paths);
      write_quantiles(asked, table, &next, paths, space, to);
      status = fflush(to) ? refuse(asked, note) : DF_OK;
    }
  }
  if (!status && ferror(stdin)) {
    status = df_note_set(note, DF_E_IO, "standard input: cannot be read");
  }
  if (!status && df_live_count(live) < df_live_least(live)) {
    status = df_note_set(note,
                         DF_E_SHAPE,
                         "standard input: rows: want at least %d with those of "
                         "%s, found %d",
                         df_live_least(live),
                         asked->table.path,
                         (int)df_live_count(live));
  }
  free(line);
  free(row);
  df_live_free(live);
  return status;
}

/// Sample what follows the table.
static df_status
look_ahead(const request* const           asked,
           const df_forecast_model* const model,
           const df_table* const          table,
           double* const                  paths,
           df_note* const                 note)
{
  df_base_view* view   = NULL;
  df_note       why    = {{0}};
  df_status     status = df_base_check_start(model->base, table, &why);
  if (!status) {
    status = df_base_view_make(model->base, table, &view, &why);
  }
  if (status) {
    return df_note_set(note, status, "%s: %.300s", asked->table.path, why.text);
  }
  status = df_paths_sample(model, view, table->rows, &asked->config, paths);
  df_base_view_free(view);
  if (!status) {
    cut(asked, df_base_config_of(model->base)->horizon, table->series, paths);
  }
  if (!status && asked->plot) {
    status = df_fan_draw(
      asked->plot, table, paths, asked->config.samples, asked->horizon, note);
  }
  return status;
}

/// CSV: of the paths that follow the table, or of every row that comes in.
static df_status
write_text(const request* const           asked,
           const df_forecast_model* const model,
           const df_table* const          table,
           double* const                  paths,
           double* const                  space,
           df_note* const                 note)
{
  output    out;
  df_status status = open_output(asked, &out, note);
  if (status) {
    return status;
  }
  write_header(asked, out.to);
  if (asked->stream) {
    status = follow(asked, model, table, paths, space, out.to, note);
  } else {
    df_calendar next = table->calendar;
    next.start       = df_calendar_time(&table->calendar, table->rows);
    write_quantiles(asked, table, &next, paths, space, out.to);
  }
  return close_output(asked, &out, status, note);
}

static df_status
work(const request* const asked, df_note* const note)
{
  df_table          table  = {0};
  df_forecast_model model  = {0};
  double*           paths  = NULL;
  const size_t      n      = (size_t)asked->config.samples;
  double*           pins   = NULL;
  double*           levels = NULL;
  df_status         status = df_forecast_model_load(asked->model, &model, note);
  if (!status) {
    status = df_table_open(&asked->table, &table, note);
  }
  const int rows = status ? 0 : df_base_config_of(model.base)->horizon;
  if (!status && asked->horizon > rows) {
    status = df_note_set(note,
                         DF_E_ARG,
                         "--horizon: want at most %d, that of %s, found %d",
                         rows,
                         asked->model,
                         asked->horizon);
  }
  if (!status) {
    status = df_forecast_model_check(&model, asked->table.path, &table, note);
  }
  request with = *asked;
  with.horizon = asked->horizon ? asked->horizon : rows;
  if (!status && asked->pins) {
    status = df_pins_open(asked->pins, &table, model.base, &pins, note);
    with.config.pins = pins;
  }
  if (!status && asked->pin_levels) {
    status =
      df_pins_open_levels(asked->pin_levels, &table, model.base, &levels, note);
    with.config.pin_levels = levels;
  }
  if (!status) {
    paths  = (double*)malloc(n * ((size_t)rows * (size_t)table.series + 1U) *
                            sizeof(double));
    status = paths ? DF_OK : DF_E_NOMEM;
  }
  if (!status && !asked->stream) {
    status = look_ahead(&with, &model, &table, paths, note);
  }
  double* const space =
    status ? NULL : paths + n * (size_t)rows * (size_t)table.series;
  if (!status && asked->out && df_npy_is(asked->out)) {
    status = write_array(&with, &table, paths, space, note);
  } else if (!status) {
    status = write_text(&with, &model, &table, paths, space, note);
  }
  free(paths);
  free(pins);
  free(levels);
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
     "rows to write; all that the model knows (default)"},
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
     "CSV, or .npy [quantiles,rows,series], instead of standard output"},
    {"--paths",
     DF_OPTION_FLAG,
     &asked.all,
     0,
     0,
     "to the .npy all paths [samples,rows,series], not their quantiles"},
    {"--plot",
     DF_OPTION_TEXT,
     &asked.plot,
     0,
     0,
     "fan charts of the first 8 series to draw, a PNG"},
    {"--pins",
     DF_OPTION_TEXT,
     &asked.pins,
     0,
     0,
     "CSV of known future values, empty where unknown"},
    {"--pin-level",
     DF_OPTION_REAL,
     &asked.config.pin_level,
     0,
     1,
     "0 exact .. 1 unknown (default 0)"},
    {"--pin-levels",
     DF_OPTION_TEXT,
     &asked.pin_levels,
     0,
     0,
     "CSV like that of --pins, of the level of each, empty for --pin-level"},
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
    {"--stream",
     DF_OPTION_FLAG,
     &asked.stream,
     0,
     0,
     "forecast anew after each row on standard input, its time before it or "
     "not"},
    {"--help", DF_OPTION_FLAG, &help, 0, 0, "this text"},
  };
  const int count  = (int)(sizeof(options) / sizeof(options[0]));
  int       words  = 0;
  df_note   note   = {{0}};
  df_status status = df_options_read(options, count, argc, argv, &words, &note);
  if (!status && help) {
    printf("usage: dforce forecast --model MODEL.safetensors [options] "
           "TABLE.csv|TABLE.npy|-\n\n"
           "Samples the rows that follow a table, all series together.\n\n");
    df_options_print(options, count, stdout);
    return DF_EXIT_OK;
  }
  if (!status && (words != 1 || !asked.model)) {
    status =
      df_note_set(&note, DF_E_ARG, "want one table, and --model; try --help");
  }
  if (!status && asked.stream &&
      (asked.plot || asked.pins || !strcmp(argv[0], "-"))) {
    status = df_note_set(
      &note,
      DF_E_ARG,
      "--stream: takes no --plot or --pins, and its table is a file");
  }
  if (!status && !asked.pins &&
      (asked.pin_levels || asked.config.pin_level > 0.0)) {
    status = df_note_set(&note,
                         DF_E_ARG,
                         "%s: want --pins",
                         asked.pin_levels ? "--pin-levels" : "--pin-level");
  }
  const bool array = asked.out && df_npy_is(asked.out);
  if (!status && (array ? asked.stream : asked.all)) {
    status = df_note_set(&note,
                         DF_E_ARG,
                         array ? "--out: one .npy holds no --stream"
                               : "--paths: want --out *.npy");
  }
  if (!status) {
    status = read_quantiles(&asked, &note);
  }
  const char* const in[] = {argv[0], asked.model, asked.pins, asked.pin_levels};
  if (!status) {
    status = df_table_keep("--out", asked.out, in, 4, &note);
  }
  if (!status) {
    status = df_table_keep("--plot", asked.plot, in, 4, &note);
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
