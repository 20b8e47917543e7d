#include "core/audio/resample.h"

#include "tests/check.h"

#include <string.h>

enum { N = 20000, ROOM = 48000 };

/// Feed x in blocks and collect all of the result.
static int
convert(df_resample* const r,
        const float* const x,
        const int          n,
        const int          block,
        float* const       y)
{
  int at   = 0;
  int have = 0;
  for (;;) {
    const int  left = n - at < block ? n - at : block;
    const bool last = at + left == n;
    int        used = 0;
    const int  got =
      df_resample_process(r, x + at, left, &used, y + have, 500, last);
    CHECK(used >= 0 && used <= left && got >= 0 && got <= 500);
    at += used;
    have += got;
    CHECK(have + 500 <= ROOM);
    if (at == n && !got) {
      return have;
    }
  }
}

/// A sine keeps its frequency, height and place in time.
static void
test_a_sine_stays_a_sine(void)
{
  static float        x[N];
  static float        y[ROOM];
  static const double rates[][2] = {{44100, 48000}, {96000, 44100}};
  for (int c = 0; c < 2; ++c) {
    const double step = rates[c][0] / rates[c][1];
    df_resample* r    = NULL;
    CHECK(df_resample_make(rates[c][0], rates[c][1], &r) == DF_OK);
    for (int i = 0; i < N; ++i) {
      x[i] = (float)(0.5 * sin(0.03 * i));
    }
    const int n = convert(r, x, N, 256, y);
    CHECK_NEAR(n, N / step, 2.0);
    for (int i = 300; i < n - 300; ++i) {
      CHECK_NEAR(y[i], 0.5 * sin(0.03 * i * step), 1e-3);
    }
    df_resample_free(r);
  }
}

/// How the input is cut, and a reset, change no sample.
static void
test_blocks_change_nothing(void)
{
  static float x[N];
  static float a[ROOM];
  static float b[ROOM];
  df_resample* r = NULL;
  CHECK(df_resample_make(48000.0, 44100.0, &r) == DF_OK);
  for (int i = 0; i < N; ++i) {
    x[i] = (float)(sin(0.1 * i) + sin(0.0007 * i * i));
  }
  const int n = convert(r, x, N, 64, a);
  for (int block = 1; block <= 1000; block += 333) {
    df_resample_reset(r);
    CHECK(convert(r, x, N, block, b) == n);
    CHECK(!memcmp(a, b, sizeof(*a) * (size_t)n));
  }
  df_resample_free(r);
}

/// Equal rates copy bit for bit.
static void
test_equal_rates_copy(void)
{
  static float x[N];
  static float y[ROOM];
  df_resample* r = NULL;
  CHECK(df_resample_make(44100.0, 44100.0, &r) == DF_OK);
  for (int i = 0; i < N; ++i) {
    x[i] = (float)sin(0.1 * i);
  }
  CHECK(convert(r, x, N, 777, y) == N);
  CHECK(!memcmp(x, y, sizeof(x)));
  df_resample_reset(r);
  df_resample_free(r);
}

static void
test_wrong_rates_are_refused(void)
{
  df_resample* r = NULL;
  CHECK(df_resample_make(0.0, 44100.0, &r) == DF_E_ARG);
  CHECK(df_resample_make(44100.0, -1.0, &r) == DF_E_ARG);
  CHECK(df_resample_make(NAN, 44100.0, &r) == DF_E_ARG);
  CHECK(df_resample_make(1.0, 257.0, &r) == DF_E_ARG);
  df_resample_free(NULL);
}

int
main(void)
{
  test_a_sine_stays_a_sine();
  test_blocks_change_nothing();
  test_equal_rates_copy();
  test_wrong_rates_are_refused();
  return 0;
}
