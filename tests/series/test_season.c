#include "core/series/base.h"
#include "core/series/base_parts.h"

#include "tests/series/wave.h"

#include <string.h>

enum { ROWS = 2400, D = 3, H = 12, N = 20 };

// What the values of a table without times are made of
typedef enum { WALK, CALM, WAVE, PATTERN, DRIFTING } kind;

// Row by row; a season has `period` rows
static df_table
make(const kind what, const int rows, const int period, const uint64_t seed)
{
  df_table table      = wave_make(rows, D, seed);
  double   level[D]   = {0.0};
  float    shape[64]  = {0.0f};
  df_rng   rng        = df_rng_make(seed, 2U, 0U);
  table.calendar.unit = DF_UNIT_NONE;
  df_rng_normal(&rng, shape, 64U);
  for (int t = 0; t < rows; ++t) {
    float noise[2 * D];
    df_rng_normal(&rng, noise, 2U * D);
    for (int d = 0; d < D; ++d) {
      const double step = 0.1 * (double)noise[d];
      const double wave = sin(6.283185307179586 * (t + 2 * d) / period);
      level[d]          = (what == CALM ? 0.6 : 1.0) * level[d] + step;
      table.values[t * D + d] =
        what == WALK || what == CALM ? level[d]
        : what == WAVE               ? wave + (double)noise[D + d]
        : what == PATTERN
          ? (double)shape[(t + 5 * d) % period] + 0.3 * (double)noise[D + d]
          : wave + 0.3 * level[d];
    }
  }
  return table;
}

static int
find(const kind what, const int rows, const int period, const uint64_t seed)
{
  df_table table = make(what, rows, period, seed);
  int      found = -1;
  for (int i = 0; i < rows * D; i += 13) {
    table.values[i] = (double)NAN;
  }
  CHECK(df_base_find_season(&table, rows, &found) == DF_OK);
  df_table_free(&table);
  return found;
}

/// A season is found in noise of its own size, with values missing, and none
/// where there is none, or where rows hold fewer than four.
static void
test_found(void)
{
  for (uint64_t seed = 1U; seed <= 5U; ++seed) {
    CHECK(find(PATTERN, ROWS, 24, seed) == 24);
    CHECK(find(PATTERN, ROWS, 7, seed) == 7);
    CHECK(abs(find(WAVE, ROWS, 52, seed) - 52) <= 1);
    CHECK(abs(find(DRIFTING, ROWS, 41, seed) - 41) <= 1);
    CHECK(find(CALM, ROWS, 24, seed) == 0);
    CHECK(find(PATTERN, 90, 24, seed) != 24);
  }
  CHECK(find(PATTERN, 7, 2, 1U) == 0);
}

/// What a table without times is forecast by: its changes where it walks, its
/// level where it comes back to that, its season where it has one; its changes
/// whatever it does where that is asked for.
static void
test_chosen(void)
{
  static const struct {
    kind what;
    int  difference;
    int  season;
  } cases[] = {{WALK, 1, 0}, {CALM, 0, 1}, {PATTERN, 0, 24}};
  for (size_t i = 0U; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    df_table             table = make(cases[i].what, ROWS, 24, 3U);
    const df_base_config guess = df_base_config_guess(&table, H);
    df_base_config       ours  = guess;
    df_base_config       told  = guess;
    CHECK(guess.season == 0 && guess.anchored == 0);
    CHECK(df_base_choose(&ours, &table, ROWS, 20, false, NULL) == DF_OK);
    CHECK(ours.difference == cases[i].difference);
    CHECK(ours.season == cases[i].season && ours.anchored == 0);
    CHECK(df_base_choose(&told, &table, ROWS, 20, true, NULL) == DF_OK);
    CHECK(told.difference == 1);
    df_table_free(&table);
  }
}

/// A season or level that takes more rows than there are is not tried.
static void
test_too_long(void)
{
  for (int rows = 80; rows <= 120; rows += 10) {
    df_table        table  = make(PATTERN, rows, 12, 6U);
    df_base_config  config = df_base_config_guess(&table, H);
    df_base*        base   = NULL;
    const int       count  = df_base_windows(&config, rows);
    const df_status st =
      df_base_choose(&config, &table, rows, count, false, NULL);
    CHECK(st == (rows < 90 ? DF_E_SHAPE : DF_OK));
    CHECK(st || df_base_fit(&config, &table, rows, &base, NULL) == DF_OK);
    df_base_free(base);
    df_table_free(&table);
  }
}

/// Paths from the end of a table without its first rows
static void
draw(const df_base* const  base,
     const df_table* const table,
     const int             without,
     double* const         paths)
{
  df_table      rest = *table;
  df_base_view* view = NULL;
  float         space[2 * H * D];
  rest.rows -= without;
  rest.values += (size_t)without * D;
  CHECK(df_base_view_make(base, &rest, &view, NULL) == DF_OK);
  df_base_draw(view, rest.rows, 1U, 0U, N, space, paths);
  df_base_view_free(view);
}

/// Where no calendar tells which phase of its season a row is, a forecast is
/// the same wherever the table begins; one that the row's number told would not
/// be.
static void
test_anchor(void)
{
  static double paths[2][N * H * D];
  df_table      table = make(PATTERN, ROWS, 24, 4U);
  for (int anchored = 0; anchored < 2; ++anchored) {
    df_base*       base   = NULL;
    df_base_config config = df_base_config_guess(&table, H);
    config.difference     = 0;
    config.season         = 24;
    config.anchored       = anchored;
    config.scale          = 28;
    config.profile        = DF_PROFILE_PHASE;
    config.factors        = 2; // and a remainder, drawn by its phase
    CHECK(df_base_fit(&config, &table, ROWS, &base, NULL) == DF_OK);
    CHECK(df_base_memory(base) < ROWS - 5);
    draw(base, &table, 0, paths[0]);
    draw(base, &table, 5, paths[1]);
    CHECK(!memcmp(paths[0], paths[1], sizeof(paths[0])) == !anchored);
    df_base_free(base);
  }
  df_table_free(&table);
}

/// Chosen is on a season at least, and on a quarter of the rows at most.
static void
test_windows(void)
{
  df_base_config config = {.horizon = 24, .season = 288};
  CHECK(df_base_windows(&config, 1848) == 12);
  CHECK(df_base_windows(&config, 1000) == 10);
  CHECK(df_base_windows(&config, 300) == 5); // half of the rows are kept
  config.season = 24;
  CHECK(df_base_windows(&config, 1848) == 7);
}

/// Where rows are few there are fewer windows to choose on, so that a fit is
/// left: ten years of months can be forecast for a year.
static void
test_few(void)
{
  df_table table         = wave_make(120, 1, 5U);
  table.calendar         = (df_calendar){DF_UNIT_MONTH, 1, 0};
  df_base_config config  = df_base_config_guess(&table, 12);
  const int      windows = df_base_windows(&config, 120);
  df_base*       base    = NULL;
  df_note        note    = {{0}};
  CHECK(config.season == 12 && windows == 1);
  CHECK(df_base_windows(&config, 144) == 3 &&
        df_base_windows(&config, 40) == 1);
  CHECK(df_base_choose(&config, &table, 120, windows, false, NULL) == DF_OK);
  CHECK(df_base_fit(&config, &table, 120, &base, NULL) == DF_OK);
  df_base_free(base);
  const int needs = df_base_needs(&config, 99);
  CHECK(df_base_fit(&config, &table, 99, &base, &note) == DF_E_SHAPE);
  CHECK(needs > 99 && strstr(note.text, "want at least"));
  CHECK(df_base_fit(&config, &table, 100, &base, NULL) == DF_OK);
  df_base_free(base);
  df_table_free(&table);
}

int
main(void)
{
  test_found();
  test_chosen();
  test_too_long();
  test_anchor();
  test_windows();
  test_few();
  return 0;
}
