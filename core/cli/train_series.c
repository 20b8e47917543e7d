#define _POSIX_C_SOURCE 200809L

#include "core/base/pool.h"
#include "core/cli/commands.h"
#include "core/cli/descend.h"
#include "core/cli/options.h"
#include "core/cli/series_report.h"
#include "core/cli/settings.h"
#include "core/cli/table.h"
#include "core/forecast/model.h"
#include "core/train/series_source.h"
#include "core/train/trainer.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/// What was asked for.
typedef struct {
  df_table_request table;
  const char*      out;
  const char*      settings;
  int              horizon;
  int              windows;
  int              leave;
  int              steps;
  int              seed;
  int              threads;
  double           save; // seconds between checkpoints
  bool             changes;
  bool             resume;
  char*            halfway; // checkpoint of the run that is validated
  char*            whole;   // and of that on all rows
} request;

/// One network beside one base, as far as it got.
typedef struct {
  df_base*          base;
  df_base_view*     view;
  df_series_source* source;
  df_trainer*       trainer;
} lesson;

static void
lesson_free(lesson* const self)
{
  df_trainer_free(self->trainer);
  df_series_source_free(self->source);
  df_base_view_free(self->view);
  df_base_free(self->base);
  *self = (lesson){NULL, NULL, NULL, NULL};
}

/// What is wrong with the table, its name before it.
static df_status
refuse(const request* const asked,
       const df_status      status,
       const df_note* const why,
       df_note* const       note)
{
  return df_note_set(note,
                     status,
                     "%s: %.400s",
                     asked->table.path,
                     why->text[0] ? why->text : df_status_text(status));
}

/// Fit the base on the first rows of a table and train a network beside it, or
/// as far as it got when stopped.
static df_status
learn(lesson* const               self,
      const request* const        asked,
      const df_base_config* const config,
      const df_table* const       table,
      const int                   rows,
      const int                   steps,
      const char* const           checkpoint,
      const bool                  resume,
      df_pool* const              pool,
      df_note* const              note)
{
  df_table known   = *table;
  known.rows       = rows;
  df_note   why    = {{0}};
  df_status status = df_base_fit(config, &known, rows, &self->base, &why);
  if (status) {
    return refuse(asked, status, &why, note);
  }
  df_train_config train = df_series_config(self->base, (uint64_t)asked->seed);
  if (asked->settings) {
    status = df_settings_apply(&train, true, asked->settings, note);
    df_series_config_fit(&train, self->base);
  }
  train.steps = steps;
  if (!status) {
    status = df_base_view_make(self->base, &known, &self->view, note);
  }
  if (!status) {
    status = df_series_source_make(
      &train, self->base, self->view, pool, &self->source, &why);
    status = status ? refuse(asked, status, &why, note) : DF_OK;
  }
  if (!status) {
    const df_source source = df_series_source_of(self->source);
    status = df_trainer_make(&train, &source, pool, &self->trainer, note);
  }
  if (!status && resume) {
    status = df_descend_resume(self->trainer, checkpoint, note);
  }
  return status ? status
                : df_descend(self->trainer, checkpoint, asked->save, note);
}

/// Was it stopped before its last step?
static bool
is_stopped(const lesson* const self)
{
  return df_trainer_steps(self->trainer) <
         df_trainer_config(self->trainer)->steps;
}

static void
print_score(const char* const name, const df_score* const score)
{
  char told[2][DF_SCORE_TEXT];
  df_score_write(df_score_sum(score), 5, told[0]);
  df_score_write(df_score_each(score), 5, told[1]);
  printf("  %-28s CRPS_sum %s  CRPS %s  %.0f %% of sums in the 90 %% band\n",
         name,
         told[0],
         told[1],
         100.0 * score->inside[2] / fmax(score->steps, 1.0));
}

/// Do both together forecast the rows after their own clearly better than the
/// base alone?
///
/// @param out  Of what is better; freed by the caller in any case
static df_status
validate(const lesson* const   self,
         const request* const  asked,
         const df_table* const table,
         const int             rows,
         df_validation* const  out,
         bool* const           use,
         df_note* const        note)
{
  const df_model*   network = NULL;
  df_forecast_model model   = {0};
  df_validation     alone   = {0};
  df_status         status  = df_trainer_model(self->trainer, &network);
  if (!status) {
    status = df_forecast_model_make(self->base, network, true, &model);
  }
  if (!status) {
    status = df_validation_make(&model, table, rows, asked->windows, out, note);
  }
  if (!status) {
    model.network = 0;
    status =
      df_validation_make(&model, table, rows, asked->windows, &alone, note);
  }
  model.base = NULL; // the lesson's
  df_forecast_model_free(&model);
  if (!status) {
    *use = df_score_beats(out->by_window, alone.by_window, asked->windows);
    printf("validation on %d windows of %d rows that were kept back:\n",
           asked->windows,
           asked->horizon);
    print_score("half by the network", &out->score);
    print_score("linear base alone", &alone.score);
    printf("  forecasts will %suse the network\n", *use ? "" : "not ");
    (void)fflush(stdout);
  }
  if (!status && !*use) {
    const df_validation other = *out;
    *out                      = alone;
    alone                     = other;
  }
  df_validation_free(&alone);
  return status;
}

static df_status
publish(const lesson* const   self,
        const request* const  asked,
        const df_table* const table,
        const df_score* const score,
        const bool            use,
        df_note* const        note)
{
  char            numbers[4][DF_SCORE_TEXT];
  const df_model* network = NULL;
  df_status       status  = df_trainer_model(self->trainer, &network);
  df_score_write(df_score_sum(score), 6, numbers[0]);
  df_score_write(df_score_each(score), 6, numbers[1]);
  (void)snprintf(numbers[2],
                 sizeof(numbers[2]),
                 "%lld",
                 (long long)df_trainer_steps(self->trainer));
  (void)snprintf(numbers[3], sizeof(numbers[3]), "%d", asked->seed);
  const df_text texts[] = {
    {"about", "dforce series model: diffusion forcing beside a linear base"},
    {"train.validation_crps_sum", numbers[0]},
    {"train.validation_crps", numbers[1]},
    {"train.steps", numbers[2]},
    {"train.seed", numbers[3]},
  };
  df_schema schema = {0};
  if (!status) {
    status = df_schema_of(table, &schema);
  }
  if (!status) {
    status = df_forecast_model_save(asked->out,
                                    self->base,
                                    network,
                                    use,
                                    &schema,
                                    texts,
                                    (int)(sizeof(texts) / sizeof(texts[0])),
                                    note);
  }
  df_schema_free(&schema);
  return status;
}

/// The picture of the run that was validated.
static df_status
report(const lesson* const        self,
       const request* const       asked,
       const df_table* const      table,
       const df_validation* const validation,
       const bool                 use,
       df_note* const             note)
{
  char title[256];
  char about[160];
  (void)snprintf(title,
                 sizeof(title),
                 "%.150s: %lld steps on all but %d windows of %d rows, seed %d",
                 asked->out,
                 (long long)df_trainer_steps(self->trainer),
                 asked->windows,
                 asked->horizon,
                 asked->seed);
  char told[2][DF_SCORE_TEXT];
  df_score_write(df_score_sum(&validation->score), 5, told[0]);
  df_score_write(df_score_each(&validation->score), 5, told[1]);
  (void)snprintf(about,
                 sizeof(about),
                 "%s: CRPS_sum %s, CRPS %s",
                 use ? "Half by the network" : "The linear base alone",
                 told[0],
                 told[1]);
  char* const     path = df_descend_beside(asked->out, ".png");
  const df_status status =
    path ? df_series_report_write(path,
                                  title,
                                  about,
                                  df_trainer_history(self->trainer),
                                  table,
                                  validation,
                                  note)
         : DF_E_NOMEM;
  free(path);
  return status;
}

/// Train on the rows before the validation windows, judge by these, train once
/// more on all rows, and write.
static df_status
study(const request* const  asked,
      const df_table* const table,
      const int             rows,
      df_pool* const        pool,
      bool* const           stopped,
      df_note* const        note)
{
  lesson         self   = {NULL, NULL, NULL, NULL};
  df_validation  found  = {0};
  bool           use    = false;
  int            steps  = asked->steps;
  df_base_config config = df_base_config_guess(table, asked->horizon);
  df_note        why    = {{0}};
  df_status      status =
    df_base_choose(&config, table, rows, asked->windows, asked->changes, &why);
  if (status) {
    status = refuse(asked, status, &why, note);
  } else {
    printf("transform %s, differences %s, season %d rows, scale %d rows, "
           "factors %d\n",
           df_transform_name(config.transform),
           config.difference ? "yes" : "no",
           config.season,
           config.scale,
           config.factors);
    (void)fflush(stdout);
    df_descend_catch(); // up to here there is nothing to lose
    status   = learn(&self,
                   asked,
                   &config,
                   table,
                   rows - asked->windows * asked->horizon,
                   steps,
                   asked->halfway,
                   asked->resume,
                   pool,
                   note);
    *stopped = !status && is_stopped(&self);
  }
  if (!status && !*stopped) {
    steps  = df_trainer_config(self.trainer)->steps; // as it was begun
    status = validate(&self, asked, table, rows, &found, &use, note);
  }
  if (!status && !*stopped) {
    status = report(&self, asked, table, &found, use, note);
  }
  if (!status && !*stopped) {
    lesson_free(&self);
    printf("once more, on all rows\n");
    status   = learn(&self,
                   asked,
                   &config,
                   table,
                   rows,
                   use ? steps : 1,
                   asked->whole,
                   asked->resume && access(asked->whole, F_OK) == 0,
                   pool,
                   note);
    *stopped = !status && is_stopped(&self);
  }
  if (!status && !*stopped) {
    status = publish(&self, asked, table, &found.score, use, note);
  }
  df_validation_free(&found);
  lesson_free(&self);
  return status;
}

/// Say what was read: a column or a row taken for what it is not shows here.
static void
print_table(const df_table* const table, const int rows)
{
  const char* const last = table->names[table->series - 1];
  printf("%d rows", rows);
  if (table->calendar.unit == DF_UNIT_NONE) {
    printf(" without times");
  } else {
    char every[DF_CALENDAR_TEXT];
    char from[DF_CALENDAR_TEXT];
    df_calendar_name(&table->calendar, every);
    df_calendar_print(&table->calendar, 0, from);
    printf(", every %s from %s", every, from);
  }
  printf(
    "; %d series, \"%s\" to \"%s\"\n", table->series, table->names[0], last);
  (void)fflush(stdout);
}

static df_status
work(request* const asked, bool* const stopped, df_note* const note)
{
  df_table  table  = {0};
  df_pool*  pool   = NULL;
  df_status status = df_descend_check_output(asked->out, note);
  if (!status) {
    status = df_table_open(&asked->table, &table, note);
  }
  if (!status && asked->leave >= table.rows) {
    status = df_note_set(note,
                         DF_E_ARG,
                         "--leave: want fewer than the %d rows of %s, found %d",
                         table.rows,
                         asked->table.path,
                         asked->leave);
  }
  const int rows = status ? 0 : table.rows - asked->leave;
  if (!status) {
    const df_base_config guess = df_base_config_guess(&table, asked->horizon);
    asked->windows =
      asked->windows ? asked->windows : df_base_windows(&guess, rows);
    if (asked->windows > df_base_windows_most(&guess, rows)) {
      status = df_note_set(note,
                           DF_E_SHAPE,
                           "%s: want more rows than twice the %d windows of %d "
                           "that are kept back, found %d; "
                           "--validation-windows keeps fewer",
                           asked->table.path,
                           asked->windows,
                           asked->horizon,
                           rows);
    }
  }
  if (!status) {
    df_note   why  = {{0}};
    const int from = rows - asked->windows * asked->horizon;
    status         = df_table_check_split(&table, from, rows, &why);
    if (status) {
      status = df_note_set(note, status, "%s: %s", asked->table.path, why.text);
    }
  }
  if (!status && !asked->resume) {
    (void)unlink(asked->whole); // of a run that was given up
  }
  if (!status) {
    status = df_pool_make(asked->threads, &pool);
  }
  if (!status) {
    print_table(&table, rows);
    status = study(asked, &table, rows, pool, stopped, note);
  }
  if (!status && !*stopped) {
    (void)unlink(asked->halfway);
    (void)unlink(asked->whole);
  }
  df_pool_free(pool);
  df_table_free(&table);
  return status;
}

df_exit
df_command_train_series(const int argc, char** const argv)
{
  bool    help  = false;
  request asked = {
    .horizon = 24, .steps = 400, .seed = 1, .threads = 2, .save = 45.0};
  const df_option options[] = {
    {"--out", DF_OPTION_TEXT, &asked.out, 0, 0, "model file to write"},
    {"--horizon",
     DF_OPTION_INT,
     &asked.horizon,
     1,
     DF_BASE_HORIZON,
     "rows to forecast (default 24)"},
    {"--freq",
     DF_OPTION_TEXT,
     &asked.table.frequency,
     0,
     0,
     DF_TABLE_FREQUENCY_ABOUT},
    {"--start", DF_OPTION_TEXT, &asked.table.start, 0, 0, DF_TABLE_START_ABOUT},
    {"--validation-windows",
     DF_OPTION_INT,
     &asked.windows,
     1,
     1000,
     "at the end, to choose on (default 7, or a season's; fewer of few rows)"},
    {"--leave",
     DF_OPTION_INT,
     &asked.leave,
     0,
     100000000,
     "rows at the end not to be looked at (default 0)"},
    {"--changes",
     DF_OPTION_FLAG,
     &asked.changes,
     0,
     0,
     "only from row to row: levels may come that are not in the table"},
    {"--steps",
     DF_OPTION_INT,
     &asked.steps,
     1,
     1000000,
     "of descent (default 400)"},
    {"--config",
     DF_OPTION_TEXT,
     &asked.settings,
     0,
     0,
     "settings of the network and its descent, as below"},
    {"--seed", DF_OPTION_INT, &asked.seed, 0, 2147483647, "(default 1)"},
    {"--threads", DF_OPTION_INT, &asked.threads, 1, 256, "(default 2)"},
    {"--resume",
     DF_OPTION_FLAG,
     &asked.resume,
     0,
     0,
     "go on from MODEL.safetensors.resume"},
    {"--save-every",
     DF_OPTION_REAL,
     &asked.save,
     0.1,
     60,
     "seconds between checkpoints (default 45)"},
    {"--help", DF_OPTION_FLAG, &help, 0, 0, "this text"},
  };
  const int count  = (int)(sizeof(options) / sizeof(options[0]));
  int       words  = 0;
  df_note   note   = {{0}};
  df_status status = df_options_read(options, count, argc, argv, &words, &note);
  df_train_config config = df_series_config_default();
  if (!status && help) {
    printf("usage: dforce train series --out MODEL.safetensors [options] "
           "TABLE.csv|TABLE.npy|-\n\n"
           "Learns to forecast all series of a table together, and writes the "
           "model and a\npicture of the run, MODEL.safetensors.png.  While it "
           "runs, and where Ctrl-C\nstops it, MODEL.safetensors.resume holds "
           "what --resume goes on from.\n\n");
    df_options_print(options, count, stdout);
    df_settings_print(&config, true);
    return DF_EXIT_OK;
  }
  if (!status && (words != 2 || !asked.out)) {
    status =
      df_note_set(&note, DF_E_ARG, "want one table, and --out; try --help");
  }
  if (!status) {
    const char* const table = argv[1];
    status = df_table_keep("--out", asked.out, &table, 1, &note);
  }
  if (!status && asked.settings) { // before any work
    status = df_settings_apply(&config, true, asked.settings, &note);
  }
  if (status) {
    (void)fprintf(stderr, "dforce train series: %s\n", note.text);
    return DF_EXIT_USAGE;
  }
  bool stopped     = false;
  asked.table.path = argv[1];
  asked.halfway    = df_descend_beside(asked.out, ".resume");
  asked.whole      = df_descend_beside(asked.out, ".resume-all");
  status =
    asked.halfway && asked.whole ? work(&asked, &stopped, &note) : DF_E_NOMEM;
  free(asked.halfway);
  free(asked.whole);
  if (status) {
    (void)fprintf(stderr,
                  "dforce train series: %s\n",
                  note.text[0] ? note.text : df_status_text(status));
    return DF_EXIT_FAILED;
  }
  if (stopped) {
    printf("stopped; the same command with --resume goes on\n");
    return DF_EXIT_INTERRUPTED;
  }
  printf("wrote %s and its picture\n", asked.out);
  return DF_EXIT_OK;
}
