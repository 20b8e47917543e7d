#include "core/cli/commands.h"
#include "core/cli/options.h"
#include "core/cli/table.h"
#include "core/forecast/rolling.h"
#include "core/series/base.h"
#include "core/series/baselines.h"
#include "core/series/score.h"
#include "core/series/table.h"
#include "core/series/windows.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/// What was asked for.
typedef struct {
  df_table_request table;
  const char*      model;
  int              horizon;
  int              windows;
  int              validation;
  int              samples;
  int              seed;
  int              passes;
  double           slope;
} request;

/// A table, and what the linear base makes of its first rows.
typedef struct {
  df_table          table;
  df_base*          base;
  df_base_view*     view;
  df_forecast_model model;
  float*            tokens;  // [2,H,k] direct forecast, then one path's
  df_score*         scores;  // [windows]
  double            fitting; // CPU seconds of the base
} study;

/// Rows of the season, at least 1.
static int
season_of(const study* const s)
{
  const int season = df_calendar_season(&s->table.calendar);
  return season ? season : 1;
}

/// CPU seconds since, of all threads.
static double
seconds_since(const clock_t from)
{
  return (double)(clock() - from) / CLOCKS_PER_SEC;
}

/// Most memory that this process has had so far.
static double
peak_megabytes(void)
{
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) ? (double)NAN
                                        : (double)usage.ru_maxrss / 1024.0;
}

static void
print_score(const char* const     name,
            const df_score* const score,
            const double          seconds)
{
  const double steps = fmax(score->steps, 1.0);
  char         told[3][DF_SCORE_TEXT];
  df_score_write(df_score_sum(score), 5, told[0]);
  df_score_write(df_score_each(score), 5, told[1]);
  df_score_write(df_score_energy(score), 5, told[2]);
  printf("%-16s %9s %9s %9s   %4.0f %4.0f %4.0f   %4.0f %8.1f %6.0f\n",
         name,
         told[0],
         told[1],
         told[2],
         100.0 * score->inside[0] / steps,
         100.0 * score->inside[1] / steps,
         100.0 * score->inside[2] / steps,
         100.0 * score->each_inside / fmax(score->values, 1.0),
         seconds,
         peak_megabytes());
}

/// Read the model of a file, which must not have learnt from the windows.
static df_status
open_model(study* const s, const request* const asked, df_note* const note)
{
  df_status status = df_forecast_model_load(asked->model, &s->model, note);
  if (!status) {
    status =
      df_forecast_model_check(&s->model, asked->table.path, &s->table, note);
  }
  if (!status && df_base_config_of(s->model.base)->horizon != asked->horizon) {
    status = df_note_set(note,
                         DF_E_ARG,
                         "--horizon: want %d as in %s, found %d",
                         df_base_config_of(s->model.base)->horizon,
                         asked->model,
                         asked->horizon);
  }
  const int known = s->table.rows - asked->windows * asked->horizon;
  if (!status && df_base_learnt(s->model.base) > known) {
    status = df_note_set(note,
                         DF_E_ARG,
                         "%s: want a model of the first %d rows at most (train "
                         "with --leave %d), found one of %d",
                         asked->model,
                         known,
                         s->table.rows - known,
                         df_base_learnt(s->model.base));
  }
  return status;
}

static df_status
judge_model(const study* const   s,
            const request* const asked,
            df_note* const       note)
{
  const clock_t   from = clock();
  df_score        score;
  df_paths_config config = df_paths_config_default();
  config.samples         = asked->samples;
  config.passes          = asked->passes;
  config.slope           = asked->slope;
  config.seed            = (uint64_t)asked->seed;
  const df_status status = df_rolling_score(
    &s->model, &s->table, s->table.rows, asked->windows, &config, &score, note);
  if (!status) {
    print_score("model", &score, seconds_since(from));
  }
  return status;
}

/// What forecasts: a baseline, or the linear base where there is none.
typedef struct {
  const study*       study;
  const request*     asked;
  const df_baseline* baseline;
} forecaster;

static df_status
draw(const void* const data, const int origin, double* const paths)
{
  const forecaster* const self  = (const forecaster*)data;
  const request* const    asked = self->asked;
  if (self->baseline) {
    df_baseline_paths(
      self->baseline, origin, asked->samples, (uint64_t)asked->seed, paths);
  } else {
    df_base_draw(self->study->view,
                 origin,
                 (uint64_t)asked->seed,
                 (uint64_t)origin,
                 asked->samples,
                 self->study->tokens,
                 paths);
  }
  return DF_OK;
}

/// @param baseline  NULL for the linear base
/// @param fitting   CPU seconds that it took before
static df_status
judge(const study* const       s,
      const request* const     asked,
      const char* const        name,
      const df_baseline* const baseline,
      const double             fitting)
{
  const clock_t    from    = clock();
  const forecaster self    = {s, asked, baseline};
  const df_windows windows = {s->table.values,
                              s->table.rows,
                              s->table.series,
                              asked->horizon,
                              asked->windows,
                              asked->samples};
  const df_status  status =
    df_windows_score(&windows, draw, &self, true, s->scores);
  if (!status) {
    const df_score score = df_score_all(s->scores, asked->windows);
    print_score(name, &score, fitting + seconds_since(from));
  }
  return status;
}

/// Fit on the rows before the windows and score, where the kind suits.
static df_status
judge_baseline(const study* const     s,
               const request* const   asked,
               const df_baseline_kind kind,
               df_note* const         note)
{
  const df_baseline_config config = {
    .horizon    = asked->horizon,
    .rows       = s->table.rows - asked->windows * asked->horizon,
    .validation = asked->validation,
  };
  if (!df_baseline_suits(kind, &config, &s->table)) {
    return DF_OK;
  }
  const clock_t from     = clock();
  df_baseline*  baseline = NULL;
  df_status status = df_baseline_fit(kind, &config, &s->table, &baseline, note);
  if (!status) {
    status =
      judge(s, asked, df_baseline_name(kind), baseline, seconds_since(from));
  }
  df_baseline_free(baseline);
  return status;
}

/// Read the table and the model; is there enough to judge by?
static df_status
prepare(study* const s, request* const asked, df_note* const note)
{
  df_status status = df_table_open(&asked->table, &s->table, note);
  if (status) {
    return status;
  }
  const int      known  = s->table.rows - asked->windows * asked->horizon;
  df_base_config config = df_base_config_guess(&s->table, asked->horizon);
  if (known < 2 * season_of(s) + asked->horizon) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: want more rows than %d windows of %d and two "
                       "seasons of %d before them, found %d",
                       asked->table.path,
                       asked->windows,
                       asked->horizon,
                       season_of(s),
                       s->table.rows);
  }
  if (!asked->validation) {
    asked->validation = df_base_windows(&config, known);
  }
  df_note   why    = {{0}};
  const int before = known - asked->validation * asked->horizon;
  status           = df_table_check_split(&s->table, before, known, &why);
  if (!status) {
    status = df_table_check_split(&s->table, known, s->table.rows, &why);
  }
  if (status) {
    return df_note_set(note, status, "%s: %s", asked->table.path, why.text);
  }
  if (asked->model) {
    status = open_model(s, asked, note);
  }
  if (status) {
    return status;
  }
  s->scores = (df_score*)malloc((size_t)asked->windows * sizeof(df_score));
  return s->scores ? DF_OK : DF_E_NOMEM;
}

/// Fit the linear base on what comes before the windows.
static df_status
fit_base(study* const s, const request* const asked, df_note* const note)
{
  const clock_t  from   = clock();
  const int      known  = s->table.rows - asked->windows * asked->horizon;
  df_base_config config = df_base_config_guess(&s->table, asked->horizon);
  df_status      status =
    df_base_choose(&config, &s->table, known, asked->validation, false, note);
  if (!status) {
    status = df_base_fit(&config, &s->table, known, &s->base, note);
  }
  if (!status) {
    s->fitting = seconds_since(from);
    printf("chosen on training rows: transform %s, difference %d, season %d, "
           "scale %d, profile %d, factors %d\n",
           df_transform_name(config.transform),
           config.difference,
           config.season,
           config.scale,
           config.profile,
           config.factors);
    status = df_base_view_make(s->base, &s->table, &s->view, note);
  }
  if (!status) {
    const size_t H = (size_t)asked->horizon;
    const size_t k = (size_t)df_base_config_of(s->base)->factors;
    s->tokens      = (float*)malloc(2U * H * k * sizeof(float));
    status         = s->tokens ? DF_OK : DF_E_NOMEM;
  }
  return status;
}

static df_status
work(study* const s, request* const asked, df_note* const note)
{
  df_note   why    = {{0}};
  df_status status = prepare(s, asked, note);
  if (status) {
    return status;
  }
  status = fit_base(s, asked, &why);
  if (!status) {
    printf("%-16s %9s %9s %9s   %-14s   %4s %8s %6s\n",
           "",
           "CRPS_sum",
           "CRPS",
           "energy",
           "sum in 50 80 90",
           "90",
           "CPU s",
           "MB");
  }
  for (int i = 0; i < DF_BASELINES && !status; ++i) {
    status = judge_baseline(s, asked, (df_baseline_kind)i, &why);
  }
  if (!status) {
    status = judge(s, asked, "linear base", NULL, s->fitting);
  }
  if (!status && asked->model) {
    status = judge_model(s, asked, &why);
  }
  return status ? df_note_set(note,
                              status,
                              "%s: %.400s",
                              asked->table.path,
                              why.text[0] ? why.text : df_status_text(status))
                : DF_OK;
}

df_exit
df_command_eval(const int argc, char** const argv)
{
  bool            help      = false;
  request         asked     = {.horizon = 24,
                               .windows = 7,
                               .samples = 100,
                               .seed    = 1,
                               .passes  = 12,
                               .slope   = 1.0};
  const df_option options[] = {
    {"--horizon",
     DF_OPTION_INT,
     &asked.horizon,
     1,
     DF_BASE_HORIZON,
     "rows to forecast (default 24)"},
    {"--windows",
     DF_OPTION_INT,
     &asked.windows,
     1,
     10000,
     "forecasts, one after the other, up to the table's end (default 7)"},
    {"--validation",
     DF_OPTION_INT,
     &asked.validation,
     1,
     1000,
     "windows before these that settings are chosen on (default 7, or a "
     "season's)"},
    {"--samples",
     DF_OPTION_INT,
     &asked.samples,
     20,
     10000,
     "paths of each forecast (default 100)"},
    {"--seed", DF_OPTION_INT, &asked.seed, 0, 2147483647, "(default 1)"},
    {"--freq",
     DF_OPTION_TEXT,
     &asked.table.frequency,
     0,
     0,
     DF_TABLE_FREQUENCY_ABOUT},
    {"--start", DF_OPTION_TEXT, &asked.table.start, 0, 0, DF_TABLE_START_ABOUT},
    {"--model",
     DF_OPTION_TEXT,
     &asked.model,
     0,
     0,
     "also score this model, trained with --leave windows x horizon"},
    {"--passes",
     DF_OPTION_INT,
     &asked.passes,
     2,
     64,
     "of the model's tokens (default 12)"},
    {"--slope",
     DF_OPTION_REAL,
     &asked.slope,
     0,
     64,
     "0 all tokens at once, 1 pyramid, 64 one by one (default 1)"},
    {"--help", DF_OPTION_FLAG, &help, 0, 0, "this text"},
  };
  const int count = (int)(sizeof(options) / sizeof(options[0]));
  int       words = 0;
  df_note   note  = {{0}};
  if (df_options_read(options, count, argc, argv, &words, &note)) {
    (void)fprintf(stderr, "dforce eval: %s\n", note.text);
    return DF_EXIT_USAGE;
  }
  if (help || words != 1) {
    FILE* const to = help ? stdout : stderr;
    (void)fprintf(to,
                  "usage: dforce eval [options] TABLE.csv|TABLE.npy|-\n\n"
                  "Forecasts the end of a table from the rows before it and "
                  "scores each method.\nMB is the most memory that the process "
                  "had up to then.\n\n");
    df_options_print(options, count, to);
    return help ? DF_EXIT_OK : DF_EXIT_USAGE;
  }
  asked.table.path       = argv[0];
  study           s      = {0};
  const df_status status = work(&s, &asked, &note);
  df_forecast_model_free(&s.model);
  df_base_view_free(s.view);
  df_base_free(s.base);
  df_table_free(&s.table);
  free(s.tokens);
  free(s.scores);
  if (status) {
    (void)fprintf(stderr,
                  "dforce eval: %s\n",
                  note.text[0] ? note.text : df_status_text(status));
    return DF_EXIT_FAILED;
  }
  return DF_EXIT_OK;
}
