#include "core/series/windows.h"

#include "tests/check.h"

#include <string.h>

enum { ROWS = 11, D = 2, H = 3, COUNT = 3, N = 4 };

/// A forecaster that says what of a table it has been asked, as far as it may.
typedef struct {
  const double* values;
  int           fails; // at this origin; 0: never
} repeater;

/// Path n repeats the last row, n more.
static df_status
repeat(const void* const data, const int origin, double* const paths)
{
  const repeater* const self = (const repeater*)data;
  for (int i = 0; i < N * H * D; ++i) {
    paths[i] = self->values[(origin - 1) * D + i % D] + i / (H * D);
  }
  return origin == self->fails ? DF_E_FINITE : DF_OK;
}

/// What was visited.
typedef struct {
  int origins[COUNT];
  int count;
} visits;

static df_status
visit(void* const data, const int origin, double* const paths)
{
  visits* const self           = (visits*)data;
  self->origins[self->count++] = origin;
  CHECK(paths[(N - 1) * H * D] == (origin - 1) * D + N - 1);
  return DF_OK;
}

/// Windows end where the rows do, follow each other without a gap, and each is
/// scored as it would be alone.
static void
test_windows(void)
{
  double values[ROWS * D];
  for (int i = 0; i < ROWS * D; ++i) {
    values[i] = i;
  }
  const df_windows windows = {values, ROWS, D, H, COUNT, N};
  const repeater   all     = {values, 0};
  const repeater   some    = {values, 5};
  visits           seen    = {{0}, 0};
  CHECK(df_windows_each(&windows, repeat, &all, visit, &seen) == DF_OK);
  CHECK(seen.count == COUNT && seen.origins[0] == 2 && seen.origins[1] == 5 &&
        seen.origins[2] == 8);

  df_score scores[COUNT];
  double   paths[N * H * D];
  CHECK(df_windows_score(&windows, repeat, &all, true, scores) == DF_OK);
  for (int w = 0; w < COUNT; ++w) {
    const int origin = ROWS - (COUNT - w) * H;
    df_score  alone  = {0};
    CHECK(repeat(&all, origin, paths) == DF_OK);
    df_score_add_energy(&alone, N, H, D, paths, values + origin * D);
    CHECK(df_score_add(&alone, N, H, D, paths, values + origin * D) == DF_OK);
    CHECK(!memcmp(&alone, &scores[w], sizeof(alone)));
  }
  const df_score sum = df_score_all(scores, COUNT);
  CHECK(sum.steps == COUNT * H && sum.values == COUNT * H * D);
  CHECK(df_windows_score(&windows, repeat, &all, false, scores) == DF_OK);
  CHECK(scores[0].energy == 0.0 && scores[0].sum_loss > 0.0);

  // What goes wrong ends it
  seen.count = 0;
  CHECK(df_windows_each(&windows, repeat, &some, visit, &seen) == DF_E_FINITE);
  CHECK(seen.count == 1);
}

int
main(void)
{
  test_windows();
  return 0;
}
