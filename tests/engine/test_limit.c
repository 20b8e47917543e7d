#include "core/engine/limit.h"

#include "core/audio/bands.h"
#include "tests/check.h"
#include "tests/engine/rig.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  df_arena        arena;
  df_limit*       limit;
  const df_codec* codec;
  size_t          row; // Numbers in one token's frames
  float*          y;
  float*          kept;
  float*          token;
} setup;

static setup
make(const df_instrument* const instrument)
{
  setup s = {{NULL, 0U, 0U, false},
             NULL,
             df_instrument_codec(instrument),
             0U,
             NULL,
             NULL,
             NULL};
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_limit_make(&s.arena, s.codec, &s.limit) == DF_OK);
    CHECK(pass || df_arena_allocate(&s.arena) == DF_OK);
  }
  s.row   = (size_t)s.codec->config.frames * (size_t)s.codec->bins;
  s.y     = (float*)malloc(s.row * sizeof(float));
  s.kept  = (float*)malloc(s.row * sizeof(float));
  s.token = (float*)calloc((size_t)s.codec->config.dims, sizeof(float));
  CHECK(s.y && s.kept && s.token);
  return s;
}

static void
unmake(setup* const s)
{
  free(s->y);
  free(s->kept);
  free(s->token);
  df_arena_free(&s->arena);
}

static void
pool(const setup* const s, const float* const y, float* const bands)
{
  df_bands_pool(s->codec->config.rate,
                s->codec->config.window,
                s->codec->config.frames,
                y,
                bands);
}

/// Within the limit, and far below any, nothing changes.
static void
test_within(const df_instrument* const instrument)
{
  setup s = make(instrument);
  float bands[DF_BANDS];
  df_codec_decode(s.codec, s.token, s.y);
  memcpy(s.kept, s.y, s.row * sizeof(float));
  CHECK(!df_limit_frames(s.limit, s.y));
  df_limit_apply(s.limit, s.token);
  pool(&s, s.y, bands);
  df_limit_set(s.limit, bands, -INFINITY, 0.0f);
  CHECK(!df_limit_frames(s.limit, s.y));
  df_limit_apply(s.limit, s.token);
  for (int i = 0; i < s.codec->config.dims; ++i) {
    CHECK(s.token[i] == 0.0f);
  }
  CHECK(!memcmp(s.kept, s.y, s.row * sizeof(float)));
  df_limit_set(s.limit, NULL, -INFINITY, 0.0f);
  unmake(&s);
}

/// A band that is too loud is brought to the headroom above the loudest heard,
/// the others stay as they are.
static void
test_too_loud(const df_instrument* const instrument)
{
  setup s = make(instrument);
  float bands[DF_BANDS];
  float after[DF_BANDS];
  df_codec_decode(s.codec, s.token, s.y);
  pool(&s, s.y, bands);
  bands[5] -= 3.0f;
  df_limit_set(s.limit, bands, -INFINITY, 0.0f);
  CHECK(df_limit_frames(s.limit, s.y));
  pool(&s, s.y, after);
  CHECK_NEAR(after[5], bands[5] + DF_LIMIT_HEADROOM, 1e-4);
  for (int b = 0; b < DF_BANDS; ++b) {
    CHECK(b == 5 || after[b] <= bands[b] + DF_LIMIT_HEADROOM + 1e-4f);
  }
  CHECK(!df_limit_frames(s.limit, s.y) || after[5] > bands[5]);
  unmake(&s);
}

/// Before anything was heard the loudest token has the power of a sine of full
/// scale, 3/2 bins, and one softer stays.
static void
test_nothing_heard(const df_instrument* const instrument)
{
  setup s = make(instrument);
  for (int set = 0; set < 2; ++set) {
    df_codec_decode(s.codec, s.token, s.y);
    CHECK(!df_limit_frames(s.limit, s.y));
    for (size_t i = 0U; i < s.row; ++i) {
      s.y[i] += 12.0f;
    }
    CHECK(df_limit_frames(s.limit, s.y));
    double power = 0.0;
    for (size_t i = 0U; i < s.row; ++i) {
      power += exp(2.0 * (double)s.y[i]) / s.codec->config.frames;
    }
    CHECK(power > 0.5 && power < 1.6);
    df_limit_set(s.limit, NULL, -INFINITY, 3.0f); // no room above nothing
  }
  unmake(&s);
}

/// A token too loud comes out softer: near the limit where there is any sound,
/// as near as the codec can say it.
static void
test_token(const df_instrument* const instrument)
{
  setup s = make(instrument);
  float bands[DF_BANDS];
  float before[DF_BANDS];
  float after[DF_BANDS];
  df_codec_decode(s.codec, s.token, s.y);
  pool(&s, s.y, bands);
  for (int b = 0; b < DF_BANDS; ++b) {
    bands[b] -= 2.0f;
  }
  df_limit_set(s.limit, bands, -INFINITY, 0.0f);
  s.token[0] = 3.0f;
  df_codec_decode(s.codec, s.token, s.y);
  pool(&s, s.y, before);
  df_limit_apply(s.limit, s.token);
  df_codec_decode(s.codec, s.token, s.y);
  pool(&s, s.y, after);
  for (int b = 0; b < DF_BANDS; ++b) {
    const float most = bands[b] + DF_LIMIT_HEADROOM;
    CHECK(isfinite(after[b]));
    if (before[b] > most && most > s.codec->floor + 1.0f) {
      CHECK(after[b] < most + 1.5f);
      CHECK(after[b] < before[b] - 0.3f);
    }
  }
  unmake(&s);
}

/// A token softer than the softest heard is raised to the headroom below it,
/// step by step, all bins alike; one that is not too soft stays.
static void
test_too_soft(const df_instrument* const instrument)
{
  setup s = make(instrument);
  float bands[DF_BANDS];
  df_codec_decode(s.codec, s.token, s.y);
  pool(&s, s.y, bands);
  const float softest = df_bands_level(bands);
  df_limit_set(s.limit, bands, softest, 0.0f);
  CHECK(!df_limit_frames(s.limit, s.y));
  for (size_t i = 0; i < s.row; ++i) {
    s.y[i] -= 1.2f;
  }
  memcpy(s.kept, s.y, s.row * sizeof(float));
  CHECK(df_limit_frames(s.limit, s.y));
  const float step = s.y[0] - s.kept[0];
  CHECK(step > 0.3f && step < 1.0f);
  for (size_t i = 0; i < s.row; ++i) {
    CHECK_NEAR(s.y[i] - s.kept[i], step, 1e-4);
  }
  while (df_limit_frames(s.limit, s.y)) {
    pool(&s, s.y, bands);
    CHECK(df_bands_level(bands) < softest);
  }
  pool(&s, s.y, bands);
  CHECK_NEAR(df_bands_level(bands), softest - DF_LIMIT_HEADROOM, 1e-3);
  unmake(&s);
}

int
main(void)
{
  df_instrument* const instrument = rig_instrument();
  test_within(instrument);
  test_too_loud(instrument);
  test_nothing_heard(instrument);
  test_token(instrument);
  test_too_soft(instrument);
  df_instrument_free(instrument);
  return 0;
}
