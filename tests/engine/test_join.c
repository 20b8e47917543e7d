#include "core/base/rng.h"
#include "core/engine/render.h"
#include "tests/audio/score.h"
#include "tests/audio/signal.h"
#include "tests/check.h"
#include "tests/engine/rig.h"

#include <stdio.h>
#include <stdlib.h>

/// Whether joins click, through the whole chain as a host hears it: gaps of a
/// quarter of a second, one a second, at random places that are not silent.
///
/// With arguments MODEL and sound files: these too.

enum { RATE = 44100, MOST = 24 * RATE, GAP = RATE / 4, GAPS = 32 };

static float x[MOST];
static float y[MOST];

// Real sound is at -6 dB: what is less than that among its neighbours is none
static double
click(const float* const s, const int n, const int seam)
{
  return fmax(-6.0, score_click(s, n, seam));
}

static double
power(const float* const s, const int n)
{
  double sum = 0.0;
  for (int i = 0; i < n; ++i) {
    sum += (double)s[i] * (double)s[i];
  }
  return sum / n;
}

// Places where trust ends, not silent before nor after
static int
choose(const int n, int* const seams)
{
  df_rng       rng   = df_rng_make(7U, 1U, 1U);
  const double all   = power(x, n);
  int          count = 0;
  for (int at = 2 * RATE; at < n - RATE && count < GAPS;) {
    const int seam = at + (int)df_rng_below(&rng, RATE * 2 / 5);
    if (power(x + seam - 1024, 1024) < 0.01 * all ||
        power(x + seam, 1024) < 0.01 * all) {
      at += RATE / 10;
      continue;
    }
    seams[count++] = seam;
    at += RATE;
  }
  return count;
}

// Both seams within a decibel of real sound; a return within one of what the
// model's own sound has where there is no seam, should that be rougher: an
// untrained network hisses
static void
judge(const df_instrument* const instrument,
      const char* const          name,
      const int                  n,
      const bool                 trained)
{
  df_lane_point points[2 * GAPS + 1];
  int           seams[GAPS];
  int           used  = 0;
  const int     count = choose(n, seams);
  points[used++]      = (df_lane_point){0.0, 0.0};
  for (int k = 0; k < count; ++k) {
    const double from = seams[k];
    points[used++]    = (df_lane_point){from / RATE, 1.0};
    points[used++]    = (df_lane_point){(from + GAP) / RATE, 0.0};
  }
  const df_render_config config  = df_render_config_default();
  const float* const     in[1]   = {x};
  float* const           out[1]  = {y};
  double                 sums[5] = {0.0, 0.0, 0.0, 0.0, 0.0};
  CHECK(count >= 5);
  CHECK(
    df_render(instrument, &config, points, used, RATE, 1, n, in, out, NULL) ==
    DF_OK);
  for (int k = 0; k < count; ++k) {
    sums[0] += click(x, n, seams[k]) / count;
    sums[1] += click(y, n, seams[k]) / count;
    sums[2] += click(x, n, seams[k] + GAP) / count;
    sums[3] += click(y, n, seams[k] + GAP) / count;
    for (int j = 0; j < 8; ++j) {
      sums[4] += click(y, n, seams[k] + 3000 + 600 * j) / (8 * count);
    }
  }
  (void)printf("%-10s %2d gaps: loss %5.2f dB (real sound %5.2f), "
               "return %5.2f (%5.2f), no seam %5.2f\n",
               name,
               count,
               sums[1],
               sums[0],
               sums[3],
               sums[2],
               sums[4]);
  CHECK(sums[1] < sums[0] + 1.0);
  CHECK(sums[3] < 1.0 + (trained ? sums[2] : fmax(sums[2], sums[4])));
}

/// Where trust ends and where it returns, sound made here clicks by less than a
/// decibel more than it does when it is not lost.
static void
test_made(void)
{
  df_instrument* const instrument = rig_instrument();
  rig_chords(x, MOST);
  judge(instrument, "chords", MOST, false);
  signal_notes(x, MOST, 3U);
  judge(instrument, "notes", MOST, false);
  signal_groove(x, MOST, 5513, 16, 3U);
  judge(instrument, "groove", MOST, false);
  df_instrument_free(instrument);
}

/// So does recorded sound.
static void
judge_recorded(const df_instrument* const instrument,
               const char* const          name,
               const int                  n)
{
  judge(instrument, name, n, true);
}

int
main(const int argc, char** const argv)
{
  test_made();
  if (argc > 1) {
    rig_recorded(argv[1], argc - 2, argv + 2, x, MOST, judge_recorded);
  }
  return 0;
}
