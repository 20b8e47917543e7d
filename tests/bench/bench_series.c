#include "tests/check.h"

#include "core/cli/settings.h"
#include "core/cli/table.h"
#include "core/forecast/rolling.h"
#include "core/train/series_source.h"
#include "core/train/trainer.h"

#include <string.h>
#include <time.h>

/// Networks and schedules compared on the end of a table's training rows.
///
///     bench_series TABLE FREQ START HORIZON LEAVE SECONDS SEED CONFIG...
///
/// LEAVE rows at the end are not looked at.  The base is chosen and fitted on
/// the rows before the WINDOWS horizons that end there; then, beside this one
/// base, a network for each CONFIG ("backbone=gru,width=64", as for `dforce
/// train series --config`; "default") trains for SECONDS of CPU, one thread,
/// and forecasts these windows all at once, as a pyramid and one by one.
/// OPENBLAS_NUM_THREADS=1 as in `dforce`.

enum { WINDOWS = 7, SAMPLES = 50, TRIED = 10 };

/// What all networks stand beside.
typedef struct {
  df_table      table; // less what is left
  df_base*      base;
  df_base_view* view; // of the rows to learn from
  double        seconds;
  int           seed;
} study;

static double
seconds_since(const clock_t from)
{
  return (double)(clock() - from) / CLOCKS_PER_SEC;
}

static void
require(const df_status status, const df_note* const note)
{
  if (status) {
    (void)fprintf(stderr,
                  "bench_series: %s\n",
                  note->text[0] ? note->text : df_status_text(status));
    exit(1);
  }
}

static void
print_score(const char* const     name,
            const df_score* const score,
            const double          seconds)
{
  printf("    %-12s %8.5f %8.5f %5.0f %8.3f\n",
         name,
         df_score_sum(score),
         df_score_each(score),
         100.0 * score->inside[2] / score->steps,
         seconds / WINDOWS);
  (void)fflush(stdout);
}

static void
prepare(study* const s, const df_table_request* const asked, char** const argv)
{
  df_note   note = {{0}};
  const int H    = atoi(argv[4]);
  require(df_table_open(asked, &s->table, &note), &note);
  s->table.rows -= atoi(argv[5]);
  s->seconds            = atof(argv[6]);
  s->seed               = atoi(argv[7]);
  const int      known  = s->table.rows - WINDOWS * H;
  df_table       before = s->table;
  df_base_config config = df_base_config_guess(&s->table, H);
  CHECK(known > 0);
  before.rows = known;
  require(df_base_choose(&config, &before, known, WINDOWS, false, &note),
          &note);
  require(df_base_fit(&config, &before, known, &s->base, &note), &note);
  require(df_base_view_make(s->base, &before, &s->view, &note), &note);
}

/// Forecast the windows by each schedule; by the base alone in one way.
static void
judge(const study* const s, df_forecast_model* const model)
{
  static const struct {
    const char* name;
    double      slope;
  } schedules[] = {{"at once", 0.0}, {"pyramid", 1.0}, {"one by one", 64.0}};
  df_note note  = {{0}};
  for (int i = 0; i < (model->network ? 3 : 1); ++i) {
    df_paths_config config = df_paths_config_default();
    df_score        score;
    const clock_t   from = clock();
    config.samples       = SAMPLES;
    config.seed          = (uint64_t)s->seed;
    config.slope         = schedules[i].slope;
    require(df_rolling_score(
              model, &s->table, s->table.rows, WINDOWS, &config, &score, &note),
            &note);
    print_score(model->network ? schedules[i].name : "base alone",
                &score,
                seconds_since(from));
  }
}

/// Train one network for as long as all may, and judge it.
static void
compare(const study* const s, const char* const settings, const bool first)
{
  df_note           note    = {{0}};
  df_train_config   config  = df_series_config(s->base, (uint64_t)s->seed);
  df_series_source* source  = NULL;
  df_trainer*       trainer = NULL;
  const df_model*   network = NULL;
  df_forecast_model model   = {0};
  if (strcmp(settings, "default") != 0) {
    require(df_settings_apply(&config, true, settings, &note), &note);
    df_series_config_fit(&config, s->base);
  }
  require(
    df_series_source_make(&config, s->base, s->view, NULL, &source, &note),
    &note);
  const df_source of = df_series_source_of(source);
  require(df_trainer_make(&config, &of, NULL, &trainer, &note), &note);
  df_trainer_try(trainer, 1); // touches all memory
  const clock_t trying = clock();
  df_trainer_try(trainer, TRIED);
  const double a_step = seconds_since(trying) / TRIED;
  df_trainer_plan(trainer, 1 + (int)(s->seconds / a_step));
  const clock_t from = clock();
  while (df_trainer_steps(trainer) < df_trainer_config(trainer)->steps) {
    require(df_trainer_step(trainer, NULL, &note), &note);
  }
  const double took = seconds_since(from);
  require(df_trainer_model(trainer, &network), &note);
  require(df_forecast_model_make(s->base, network, false, &model), &note);
  if (first) {
    judge(s, &model);
  }
  printf("  %s: %d numbers, %lld steps, %.1f CPU-s\n",
         settings,
         (int)network->params.total,
         (long long)df_trainer_steps(trainer),
         took);
  model.network = 1;
  judge(s, &model);
  model.base = NULL; // the study's
  df_forecast_model_free(&model);
  df_trainer_free(trainer);
  df_series_source_free(source);
}

int
main(const int argc, char** const argv)
{
  if (argc < 9) {
    (void)fprintf(stderr,
                  "usage: bench_series TABLE FREQ START HORIZON LEAVE SECONDS "
                  "SEED CONFIG...\n");
    return 2;
  }
  const df_table_request asked = {argv[1], argv[2], argv[3]};
  study                  s     = {0};
  prepare(&s, &asked, argv);
  printf("%s, %d rows, seed %d\n    %-12s %8s %8s %5s %8s\n",
         argv[1],
         s.table.rows,
         s.seed,
         "",
         "CRPS_sum",
         "CRPS",
         "in 90",
         "CPU s");
  for (int i = 8; i < argc; ++i) {
    compare(&s, argv[i], i == 8);
  }
  df_base_view_free(s.view);
  df_base_free(s.base);
  df_table_free(&s.table);
  return 0;
}
