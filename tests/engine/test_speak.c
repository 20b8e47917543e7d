#include "core/engine/speak.h"

#include "core/audio/stft.h"
#include "tests/audio/score.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

enum { RATE = 44100, N = RATE };

static float x[N];
static float y[N];

typedef struct {
  df_arena    arena;
  df_codec*   codec;
  df_speaker* speaker;
  df_stft*    stft;
  int         window;
  int         hop;
} setup;

static setup
make(const int window, const int hop)
{
  const df_codec_config config = {RATE, window, hop, 1, 4};
  setup s = {{NULL, 0U, 0U, false}, NULL, NULL, NULL, window, hop};
  for (int pass = 0; pass < 2; ++pass) {
    df_codec measure = {
      .config = config, .bins = window / 2 + 1, .floor = -11.5f};
    CHECK(df_codec_make(&s.arena, &config, &s.codec, NULL) == DF_OK);
    CHECK(df_speaker_make(&s.arena, pass ? s.codec : &measure, &s.speaker) ==
          DF_OK);
    CHECK(df_stft_make(&s.arena, window, hop, &s.stft) == DF_OK);
    CHECK(pass || df_arena_allocate(&s.arena) == DF_OK);
  }
  return s;
}

static void
unmake(setup* const s)
{
  df_speaker_free(s->speaker);
  df_stft_free(s->stft);
  df_arena_free(&s->arena);
}

static void
speak_real(const setup* const s)
{
  const int64_t from = df_speaker_next(s->speaker) * s->hop - s->window / 2;
  float         window[4096];
  for (int i = 0; i < s->window; ++i) {
    const int64_t t = from + i;
    window[i]       = t >= 0 && t < N ? x[t] : 0.0f;
  }
  df_speaker_real(s->speaker, window);
}

static void
speak_model(const setup* const s, const int ahead)
{
  static float  y4[(1 + DF_SPEAKER_AHEAD) * 2049];
  const int64_t g = df_speaker_next(s->speaker);
  df_stft_log_frames(s->stft, x, N, g * s->hop, 1 + ahead, s->codec->floor, y4);
  df_speaker_model(s->speaker, y4, ahead, 1U);
}

// Read all that is finished after `from`
static int64_t
read_on(const setup* const s, const int64_t from)
{
  const int64_t ready = df_speaker_ready(s->speaker);
  if (ready > from) {
    df_speaker_read(s->speaker, from, (int)(ready - from), y + from);
  }
  return ready > from ? ready : from;
}

/// Real frames come back exactly, from where it began, wherever that is.
static void
test_real(void)
{
  const int shapes[3][2] = {{1024, 256}, {2048, 512}, {1024, 512}};
  for (int i = 0; i < N; ++i) {
    x[i] = (float)(0.3 * sin(0.05 * i) + 0.1 * sin(0.001 * i * i));
  }
  for (int k = 0; k < 3; ++k) {
    setup s = make(shapes[k][0], shapes[k][1]);
    for (int64_t begin = 0; begin < 5000; begin += 777) {
      int64_t at = begin;
      df_speaker_begin(s.speaker, begin);
      while (at < N - s.window) {
        speak_real(&s);
        at = read_on(&s, at);
      }
      for (int64_t t = begin; t < at; ++t) {
        CHECK_NEAR(y[t], x[t], 1e-5);
      }
    }
    unmake(&s);
  }
}

/// A steady sound spoken from its own magnitudes goes on in phase.
static void
test_continues(void)
{
  const int aheads[3] = {0, 1, DF_SPEAKER_AHEAD};
  for (int i = 0; i < N; ++i) {
    x[i] = (float)(0.3 * sin(0.0717 * i) + 0.2 * sin(0.1931 * i + 1.0));
  }
  for (int k = 0; k < 3; ++k) {
    setup   s    = make(1024, 256);
    int64_t at   = 4000;
    int64_t edge = 0;
    df_speaker_begin(s.speaker, at);
    for (int f = 0; f < 60; ++f) {
      if (f < 20) {
        speak_real(&s);
        edge = df_speaker_ready(s.speaker);
      } else {
        speak_model(&s, aheads[k]);
      }
      at = read_on(&s, at);
    }
    // The phases drift: 25 dB in the first 20 ms, still some after 200
    CHECK(score_snr(x + edge, y + edge, 882) > 25.0);
    CHECK(score_snr(x + edge, y + edge, (int)(at - edge)) > 8.0);
    unmake(&s);
  }
}

/// Model frames are finite whatever the magnitudes, also at the longest hop
/// and the most frames ahead, and the estimates after them too.
static void
test_finite(void)
{
  static float bad[(1 + DF_SPEAKER_AHEAD) * 1025];
  setup        s = make(1024, 512);
  for (int i = 0; i < (1 + DF_SPEAKER_AHEAD) * 513; ++i) {
    bad[i] = i % 7 == 0 ? NAN : i % 11 == 0 ? 1e9f : -2.0f;
  }
  df_speaker_begin(s.speaker, -300);
  for (int f = 0; f < 200; ++f) {
    df_speaker_model(s.speaker, bad, f % (1 + DF_SPEAKER_AHEAD), 1U);
    const int64_t ready = df_speaker_ready(s.speaker);
    df_speaker_read(s.speaker, ready - 4 * s.window, 5 * s.window, y);
    for (int i = 0; i < 5 * s.window; ++i) {
      CHECK(isfinite(y[i]));
    }
  }
  unmake(&s);
}

/// Frames shaped to their own magnitudes come back nearly exactly, to others in
/// their measure; silence cannot be shaped.
static void
test_shape(void)
{
  setup   s   = make(1024, 256);
  int64_t end = 0;
  float   logmag[513];
  for (int i = 0; i < N; ++i) {
    x[i] = (float)(0.3 * sin(0.05 * i) + 0.1 * sin(0.001 * i * i));
  }
  memset(x + N / 2, 0, sizeof(x) / 2U);
  df_speaker_begin(s.speaker, 0);
  while (end < N - 2048) {
    const int64_t g    = df_speaker_next(s.speaker);
    const int64_t from = g * s.hop - s.window / 2;
    if (from < 0) {
      speak_real(&s);
    } else {
      df_stft_log_frames(s.stft, x, N, g * s.hop, 1, s.codec->floor, logmag);
      for (int k = 0; k < 513; ++k) {
        logmag[k] += logmag[k] > s.codec->floor ? logf(2.0f) : 0.0f;
      }
      df_speaker_shape(s.speaker, x + from, logmag);
    }
    end = read_on(&s, end);
  }
  for (int i = 2048; i < N / 2 - 2048; ++i) {
    CHECK_NEAR(y[i], 2.0f * x[i], 2e-3); // what lay below the floor
  }
  for (int i = N / 2 + 2048; i < N - 4096; ++i) {
    CHECK(y[i] == 0.0f);
  }
  unmake(&s);
}

int
main(void)
{
  test_real();
  test_continues();
  test_finite();
  test_shape();
  return 0;
}
