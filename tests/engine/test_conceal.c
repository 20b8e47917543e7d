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
/// too.  Where the environment variable DFORCE_DATA names the folder of
/// corpora: some of those.

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

// With a look-ahead of 100 ms, or none
static void
render(const df_instrument* const instrument, const bool ahead, const int n)
{
  const df_lane_point point  = {0.0, 0.0};
  df_render_config    config = df_render_config_default();
  const float* const  in[1]  = {x};
  float* const        out[1] = {y};
  config.conceal             = true;
  config.lookahead           = ahead ? 0.1 : 0.0;
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

// What became of gaps of one length
typedef struct {
  double silence; // Bands off the truth, dB, before
  double bands;   // ... and after
  double snr;     // Mean, dB
} result;

static result
conceal(const df_instrument* const instrument,
        const int                  n,
        const int                  length,
        const bool                 ahead)
{
  int       gaps[GAPS];
  const int count = cut(n, length, gaps);
  result    r     = {apart(x, gaps, count, length), 0.0, 0.0};
  render(instrument, ahead, n);
  r.bands = apart(y, gaps, count, length);
  for (int k = 0; k < count; ++k) {
    r.snr += score_snr(truth + gaps[k], y + gaps[k], length) / count;
  }
  CHECK(!memcmp(x, y, (size_t)gaps[0] * sizeof(float)));
  return r;
}

static const int lengths[] = {10, 20, 50, 100}; // ms

// Conceal gaps of lengths[i] with the left side known, then, up to 50 ms, with
// both: that is nearer to the truth by far
static result
compare(const df_instrument* const instrument,
        const char* const          name,
        const int                  n,
        const int                  i,
        const double* const        both)
{
  const int    length = lengths[i] * RATE / 1000;
  const result left   = conceal(instrument, n, length, false);
  if (i == 3) {
    (void)printf(
      "%-12s %3d ms: bands %5.2f dB off, SNR %5.2f (silence %5.2f)\n",
      name,
      lengths[i],
      left.bands,
      left.snr,
      left.silence);
    return left;
  }
  const result right = conceal(instrument, n, length, true);
  (void)printf("%-12s %3d ms: bands %5.2f dB off, SNR %5.2f; from both sides "
               "%5.2f, %5.2f (silence %5.2f)\n",
               name,
               lengths[i],
               left.bands,
               left.snr,
               right.bands,
               right.snr,
               left.silence);
  CHECK(right.snr > both[i] && right.snr > left.snr + 2.0);
  CHECK(right.bands < left.bands);
  return left;
}

// Gaps of all lengths: what is heard is nearer to the truth than silence.  Of
// 10 ms of a drum nothing can be known from its left, so there it need only not
// be further.
static void
judge(const df_instrument* const instrument,
      const char* const          name,
      const int                  n,
      const double               least,
      const double* const        both)
{
  for (int i = 0; i < 4; ++i) {
    const result left = compare(instrument, name, n, i, both);
    CHECK(left.bands < (lengths[i] > 10 ? 0.95 : 1.1) * left.silence);
    CHECK(lengths[i] > 20 || left.snr > least);
  }
}

/// Gaps in sound made here are filled, up to 20 ms nearly as if there were
/// none, and what is whole passes bit for bit.
static void
test_made(void)
{
  df_instrument* const instrument = rig_instrument();
  const int            n          = 13 * RATE / 2;
  memset(truth, 0, sizeof(truth));
  rig_chords(truth, n);
  judge(instrument, "chords", n, 9.0, (double[]){40.0, 35.0, 20.0});
  memcpy(x, truth, sizeof(x));
  render(instrument, false, n);
  CHECK(!memcmp(x, y, (size_t)n * sizeof(float)));
  df_instrument_free(instrument);
}

// dB from both sides
static const double piano[] = {25.0, 22.0, 17.2};
static const double drum[]  = {2.0, 1.5, 0.0};

/// So are those of recorded sound; a piano's from both sides better than
/// by autoregression from both sides with a cross-fade, which 24 gaps of other
/// chorales gave 23.1, 18.5 and 17.2 dB.
static void
judge_recorded(const df_instrument* const instrument,
               const char* const          name,
               const int                  n)
{
  const bool is_piano = !strncmp(name, "chorale", 7);
  judge(instrument, name, n, -3.0, is_piano ? piano : drum);
}

/// And those of the corpora, from both sides.
static void
judge_corpus(const df_instrument* const instrument,
             const char* const          name,
             const int                  n)
{
  for (int i = 0; i < 3; ++i) {
    (void)compare(
      instrument, name, n, i, strncmp(name, "jsb", 3) ? drum : piano);
  }
}

static void
test_corpora(const char* const model, const char* const data)
{
  static const char* const names[] = {
    "chorale-piano/test/jsb_test020.flac",
    "drum-patterns/test/rock_hip_92bpm.flac",
    "drum-patterns/test/tek_four_126bpm.flac"};
  for (int i = 0; i < 3; ++i) {
    char  path[4096];
    char* paths[1] = {path};
    (void)snprintf(path, sizeof(path), "%s/audio/%s", data, names[i]);
    rig_recorded(model, 1, paths, truth, MOST, judge_corpus);
  }
}

int
main(const int argc, char** const argv)
{
  test_made();
  if (argc > 1) {
    rig_recorded(argv[1], argc - 2, argv + 2, truth, MOST, judge_recorded);
    const char* const data = getenv("DFORCE_DATA");
    if (data) {
      test_corpora(argv[1], data);
    }
  }
  return 0;
}
