#include "core/engine/listen.h"

#include "core/audio/bands.h"
#include "core/audio/stft.h"
#include "tests/check.h"
#include "tests/engine/rig.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 64, REACH = 40, N = 4 * RIG_RATE };

static float x[N];

typedef struct {
  df_arena        arena;
  df_listener*    listener;
  const df_codec* codec;
  int             hop;
  int             half;
  int             F;
} setup;

static setup
make(const df_instrument* const instrument)
{
  setup s = {
    {NULL, 0U, 0U, false}, NULL, df_instrument_codec(instrument), 0, 0, 0};
  s.hop  = s.codec->config.hop;
  s.half = s.codec->config.window / 2;
  s.F    = s.codec->config.frames;
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_listener_make(&s.arena, s.codec, LEVELS, REACH, &s.listener) ==
          DF_OK);
    CHECK(pass || df_arena_allocate(&s.arena) == DF_OK);
  }
  return s;
}

static void
unmake(setup* const s)
{
  df_listener_free(s->listener);
  df_arena_free(&s->arena);
}

// Take samples up to `to` of x, a hop at a time
static void
take(const setup* const s, const int64_t to, const float noise)
{
  for (int64_t at = df_listener_end(s->listener); at < to;
       at         = df_listener_end(s->listener)) {
    const int n = to - at < s->hop ? (int)(to - at) : s->hop;
    df_listener_take(s->listener, x + at, n, noise);
  }
}

static df_heard
frame(const setup* const s, const int64_t g, int* const level)
{
  const float* y = NULL;
  return df_listener_frame(s->listener, g, &y, level);
}

static df_heard
token(const setup* const s, const int64_t n)
{
  const float* value = NULL;
  int          level = 0;
  return df_listener_token(s->listener, n, &value, &level);
}

// Mean square difference of the log-magnitudes of frame g from the truth's
static double
error(const setup* const s, const int64_t g)
{
  const int    bins  = s->codec->bins;
  const float* y     = NULL;
  int          level = 0;
  float* const want  = (float*)malloc((size_t)bins * sizeof(float));
  df_arena     arena = {NULL, 0U, 0U, false};
  df_stft*     stft  = NULL;
  CHECK(want);
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_stft_make(&arena, 2 * s->half, s->hop, &stft) == DF_OK);
    CHECK(pass || df_arena_allocate(&arena) == DF_OK);
  }
  df_stft_log_frames(stft, x, N, g * s->hop, 1, s->codec->floor, want);
  CHECK(df_listener_frame(s->listener, g, &y, &level) == DF_HEARD_KNOWN);
  double sum = 0.0;
  for (int k = 0; k < bins; ++k) {
    sum += (double)((y[k] - want[k]) * (y[k] - want[k]));
  }
  df_stft_free(stft);
  df_arena_free(&arena);
  free(want);
  return sum / bins;
}

/// A frame is known exactly when its last sample is there, a token when its
/// last frame is; both are what the transform and the codec make of the sound.
static void
test_known(const df_instrument* const instrument)
{
  setup s     = make(instrument);
  int   level = -1;
  rig_chords(x, N);
  const int64_t g = 37;
  take(&s, g * s.hop + s.half - 1, 0.0f);
  CHECK(frame(&s, g, &level) == DF_HEARD_PENDING);
  CHECK(frame(&s, g - 1, &level) == DF_HEARD_KNOWN);
  take(&s, g * s.hop + s.half, 0.0f);
  CHECK(frame(&s, g, &level) == DF_HEARD_KNOWN && level == 0);
  CHECK(error(&s, g) == 0.0);
  CHECK(error(&s, 0) == 0.0); // its window begins before the sound
  CHECK(token(&s, g / s.F) == DF_HEARD_KNOWN);
  CHECK(token(&s, g / s.F + 1) == DF_HEARD_PENDING);

  const float* value = NULL;
  const float* y     = NULL;
  const size_t bins  = (size_t)s.codec->bins;
  float* const work  = (float*)malloc(2U * bins * sizeof(float));
  float* const want =
    (float*)malloc((size_t)s.codec->config.dims * sizeof(float));
  float bands[DF_BANDS];
  CHECK(work && want && s.F == 2);
  CHECK(df_listener_token(s.listener, 10, &value, &level) == DF_HEARD_KNOWN);
  for (int f = 0; f < 2; ++f) {
    CHECK(df_listener_frame(s.listener, 20 + f, &y, &level) == DF_HEARD_KNOWN);
    memcpy(work + (size_t)f * bins, y, bins * sizeof(float));
  }
  df_bands_pool(RIG_RATE, 2 * s.half, 2, work, bands);
  df_codec_encode(s.codec, work, want, work);
  CHECK(!memcmp(value, want, (size_t)s.codec->config.dims * sizeof(float)));
  CHECK(!memcmp(df_listener_bands(s.listener, 10), bands, sizeof(bands)));
  free(work);
  free(want);
  unmake(&s);
}

/// A frame has the level declared where its centre is; a token the highest of
/// its frames.
static void
test_levels(const df_instrument* const instrument)
{
  setup s     = make(instrument);
  int   level = -1;
  for (int i = 0; i < 40; ++i) {
    df_listener_take(s.listener, x + i * s.hop, s.hop, (float)(i % 5) / 10.0f);
  }
  for (int g = 0; g < 30; ++g) {
    CHECK(frame(&s, g, &level) == DF_HEARD_KNOWN);
    CHECK(level == (int)lround(6.4 * (g % 5)));
  }
  for (int n = 0; n < 15; ++n) {
    const float* value = NULL;
    CHECK(df_listener_token(s.listener, n, &value, &level) == DF_HEARD_KNOWN);
    const int a = 2 * n % 5;
    const int b = (2 * n + 1) % 5;
    CHECK(level == (int)lround(6.4 * (a > b ? a : b)));
  }
  unmake(&s);
}

/// When a tonal sound is lost its last whole token is known at once, close to
/// the truth and trusted like what was before, whatever the samples after the
/// loss; from there on nothing is.
static void
test_loss_of_tone(const df_instrument* const instrument)
{
  setup s             = make(instrument);
  int   level         = -1;
  float rubbish[1024] = {0.0f};
  rubbish[3]          = 0.9f;
  for (int i = 0; i < N; ++i) {
    x[i] = (float)(0.2 * sin(0.07 * i) + 0.1 * sin(0.19 * i + 1.0));
  }
  for (int off = 0; off < 2 * s.hop; off += 50) {
    df_listener_reset(s.listener);
    const int64_t t0 = 100 * s.hop + off;
    take(&s, t0, 0.0f);
    df_listener_lose(s.listener);
    CHECK(df_listener_lost(s.listener));
    const int64_t n = t0 / (2 * s.hop); // the token in which it was lost
    CHECK(token(&s, n) == DF_HEARD_KNOWN);
    for (int64_t g = 2 * n + 2 - REACH; g < 2 * n + 2; ++g) {
      CHECK(frame(&s, g, &level) == DF_HEARD_KNOWN && level == 0);
    }
    // Far below the tones the floor is noise either way: nats squared
    CHECK(error(&s, 2 * n + 1) < 4.0);
    for (int i = 0; i < 20; ++i) {
      df_listener_take(s.listener, rubbish, s.hop, 1.0f);
    }
    CHECK(error(&s, 2 * n + 1) < 4.0);
    CHECK(token(&s, n + 1) == DF_HEARD_UNKNOWN);
    CHECK(frame(&s, t0 / s.hop + 8, &level) == DF_HEARD_UNKNOWN);
  }
  unmake(&s);
}

/// Noise cannot be continued: only frames that the loss hardly touches count.
static void
test_loss_of_noise(const df_instrument* const instrument)
{
  setup    s     = make(instrument);
  uint32_t state = 1U;
  int      level = 0;
  for (int i = 0; i < N; ++i) {
    state = 1664525U * state + 1013904223U;
    x[i]  = (float)(0.2 * ((double)state / 4294967296.0 - 0.5));
  }
  const int64_t t0 = 100 * s.hop + 11;
  take(&s, t0, 0.0f);
  df_listener_lose(s.listener);
  take(&s, 110 * s.hop, 1.0f);
  const int64_t last = (t0 + s.half / 4 - s.half) / s.hop;
  CHECK(frame(&s, last, &level) == DF_HEARD_KNOWN && level == 0);
  CHECK(frame(&s, last + 1, &level) == DF_HEARD_UNKNOWN);
  unmake(&s);
}

/// After the return frames are known again once their windows hold nothing but
/// what was heard, and exactly.
static void
test_return(const df_instrument* const instrument)
{
  setup s     = make(instrument);
  int   level = 0;
  rig_chords(x, N);
  const int64_t t0 = 90 * s.hop + 5;
  const int64_t t1 = 120 * s.hop + 100;
  take(&s, t0, 0.0f);
  df_listener_lose(s.listener);
  take(&s, t1, 1.0f);
  df_listener_find(s.listener);
  CHECK(!df_listener_lost(s.listener));
  take(&s, 160 * s.hop, 0.0f);
  const int64_t first = (t1 + s.half - s.half / 4 + s.hop - 1) / s.hop;
  CHECK(frame(&s, first - 1, &level) == DF_HEARD_UNKNOWN);
  CHECK(frame(&s, first, &level) == DF_HEARD_KNOWN && level == 0);
  for (int64_t g = first + 1; g < 155; ++g) {
    CHECK(error(&s, g) == 0.0);
  }
  // What was heard reads back, within reach
  float back[64];
  df_listener_read(s.listener, t1 + 3, 64, back);
  CHECK(!memcmp(back, x + t1 + 3, sizeof(back)));
  df_listener_read(s.listener, 160 * s.hop, 64, back);
  CHECK(back[0] == 0.0f && back[63] == 0.0f);
  unmake(&s);
}

/// Losses may follow each other closely, or begin with the sound itself.
static void
test_losses(const df_instrument* const instrument)
{
  setup s     = make(instrument);
  int   level = 0;
  df_listener_lose(s.listener);
  df_listener_lose(s.listener); // is lost already
  for (int i = 0; i < 200; ++i) {
    df_listener_take(s.listener, x + 300 * i, 100, 1.0f);
    df_listener_find(s.listener);
    df_listener_take(s.listener, x + 300 * i + 100, 200, 0.0f);
    df_listener_lose(s.listener);
  }
  for (int64_t g = 0; frame(&s, g, &level) != DF_HEARD_PENDING; ++g) {
    const float* y = NULL;
    if (df_listener_frame(s.listener, g, &y, &level) == DF_HEARD_KNOWN) {
      for (int k = 0; k < s.codec->bins; ++k) {
        CHECK(fabsf(y[k]) < 50.0f); // finite too
      }
    }
  }
  unmake(&s);
}

int
main(void)
{
  df_instrument* const instrument = rig_instrument();
  rig_chords(x, N);
  test_known(instrument);
  test_levels(instrument);
  test_loss_of_tone(instrument);
  test_loss_of_noise(instrument);
  test_return(instrument);
  test_losses(instrument);
  df_instrument_free(instrument);
  return 0;
}
