#define _POSIX_C_SOURCE 200809L

#include "core/forecast/impute.h"
#include "core/forecast/live.h"
#include "core/forecast/model.h"
#include "core/forecast/paths.h"
#include "core/forecast/rolling.h"
#include "core/model/file.h"
#include "core/series/base_pins.h"
#include "core/train/series_source.h"
#include "core/train/trainer.h"

#include "tests/series/wave.h"

#include <string.h>
#include <unistd.h>

enum { ROWS = 24 * 70, D = 4, H = 6, N = 20, STEPS = 60 };

/// A table, and a network that learned a little of it.
typedef struct {
  df_table          table;
  df_base*          base;
  df_base_view*     view;
  df_series_source* source;
  df_trainer*       trainer;
  const df_model*   network;
} lesson;

static void
learn(lesson* const self, const df_backbone backbone, const int steps)
{
  self->table           = wave_make(ROWS, D, 5U);
  df_base_config config = df_base_config_guess(&self->table, H);
  config.profile        = DF_PROFILE_PHASE;
  config.factors        = 3;
  CHECK(df_base_fit(&config, &self->table, ROWS, &self->base, NULL) == DF_OK);
  CHECK(df_base_view_make(self->base, &self->table, &self->view, NULL) ==
        DF_OK);
  df_train_config train = df_series_config(self->base, 3U);
  train.model.backbone  = backbone;
  train.model.width     = 32;
  train.model.mlp       = 32;
  train.clips           = 4;
  train.steps           = steps;
  train.warmup          = 10;
  CHECK(df_series_source_make(
          &train, self->base, self->view, NULL, &self->source, NULL) == DF_OK);
  const df_source source = df_series_source_of(self->source);
  CHECK(df_trainer_make(&train, &source, NULL, &self->trainer, NULL) == DF_OK);
  for (int i = 0; i < steps; ++i) {
    CHECK(df_trainer_step(self->trainer, NULL, NULL) == DF_OK);
  }
  CHECK(df_trainer_model(self->trainer, &self->network) == DF_OK);
}

static void
forget(lesson* const self)
{
  df_trainer_free(self->trainer);
  df_series_source_free(self->source);
  df_base_view_free(self->view);
  df_base_free(self->base);
  df_table_free(&self->table);
}

static double
mean_loss(const df_trainer_log* const log, const int from, const int to)
{
  double sum = 0.0;
  for (int i = from; i < to; ++i) {
    sum += (double)log->losses[i] / (to - from);
  }
  return sum;
}

/// Both kinds of network learn something within seconds, and the same run
/// gives the same weights.
static void
test_learns(void)
{
  for (int b = 0; b < 2; ++b) {
    lesson a;
    lesson again;
    learn(&a, (df_backbone)b, STEPS);
    learn(&again, (df_backbone)b, STEPS);
    const df_trainer_log* const log = df_trainer_history(a.trainer);
    // Batches of 4 clips: a mean over 20 moves by some 3 %
    CHECK(mean_loss(log, STEPS - 20, STEPS) < 0.97 * mean_loss(log, 0, 20));
    CHECK(!memcmp(a.network->theta,
                  again.network->theta,
                  a.network->params.total * sizeof(df_real)));
    forget(&a);
    forget(&again);
  }
}

/// Rows that are missing whole are 0 at the noisiest level in every batch,
/// those that miss some are never clean, and those known whole are in half the
/// clips.
static void
test_unknown(void)
{
  enum { HOLES = 5, BATCHES = 8 };
  df_table       table     = wave_make(ROWS, D, 5U);
  df_base_config config    = df_base_config_guess(&table, H);
  df_base*       base      = NULL;
  df_base_view*  view      = NULL;
  int            counts[3] = {0};
  config.factors           = 3;
  for (int t = 0; t < ROWS; t += HOLES) {
    for (int d = 0; d < (t / HOLES % 2 ? D : 2); ++d) {
      table.values[t * D + d] = (double)NAN;
    }
  }
  CHECK(df_base_fit(&config, &table, ROWS, &base, NULL) == DF_OK);
  CHECK(df_base_view_make(base, &table, &view, NULL) == DF_OK);
  df_series_source*     source = NULL;
  const df_train_config train  = df_series_config(base, 3U);
  CHECK(df_series_source_make(&train, base, view, NULL, &source, NULL) ==
        DF_OK);
  const df_source of = df_series_source_of(source);
  for (uint64_t i = 0U; i < BATCHES; ++i) {
    const df_batch_view* const b = of.batch(of.self, DF_SOURCE_LEARN, i);
    for (int t = 0; t < b->input.B * b->input.T; ++t) {
      const float* const z     = b->input.context + t * b->C;
      const int          level = b->input.context_level[t];
      bool               still = true;
      for (int j = 0; j < b->C; ++j) {
        still = still && z[j] >= 0.0f && z[j] <= 0.0f;
      }
      CHECK(!still || level == train.model.levels);
      counts[0] += still ? 1 : 0;
      counts[1] += level > 0 ? 1 : 0;
      counts[2] += 1;
    }
  }
  // a tenth of the rows is missing whole, a tenth in part; of the others half
  CHECK_NEAR((double)counts[0] / counts[2], 0.1, 0.02);
  CHECK_NEAR((double)counts[1] / counts[2], 0.6, 0.08);
  df_series_source_free(source);
  df_base_view_free(view);
  df_base_free(base);
  df_table_free(&table);
}

/// The truth after an origin put out of sight changes no byte of what is said
/// there, by the base alone or with the network.
static void
test_no_leak(const lesson* const s, df_forecast_model* const model)
{
  static double   paths[2][N * H * D];
  static double   values[ROWS * D];
  df_paths_config config = df_paths_config_default();
  df_table        table  = s->table;
  config.samples         = N;
  table.values           = values;
  for (int network = 0; network < 2; ++network) {
    model->network = network;
    for (int o = ROWS - 40 * H; o < ROWS; o += 13 * H) {
      df_base_view* view = NULL;
      memcpy(values, s->table.values, sizeof(values));
      for (int i = o * D; i < ROWS * D; ++i) {
        values[i] = (double)NAN;
      }
      CHECK(df_base_view_make(model->base, &table, &view, NULL) == DF_OK);
      CHECK(df_paths_sample(model, s->view, o, &config, paths[0]) == DF_OK);
      CHECK(df_paths_sample(model, view, o, &config, paths[1]) == DF_OK);
      CHECK(!memcmp(paths[0], paths[1], sizeof(paths[0])));
      df_base_view_free(view);
    }
  }
}

/// Each path keeps its bytes whatever their number; another seed gives others,
/// and so does another slope.  Every other path is that of no network.
static void
test_paths(const lesson* const s, df_forecast_model* const model)
{
  static double   paths[4][N * H * D];
  const int       o      = ROWS - 2 * H;
  df_paths_config config = df_paths_config_default();
  const size_t    bytes  = sizeof(paths[0]);
  config.samples         = N;
  CHECK(df_paths_sample(model, s->view, o, &config, paths[0]) == DF_OK);
  config.seed = 2U;
  CHECK(df_paths_sample(model, s->view, o, &config, paths[2]) == DF_OK);
  config.seed    = 1U;
  config.samples = N / 2;
  CHECK(df_paths_sample(model, s->view, o, &config, paths[3]) == DF_OK);
  config.samples = N;
  CHECK(memcmp(paths[0], paths[2], bytes) != 0);
  CHECK(!memcmp(paths[0], paths[3], bytes / 2U));
  for (int i = 0; i < N * H * D; ++i) {
    CHECK(isfinite(paths[0][i]));
  }
  model->network = 0;
  CHECK(df_paths_sample(model, s->view, o, &config, paths[1]) == DF_OK);
  model->network = 1;
  for (int n = 0; n < N; ++n) {
    const size_t path = bytes / N;
    const int    at   = n * H * D;
    CHECK((memcmp(paths[0] + at, paths[1] + at, path) == 0) == (n % 2 == 1));
  }
  config.slope = 0.0;
  CHECK(df_paths_sample(model, s->view, o, &config, paths[1]) == DF_OK);
  config.slope = 64.0;
  CHECK(df_paths_sample(model, s->view, o, &config, paths[2]) == DF_OK);
  CHECK(memcmp(paths[1], paths[2], bytes) != 0);
  config.passes = 1;
  CHECK(df_paths_sample(model, s->view, o, &config, paths[1]) == DF_E_ARG);
  config.passes = 12;
  CHECK(df_paths_sample(model, s->view, 3, &config, paths[1]) == DF_E_ARG);
}

/// A model that was written and read forecasts the same bytes.
static void
test_file(const lesson* const s, const df_forecast_model* const model)
{
  static double     paths[2][N * H * D];
  df_paths_config   config = df_paths_config_default();
  df_forecast_model read   = {0};
  df_base_view*     view   = NULL;
  df_note           note   = {{0}};
  char              path[64];
  config.samples = N;
  (void)snprintf(path, sizeof(path), "forecast-%ld.tmp", (long)getpid());
  df_schema schema = {0};
  CHECK(df_schema_of(&s->table, &schema) == DF_OK);
  CHECK(df_forecast_model_save(
          path, s->base, s->network, true, &schema, NULL, 0, NULL) == DF_OK);
  df_schema_free(&schema);
  CHECK(df_forecast_model_load(path, &read, &note) == DF_OK);
  CHECK(df_schema_check(&read.schema, "t", &s->table, NULL) == DF_OK);
  CHECK(df_base_view_make(read.base, &s->table, &view, NULL) == DF_OK);
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[0]) == DF_OK);
  CHECK(df_paths_sample(&read, view, ROWS, &config, paths[1]) == DF_OK);
  for (int i = 0; i < N * H * D; ++i) { // the remainder is kept in 16 bits
    CHECK_NEAR(paths[0][i], paths[1][i], 2e-3 * fabs(paths[0][i]));
  }
  df_base_view_free(view);
  df_forecast_model_free(&read);

  // One that is no series model says so
  CHECK(df_model_save(path, s->network, false, NULL, 0, NULL, 0, NULL) ==
        DF_OK);
  CHECK(df_forecast_model_load(path, &read, &note) == DF_E_FORMAT);
  CHECK(strstr(note.text, "not a series model"));
  df_forecast_model_free(&read);
  (void)unlink(path);
}

/// A stream says what a table of its newest rows says, and rows further back
/// change nothing of it.
static void
test_live(const lesson* const s, const df_forecast_model* const model)
{
  static double   paths[2][N * H * D];
  static double   values[2][H * D];
  df_paths_config config = df_paths_config_default();
  df_live*        live   = NULL;
  df_base_view*   view   = NULL;
  df_table        tail   = s->table;
  const int       most   = df_base_memory(s->base);
  config.samples         = N;
  CHECK(most < ROWS);
  CHECK(df_live_make(model, &s->table.calendar, &live) == DF_OK);
  for (int t = 0; t < ROWS; ++t) {
    if (t == df_live_least(live) - 1) {
      CHECK(df_live_forecast(live, &config, paths[0]) == DF_E_AGAIN);
    }
    df_live_push(live, s->table.values + t * D);
  }
  CHECK(df_live_count(live) == ROWS);
  CHECK(df_live_forecast(live, &config, paths[0]) == DF_OK);
  tail.rows           = most;
  tail.values         = s->table.values + (ROWS - most) * D;
  tail.calendar.start = df_calendar_time(&s->table.calendar, ROWS - most);
  CHECK(df_base_view_make(s->base, &tail, &view, NULL) == DF_OK);
  CHECK(df_paths_sample(model, view, most, &config, paths[1]) == DF_OK);
  CHECK(!memcmp(paths[0], paths[1], sizeof(paths[0])));

  const df_base_view* const views[2] = {s->view, view};
  for (int i = 0; i < 2; ++i) {
    const int o = df_base_view_last(views[i]);
    float     x[2][H * D];
    df_rng    rng = df_rng_make(1U, 0U, 0U);
    df_rng_normal(&rng, x[0], (size_t)(H * D));
    df_base_direct(views[i], o, x[1]);
    df_base_path(views[i], o, x[1], x[0], 1.0, &rng, values[i]);
  }
  CHECK(!memcmp(values[0], values[1], sizeof(values[0])));
  df_base_view_free(view);
  df_live_free(live);
}

/// Mean over the paths of one series at one step.
static double
middle(const double* const paths, const int h, const int d)
{
  double sum = 0.0;
  for (int n = 0; n < N; ++n) {
    sum += paths[(n * H + h) * D + d] / N;
  }
  return sum;
}

/// An exact pin stands in every path; its series' neighbours go along (series 1
/// and 4 fall where the first factor rises, 2 and 3 rise); a noisy one draws
/// less; no pins, or pins that say nothing, leave the tokens alone, but that
/// with pins all paths are the network's.
static void
test_pins(const lesson* const s, const df_forecast_model* const model)
{
  static double   paths[5][N * H * D];
  double          pins[H * D];
  df_paths_config config = df_paths_config_default();
  config.samples         = N;
  for (int i = 0; i < H * D; ++i) {
    pins[i] = (double)NAN;
  }
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[0]) == DF_OK);
  config.pins = pins;
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[1]) == DF_OK);
  for (int n = 0; n < N; n += model->network ? 2 : 1) {
    const int at = n * H * D;
    CHECK(!memcmp(paths[0] + at, paths[1] + at, sizeof(paths[0]) / N));
  }
  memcpy(paths[0], paths[1], sizeof(paths[0]));

  const double want = middle(paths[0], 2, 2) + 1.0;
  pins[2 * D + 2]   = want;
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[1]) == DF_OK);
  config.pin_level = 0.5;
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[2]) == DF_OK);
  config.pin_level = 1.0;
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[3]) == DF_OK);
  for (int n = 0; n < N; ++n) {
    CHECK(!memcmp(&paths[1][(n * H + 2) * D + 2], &want, sizeof(want)));
  }
  // Both share the first factor, of deviation .6 or so, and little else
  const double exact = middle(paths[1], 2, 1) - middle(paths[0], 2, 1);
  CHECK(exact > 0.2);
  CHECK(middle(paths[1], 2, 0) < middle(paths[0], 2, 0));
  const double noisy = middle(paths[2], 2, 2) - middle(paths[0], 2, 2);
  CHECK(noisy > 0.1 && noisy < 0.9);
  CHECK_NEAR(middle(paths[3], 2, 2), middle(paths[0], 2, 2), 1e-3);

  // Each its own: as if all had it, and a half for one, none for others
  double levels[H * D];
  for (int i = 0; i < H * D; ++i) {
    levels[i] = (double)NAN;
  }
  levels[2 * D + 2] = 0.5;
  config.pin_levels = levels;
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[4]) == DF_OK);
  CHECK(!memcmp(paths[2], paths[4], sizeof(paths[2])));
  levels[2 * D + 2] = 1.0;
  config.pin_level  = 0.0;
  pins[4 * D + 1]   = want;
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[4]) == DF_OK);
  for (int n = 0; n < N; ++n) {
    CHECK(!memcmp(&paths[4][(n * H + 4) * D + 1], &want, sizeof(want)));
    CHECK(memcmp(&paths[4][(n * H + 2) * D + 2], &want, sizeof(want)) != 0);
  }
  levels[0] = -0.5;
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[4]) == DF_E_ARG);
  config.pin_levels = NULL;

  config.pin_level = 1.5;
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[4]) == DF_E_ARG);
  config.pin_level = 0.0;
  pins[0]          = (double)INFINITY;
  CHECK(df_paths_sample(model, s->view, ROWS, &config, paths[4]) ==
        DF_E_FINITE);
}

/// Value of a series at a row by a straight line between what is known of it.
static double
by_line(const df_table* const table, const int row, const int d)
{
  int from = row;
  int to   = row;
  while (isnan(table->values[from * D + d])) {
    --from;
  }
  while (isnan(table->values[to * D + d])) {
    ++to;
  }
  const double a = table->values[from * D + d];
  const double b = table->values[to * D + d];
  return a + (b - a) * (row - from) / (to - from);
}

/// Gaps of one series, of all, longer than the horizon and at both ends are
/// filled, better than by the last value or a straight line; what was known
/// keeps its bytes; the same call gives the same bytes.
static void
test_impute(const lesson* const s, const df_forecast_model* const model)
{
  static double    values[2][ROWS * D];
  static double    holed[ROWS * D];
  df_impute_config config = {df_paths_config_default(), 0.5};
  df_table         table  = s->table;
  df_note          note   = {{0}};
  size_t           filled = 0U;
  size_t           gaps   = 0U;
  table.values            = holed;
  config.paths.samples    = N;
  config.paths.slope      = 0.0;
  memcpy(holed, s->table.values, sizeof(holed));
  for (int t = 0; t < ROWS; ++t) {
    for (int d = 0; d < D; ++d) {
      const int  place = t % 168;
      const bool one   = place >= 30 && place < 40 && d == t / 168 % D;
      const bool all   = place >= 100 && place < 104;
      if (one || all || (t < 2 && d == 1) || (t > ROWS - 3 && d == 2)) {
        holed[t * D + d] = (double)NAN;
        ++gaps;
      }
    }
  }
  CHECK(df_impute(model, &table, &config, values[0], &filled, &note) == DF_OK);
  CHECK(df_impute(model, &table, &config, values[1], &filled, &note) == DF_OK);
  CHECK(filled == gaps);
  CHECK(!memcmp(values[0], values[1], sizeof(values[0])));
  double miss = 0.0;
  double line = 0.0;
  double last = 0.0;
  for (int i = 0; i < ROWS * D; ++i) {
    CHECK(isfinite(values[0][i]));
    if (!isnan(holed[i])) {
      CHECK(!memcmp(&values[0][i], &holed[i], sizeof(double)));
    } else if (i >= 2 * D && i < (ROWS - 2) * D) {
      const double truth = s->table.values[i];
      int          from  = i;
      while (isnan(holed[from])) {
        from -= D;
      }
      miss += fabs(values[0][i] - truth);
      line += fabs(by_line(&table, i / D, i % D) - truth);
      last += fabs(holed[from] - truth);
    }
  }
  CHECK(miss < 0.75 * line); // .62 was found
  CHECK(miss < 0.5 * last);

  config.quantile = 0.95; // and no lower than the median
  CHECK(df_impute(model, &table, &config, values[1], &filled, &note) == DF_OK);
  for (int i = 0; i < ROWS * D; ++i) {
    CHECK(values[1][i] >= values[0][i]);
  }
  config.quantile = 1.5;
  CHECK(df_impute(model, &table, &config, values[1], &filled, &note) ==
        DF_E_ARG);
  config.quantile = 0.5;
  table.series    = D - 1;
  CHECK(df_impute(model, &table, &config, values[1], &filled, &note) ==
        DF_E_SHAPE);
}

/// What an exact pin asks of the tokens, a path that spreads twice as wide has
/// of tokens half as large; and the doubts of other paths leave no trace.
static void
test_doubt(const lesson* const s)
{
  static const double doubts[4] = {1.0, 2.0, 1.7, 1.0};
  float               direct[H * D];
  float               x[4][H * D] = {{0.0f}};
  double              values[H * D];
  double              variance[H];
  df_base_pins*       pins   = NULL;
  float               moved  = 0.0f;
  const int           tokens = H * df_base_config_of(s->base)->factors;
  for (int i = 0; i < H * D; ++i) {
    values[i] = (double)NAN;
  }
  for (int h = 0; h < H; ++h) {
    variance[h] = 1.0;
  }
  values[2 * D + 2] = s->table.values[(ROWS - 1) * D + 2] + 0.1;
  df_base_direct(s->view, ROWS, direct);
  CHECK(df_base_pins_make(s->view, ROWS, direct, values, 0.0, NULL, &pins) ==
        DF_OK);
  for (int i = 0; i < 4; ++i) {
    df_base_pins_doubt(pins, doubts[i]);
    df_base_pins_pull(pins, variance, x[i]);
  }
  for (int i = 0; i < tokens; ++i) {
    CHECK_NEAR((double)x[1][i], 0.5 * (double)x[0][i], 2e-3); // noise of a pin
    moved = fmaxf(moved, fabsf(x[0][i]));
  }
  CHECK(!memcmp(x[3], x[0], sizeof(x[0])));
  CHECK(moved > 0.1f);
  df_base_pins_free(pins);
}

int
main(void)
{
  lesson            s;
  df_forecast_model model;
  df_score          score;
  df_paths_config   config = df_paths_config_default();
  learn(&s, DF_BACKBONE_GRU, 20);
  CHECK(df_forecast_model_make(s.base, s.network, true, &model) == DF_OK);
  test_no_leak(&s, &model);
  test_paths(&s, &model);
  test_pins(&s, &model);
  test_doubt(&s);
  model.network = 0; // tokens from N(0, I)
  test_pins(&s, &model);
  model.network = 1;
  test_file(&s, &model);
  test_live(&s, &model);
  test_impute(&s, &model);
  CHECK(df_rolling_score(&model, &s.table, ROWS, 3, &config, &score, NULL) ==
        DF_OK);
  CHECK(score.steps == 3 * H && df_score_sum(&score) > 0.0);
  model.base = NULL; // the lesson's
  df_forecast_model_free(&model);
  forget(&s);
  test_learns();
  test_unknown();
  return 0;
}
