#include "core/engine/mend.h"

#include "tests/check.h"

#include <math.h>
#include <string.h>

enum { N = 20000, HOP = 512, AT = 12000, MOST = DF_MEND_MOST };

static float x[2][N];
static float y[2][MOST];

static void
tones(void)
{
  for (int t = 0; t < N; ++t) {
    x[0][t] = 0.3f * sinf(0.05f * (float)t) + 0.1f * sinf(0.171f * (float)t);
    x[1][t] = 0.2f * sinf(0.083f * (float)t);
  }
}

static df_mend*
make(df_arena* const arena)
{
  df_mend* mend = NULL;
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_mend_make(arena, HOP, &mend) == DF_OK);
    CHECK(pass || df_arena_allocate(arena) == DF_OK);
  }
  return mend;
}

// Hear all up to `to`, by hops, with a gap of n samples of rubbish in it
static void
hear(df_mend* const mend, const int channels, const int n, const int to)
{
  for (int t = 0; t < to; t += HOP) {
    float     h[2][HOP];
    const int m = to - t < HOP ? to - t : HOP;
    for (int c = 0; c < 2; ++c) {
      memcpy(h[c], x[c] + t, (size_t)m * sizeof(float));
      for (int i = 0; i < m; ++i) {
        h[c][i] = t + i >= AT && t + i < AT + n ? 0.7f : h[c][i];
      }
    }
    const float* const in[2] = {h[0], channels == 2 ? h[1] : NULL};
    df_mend_hear(mend, in, m);
  }
}

static double
error(const int c, const int from, const int n)
{
  double worst = 0.0;
  for (int i = 0; i < n; ++i) {
    worst = fmax(worst, fabs((double)y[c][i] - (double)x[c][from + i]));
  }
  return worst;
}

/// Tones are found again in each channel: what stood in the gap plays no part.
static void
test_tones(void)
{
  const int    lengths[] = {1, 64, 441, MOST};
  float* const out[2]    = {y[0], y[1]};
  tones();
  for (int channels = 1; channels <= 2; ++channels) {
    for (int k = 0; k < 4; ++k) {
      const int      n     = lengths[k];
      df_arena       arena = {NULL, 0U, 0U, false};
      df_mend* const mend  = make(&arena);
      const int      to    = AT + n + DF_MEND_ENOUGH;
      hear(mend, channels, n, to);
      y[1][0] = 5.0f;
      CHECK(df_mend_fill(mend, to - AT, n, DF_MEND_ENOUGH, out) == n);
      CHECK(error(0, AT, n) < 2e-3);
      CHECK(channels == 2 ? error(1, AT, n) < 2e-3 : y[1][0] == 5.0f);
      df_arena_free(&arena);
    }
  }
}

/// A gap filled before counts as heard for the next one.
static void
test_again(void)
{
  float* const   out[2] = {y[0], y[1]};
  df_arena       arena  = {NULL, 0U, 0U, false};
  df_mend* const mend   = make(&arena);
  tones();
  hear(mend, 1, 500, AT + 2500);
  CHECK(df_mend_fill(mend, 2500, 500, 600, out) == 500);
  CHECK(df_mend_fill(mend, 1400, 300, 1100, out) == 300);
  CHECK(error(0, AT + 1100, 300) < 2e-3);
  df_arena_free(&arena);
}

/// With too little on a side, or a gap that is no longer at hand, nothing is
/// filled.
static void
test_refused(void)
{
  float* const   out[2] = {y[0], y[1]};
  df_arena       arena  = {NULL, 0U, 0U, false};
  df_mend* const mend   = make(&arena);
  tones();
  hear(mend, 1, 100, AT + 700);
  CHECK(df_mend_fill(mend, 700, 100, DF_MEND_LEAST - 1, out) == 0);
  CHECK(df_mend_fill(mend, 700, 100, DF_MEND_LEAST, out) == 100);
  CHECK(df_mend_fill(mend, AT + 700, 100, 600, out) == 0);
  CHECK(df_mend_fill(mend, AT + 200, 100, 600, out) == 0);
  df_mend_reset(mend);
  hear(mend, 1, 0, 1500);
  CHECK(df_mend_fill(mend, 1100, 100, 1000, out) == 0);
  CHECK(df_mend_fill(mend, 900, 100, 800, out) == 100);
  df_arena_free(&arena);
}

int
main(void)
{
  test_tones();
  test_again();
  test_refused();
  return 0;
}
