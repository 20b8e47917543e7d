#include "core/audio/bands.h"
#include "core/audio/stft.h"
#include "core/base/rng.h"
#include "core/engine/render.h"
#include "core/engine/watch.h"
#include "tests/audio/score.h"
#include "tests/check.h"
#include "tests/engine/rig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Dropouts concealed by themselves, through the whole chain as a host hears
/// it: zeros cut into a sound.  With arguments MODEL and sound files: these
/// too.

enum { RATE = 44100, MOST = 10 * RATE, GAPS = 12 };

static float truth[MOST];
static float x[MOST];
static float y[MOST];

static double
power(const float* const s, const int n)
{
  double sum = 0.0;
  for (int i = 0; i < n; ++i) {
    sum += (double)s[i] * (double)s[i];
  }
  return sum / n;
}

static void
render(const df_instrument* const instrument, const int n)
{
  const df_lane_point point  = {0.0, 0.0};
  df_render_config    config = df_render_config_default();
  const float* const  in[1]  = {x};
  float* const        out[1] = {y};
  config.conceal             = true;
  CHECK(df_render(instrument, &config, &point, 1, RATE, 1, n, in, out, NULL) ==
        DF_OK);
}

// Cut gaps where it is not silent; where they begin
static int
cut(const int n, const int length, int* const gaps)
{
  df_rng       rng   = df_rng_make(11U, 1U, 1U);
  const double all   = power(truth, n);
  int          count = 0;
  memcpy(x, truth, sizeof(x));
  for (int at = 2 * RATE; at < n - RATE && count < GAPS;) {
    const int from = at + (int)df_rng_below(&rng, RATE / 5);
    if (power(truth + from - 1024, 1024) < 0.01 * all) {
      at += RATE / 10;
      continue;
    }
    memset(x + from, 0, (size_t)length * sizeof(float));
    gaps[count++] = from;
    at += RATE * 3 / 5;
  }
  CHECK(count >= 5);
  return count;
}

// Mean distance of the 16 bands' levels from the truth, dB, over the frames
// that touch a gap
static double
apart(const float* const s, const int* const gaps, const int count, int length)
{
  enum { M = 1024, STEP = 256 };
  df_arena arena = {NULL, 0U, 0U, false};
  df_stft* stft  = NULL;
  float    frame[2][M / 2 + 1];
  float    bands[2][DF_BANDS];
  double   sum  = 0.0;
  int      seen = 0;
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_stft_make(&arena, M, STEP, &stft) == DF_OK);
    CHECK(pass || df_arena_allocate(&arena) == DF_OK);
  }
  for (int k = 0; k < count; ++k) {
    for (int at = gaps[k] - M / 4; at < gaps[k] + length + M / 4; at += STEP) {
      df_stft_log_frames(stft, truth, MOST, at, 1, -7.0f, frame[0]);
      df_stft_log_frames(stft, s, MOST, at, 1, -7.0f, frame[1]);
      for (int i = 0; i < 2; ++i) {
        df_bands_pool(RATE, M, 1, frame[i], bands[i]);
      }
      for (int b = 0; b < DF_BANDS; ++b) {
        const double d = 8.686 * (double)(bands[0][b] - bands[1][b]);
        sum += d * d;
        ++seen;
      }
    }
  }
  df_stft_free(stft);
  df_arena_free(&arena);
  return sqrt(sum / seen);
}

// Gaps of all lengths: what is heard is nearer to the truth than silence.  Of
// 10 ms of a drum nothing can be known, so there it need only not be further.
static void
judge(const df_instrument* const instrument,
      const char* const          name,
      const int                  n,
      const double               least)
{
  static const int lengths[] = {10, 20, 100};
  for (int i = 0; i < 3; ++i) {
    int          gaps[GAPS];
    const int    length = lengths[i] * RATE / 1000;
    const int    count  = cut(n, length, gaps);
    const double before = apart(x, gaps, count, length);
    double       snr    = 0.0;
    render(instrument, n);
    for (int k = 0; k < count; ++k) {
      snr += score_snr(truth + gaps[k], y + gaps[k], length) / count;
    }
    const double after = apart(y, gaps, count, length);
    (void)printf(
      "%-12s %3d ms: bands %5.2f dB off (silence %5.2f), SNR %5.2f\n",
      name,
      lengths[i],
      after,
      before,
      snr);
    CHECK(after < (lengths[i] > 10 ? 0.95 : 1.1) * before);
    CHECK(lengths[i] > 20 || snr > least);
    CHECK(!memcmp(x, y, (size_t)gaps[0] * sizeof(float)));
  }
}

/// Gaps in sound made here are filled, up to 20 ms nearly as if there were
/// none, and what is whole passes bit for bit.
static void
test_made(void)
{
  df_instrument* const instrument = rig_instrument();
  rig_chords(truth, MOST);
  judge(instrument, "chords", MOST, 9.0);
  memcpy(x, truth, sizeof(x));
  render(instrument, MOST);
  CHECK(!memcmp(x, y, sizeof(x)));
  df_instrument_free(instrument);
}

/// So are those of recorded sound.
static void
judge_recorded(const df_instrument* const instrument,
               const char* const          name,
               const int                  n)
{
  judge(instrument, name, n, -3.0);
}

int
main(const int argc, char** const argv)
{
  test_made();
  if (argc > 1) {
    rig_recorded(argv[1], argc - 2, argv + 2, truth, MOST, judge_recorded);
  }
  return 0;
}
