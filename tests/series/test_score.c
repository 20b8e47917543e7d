#include "core/series/score.h"

#include "tests/check.h"

#include <math.h>
#include <string.h>

/// The losses are those of the definition, worked out by hand: samples 1..100
/// and 100 copies of 7.
static void
test_check_values(void)
{
  double samples[100];
  for (int i = 0; i < 100; ++i) {
    samples[i] = 100.0 - i;
  }
  CHECK_NEAR(df_score_loss(samples, 100, 50.0) / 50.0, 0.1736842, 1e-7);
  CHECK_NEAR(df_score_loss(samples, 100, 120.0) / 120.0, 0.4583333, 1e-7);
  for (int i = 0; i < 100; ++i) {
    samples[i] = 7.0;
  }
  CHECK_NEAR(df_score_loss(samples, 100, 10.0) / 10.0, 0.3, 1e-12);
  CHECK(df_score_loss(samples, 100, 7.0) == 0.0);
}

/// Sums are over series, ratios over all windows: scaling changes nothing.
static void
test_windows_and_scale(void)
{
  double paths[4 * 2 * 3];
  double truth[2 * 3] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
  for (int i = 0; i < 4 * 2 * 3; ++i) {
    paths[i] = (double)(i * 7 % 11) - 2.0;
  }
  df_score one = {0};
  CHECK(df_score_add(&one, 4, 2, 3, paths, truth) == DF_OK);
  CHECK(one.steps == 2.0 && one.values == 6.0);
  CHECK_NEAR(one.sum_size, 21.0, 1e-12);
  for (int i = 0; i < 4 * 2 * 3; ++i) {
    paths[i] *= 8.0;
  }
  for (int i = 0; i < 6; ++i) {
    truth[i] *= 8.0;
  }
  df_score other = {0};
  CHECK(df_score_add(&other, 4, 2, 3, paths, truth) == DF_OK);
  CHECK(df_score_sum(&one) == df_score_sum(&other));
  CHECK(df_score_each(&one) == df_score_each(&other));
}

/// Where truth misses a series the step is scored as if there were no such
/// series, and one of none not at all.
static void
test_missing(void)
{
  double       paths[2][5 * 3 * 3];
  const double truth[3 * 3] = {1.0, NAN, 3.0, 4.0, NAN, 2.0, NAN, NAN, NAN};
  const double known[2 * 2] = {1.0, 3.0, 4.0, 2.0};
  df_score     holed        = {0};
  df_score     whole        = {0};
  for (int n = 0; n < 5; ++n) {
    for (int i = 0; i < 9; ++i) {
      paths[0][n * 9 + i] = (double)((n * 9 + i) * 7 % 11) - 2.0;
    }
    for (int i = 0; i < 4; ++i) {
      paths[1][n * 4 + i] = paths[0][n * 9 + i / 2 * 3 + i % 2 * 2];
    }
  }
  CHECK(df_score_add(&holed, 5, 3, 3, paths[0], truth) == DF_OK);
  CHECK(df_score_add(&whole, 5, 2, 2, paths[1], known) == DF_OK);
  df_score_add_energy(&holed, 5, 3, 3, paths[0], truth);
  df_score_add_energy(&whole, 5, 2, 2, paths[1], known);
  CHECK(!memcmp(&holed, &whole, sizeof(holed)));
  CHECK(whole.steps == 2.0 && whole.values == 4.0 && whole.energy > 0.0);
}

/// Of two points at 0 and 2 about a truth at 1, worked out by hand: E|X - y| is
/// 1, E|X - X'| is 1; in the plane, 3 and 4 make 5.
static void
test_energy(void)
{
  const double paths[2] = {0.0, 2.0};
  const double truth[1] = {1.0};
  df_score     line     = {0};
  df_score_add_energy(&line, 2, 1, 1, paths, truth);
  CHECK_NEAR(df_score_energy(&line), 0.5, 1e-15);

  const double point[2]   = {3.0, 4.0};
  const double nowhere[4] = {0.0, 0.0, 0.0, NAN};
  const double gap[4]     = {3.0, 4.0, NAN, NAN};
  df_score     plane      = {0};
  df_score_add_energy(&plane, 1, 1, 2, nowhere, point);
  CHECK_NEAR(df_score_energy(&plane), 1.0, 1e-15);
  df_score_add_energy(&plane, 1, 2, 2, nowhere, gap); // the second row is none
  CHECK_NEAR(df_score_energy(&plane), 1.0, 1e-15);
}

/// Better is what wins by more than its windows differ: not the same, not what
/// loses, not one lucky window, not a hair.
static void
test_beats(void)
{
  enum { W = 5 };
  df_score a[W];
  df_score b[W];
  for (int w = 0; w < W; ++w) {
    a[w] = (df_score){.sum_loss = 10.0, .each_loss = 2.0};
    b[w] = (df_score){.sum_loss = 9.0 - 0.1 * w, .each_loss = 2.0};
  }
  CHECK(df_score_beats(b, a, W));
  CHECK(!df_score_beats(a, b, W));
  CHECK(!df_score_beats(a, a, W));
  CHECK(df_score_beats(b, a, 1));
  for (int w = 0; w < W; ++w) {
    b[w]          = a[w];
    b[w].sum_loss = w == 2 ? 2.0 : 10.2;
  }
  // gains 8 - .8 = 7.2, of windows that spread 3.67: error sqrt(5) 3.67 = 8.2
  CHECK(!df_score_beats(b, a, W));
  for (int w = 0; w < W; ++w) { // the sum better by what the series are worse
    b[w] = (df_score){.sum_loss = 9.0 + 0.1 * w, .each_loss = 2.2 - 0.02 * w};
  }
  CHECK(!df_score_beats(b, a, W));
  for (int w = 0; w < W; ++w) { // 1.5 % of the sum, no window unlike another
    b[w] = (df_score){.sum_loss = 9.85, .each_loss = 2.0};
  }
  CHECK(!df_score_beats(b, a, W));
  CHECK(!df_score_beats(b, a, 1));
}

/// Joined scores are those of all windows.
static void
test_join(void)
{
  const double paths[2] = {0.0, 2.0};
  const double truth[2] = {1.0, 3.0};
  df_score     whole    = {0};
  df_score     joined   = {0};
  for (int w = 0; w < 2; ++w) {
    df_score part = {0};
    CHECK(df_score_add(&part, 2, 1, 1, paths, truth + w) == DF_OK);
    CHECK(df_score_add(&whole, 2, 1, 1, paths, truth + w) == DF_OK);
    df_score_add_energy(&part, 2, 1, 1, paths, truth + w);
    df_score_add_energy(&whole, 2, 1, 1, paths, truth + w);
    df_score_join(&joined, &part);
  }
  CHECK(whole.steps == 2.0 && whole.length == 4.0);
  CHECK(!memcmp(&whole, &joined, sizeof(whole)));
}

/// However small, a score is told by three digits at least.
static void
test_words(void)
{
  static const struct {
    double      score;
    int         digits;
    const char* words;
  } cases[] = {{0.0, 5, "0.00000"},
               {0.12345678, 5, "0.12346"},
               {0.00123456, 5, "0.00123"},
               {0.00098765, 5, "9.877e-04"},
               {0.00098765, 6, "0.000988"},
               {4.6e-12, 6, "4.600e-12"},
               {1e300, 5, NULL}};
  for (size_t i = 0U; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    char out[DF_SCORE_TEXT];
    df_score_write(cases[i].score, cases[i].digits, out);
    CHECK(!cases[i].words || !strcmp(out, cases[i].words));
  }
}

int
main(void)
{
  test_words();
  test_beats();
  test_join();
  test_energy();
  test_missing();
  test_check_values();
  test_windows_and_scale();
  return 0;
}
