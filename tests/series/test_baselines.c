#include "core/series/baselines.h"

#include "core/series/score.h"
#include "tests/series/wave.h"

#include <math.h>
#include <string.h>

#define H 24
#define N 20
#define TRAIN (24 * 40)
#define SERIES 4

static const df_baseline_config config = {H, TRAIN, 2};

/// Paths [N,H,SERIES] of a kind, fitted to a table.
static void
forecast(const df_baseline_kind kind,
         const df_table* const  table,
         const int              origin,
         double* const          paths)
{
  df_note      note     = {{0}};
  df_baseline* baseline = NULL;
  CHECK(df_baseline_fit(kind, &config, table, &baseline, &note) == DF_OK);
  df_baseline_paths(baseline, origin, N, 3U, paths);
  df_baseline_free(baseline);
}

/// No forecast reads a row from its origin on.
static void
test_no_leak(void)
{
  static double one[N * H * SERIES];
  static double other[N * H * SERIES];
  df_table      table  = wave_make(TRAIN + 2 * H, SERIES, 1U);
  df_table      blind  = wave_make(TRAIN + 2 * H, SERIES, 1U);
  const int     origin = TRAIN + H;
  for (int i = origin * SERIES; i < blind.rows * SERIES; ++i) {
    blind.values[i] = (double)NAN;
  }
  for (int k = 0; k < DF_BASELINES; ++k) {
    forecast((df_baseline_kind)k, &table, origin, one);
    forecast((df_baseline_kind)k, &blind, origin, other);
    CHECK(memcmp(one, other, sizeof(one)) == 0);
  }
  // and it does read the row before
  table.values[origin * SERIES - 1] += 1.0;
  for (int k = 0; k < DF_BASELINES; ++k) {
    forecast((df_baseline_kind)k, &blind, origin, one);
    forecast((df_baseline_kind)k, &table, origin, other);
    CHECK(memcmp(one, other, sizeof(one)) != 0 || k == DF_BASELINE_SEASON);
  }
  df_table_free(&table);
  df_table_free(&blind);
}

/// Values missing in the past leave numbers in the forecast.
static void
test_gaps(void)
{
  static double paths[N * H * SERIES];
  df_table      table = wave_make(TRAIN + H, SERIES, 2U);
  for (int i = 0; i < TRAIN * SERIES; ++i) {
    if (i < 30 || i % 7 == 0 || i > (TRAIN - 3) * SERIES) {
      table.values[i] = (double)NAN;
    }
  }
  for (int k = 0; k < DF_BASELINES; ++k) {
    forecast((df_baseline_kind)k, &table, TRAIN, paths);
    for (int i = 0; i < N * H * SERIES; ++i) {
      CHECK(isfinite(paths[i]));
    }
  }
  df_table_free(&table);
}

/// Settings are chosen by what is known: with most of the validation rows
/// missing they are little worse than with all, since nothing is judged by what
/// was carried forward into the holes.
static void
test_choice_by_what_is_known(void)
{
  static double paths[N * H * SERIES];
  df_score      score[2] = {0};
  for (int run = 0; run < 24; ++run) {
    df_table table = wave_make(TRAIN + 5 * H, SERIES, 1U + (uint64_t)run / 2U);
    df_note  note  = {{0}};
    df_baseline*    baseline = NULL;
    df_score* const to       = &score[run % 2];
    for (int t = TRAIN - 2 * H; t < TRAIN && run % 2; ++t) {
      for (int d = 0; d < SERIES && t % H < H - 4; ++d) {
        table.values[t * SERIES + d] = (double)NAN;
      }
    }
    CHECK(df_baseline_fit(
            DF_BASELINE_RIDGE, &config, &table, &baseline, &note) == DF_OK);
    for (int origin = TRAIN; origin < table.rows; origin += H) {
      const double* const truth = table.values + (size_t)origin * SERIES;
      df_baseline_paths(baseline, origin, N, 3U, paths);
      CHECK(df_score_add(to, N, H, SERIES, paths, truth) == DF_OK);
    }
    df_baseline_free(baseline);
    df_table_free(&table);
  }
  // 1.09 times; 1.19 where the carried values are taken for truth
  CHECK(df_score_each(&score[1]) < 1.13 * df_score_each(&score[0]));
}

/// On a daily wave with remembered noise each kind does better than the one
/// that knows less.
static void
test_order(void)
{
  static double paths[N * H * SERIES];
  double        loss[DF_BASELINES];
  df_table      table = wave_make(TRAIN + 10 * H, SERIES, 3U);
  for (int k = 0; k < DF_BASELINES; ++k) {
    df_score score = {0};
    for (int w = 0; w < 10; ++w) {
      const int origin = TRAIN + w * H;
      forecast((df_baseline_kind)k, &table, origin, paths);
      CHECK(df_score_add(&score,
                         N,
                         H,
                         SERIES,
                         paths,
                         table.values + (size_t)origin * SERIES) == DF_OK);
    }
    loss[k] = df_score_each(&score);
  }
  CHECK(loss[DF_BASELINE_WALK] < loss[DF_BASELINE_LAST]);
  CHECK(loss[DF_BASELINE_SEASON] < loss[DF_BASELINE_WALK]);
  CHECK(loss[DF_BASELINE_RIDGE] < loss[DF_BASELINE_SEASON]);
  df_table_free(&table);
}

/// Too few rows are refused, by name.
static void
test_refusals(void)
{
  df_table                 table    = wave_make(200, SERIES, 4U);
  const df_baseline_config few      = {H, 60, 1};
  df_note                  note     = {{0}};
  df_baseline*             baseline = NULL;
  for (int k = 0; k < DF_BASELINES; ++k) {
    CHECK(df_baseline_fit(
            (df_baseline_kind)k, &few, &table, &baseline, &note) == DF_E_SHAPE);
    CHECK(strstr(note.text, "found 60") && !baseline);
  }
  df_table_free(&table);
}

int
main(void)
{
  test_no_leak();
  test_gaps();
  test_choice_by_what_is_known();
  test_order();
  test_refusals();
  return 0;
}
