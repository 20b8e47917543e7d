#include "core/engine/memory.h"

#include "core/audio/bands.h"
#include "core/base/rng.h"
#include "tests/check.h"
#include "tests/engine/rig.h"

#include <stdlib.h>
#include <string.h>

enum { C = 4, RATE = 43, PERIOD = 40 };

static const df_codec* codec;
static float*          y; // One token's frames

typedef struct {
  df_arena   arena;
  df_memory* memory;
} setup;

static setup
make(void)
{
  setup s = {{NULL, 0U, 0U, false}, NULL};
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_memory_make(&s.arena, C, RATE, &s.memory) == DF_OK);
    CHECK(pass || df_arena_allocate(&s.arena) == DF_OK);
  }
  return s;
}

// A groove: bands that repeat; tokens that tell their number
static void
hear(df_memory* const memory, const int64_t n)
{
  df_rng rng = df_rng_make(1U, 1U, (uint64_t)(n % PERIOD));
  float  bands[DF_BANDS];
  float  token[C] = {(float)n, 0.0f, 0.0f, 0.0f};
  for (int b = 0; b < DF_BANDS; ++b) {
    bands[b] = (float)(4.0 * df_rng_uniform(&rng) - 6.0);
  }
  df_memory_hear(memory, n, token, bands);
}

static void
keep(df_memory* const memory, const int64_t n)
{
  const float token[C] = {-1.0f, 0.0f, 0.0f, 0.0f};
  float       bands[DF_BANDS];
  df_bands_pool(
    codec->config.rate, codec->config.window, codec->config.frames, y, bands);
  df_memory_keep(memory, n, token, bands, false);
}

/// Nothing is recalled, nor known to be loud, before anything was heard.
static void
test_empty(void)
{
  setup s          = make();
  float confidence = 0.0f;
  df_memory_look_back(s.memory, 0);
  CHECK(!df_memory_recall(s.memory, 0, &confidence));
  CHECK(!df_memory_loudest(s.memory));
  CHECK(df_memory_softest(s.memory) == -INFINITY);
  keep(s.memory, 0);
  df_memory_look_back(s.memory, 1);
  CHECK(!df_memory_recall(s.memory, 1, &confidence));
  CHECK(!df_memory_loudest(s.memory));
  df_arena_free(&s.arena);
}

/// A groove is recalled one period back; the loudest of each band is the
/// loudest heard.
static void
test_groove(void)
{
  setup s          = make();
  float confidence = 0.0f;
  for (int64_t n = 0; n < 300; ++n) {
    hear(s.memory, n);
  }
  df_memory_look_back(s.memory, 300);
  for (int64_t n = 300; n < 300 + PERIOD; ++n) {
    const float* const token = df_memory_recall(s.memory, n, &confidence);
    CHECK(token && token[0] == (float)(n - PERIOD));
    CHECK(confidence > 0.95f);
  }
  const float* const loudest = df_memory_loudest(s.memory);
  CHECK(loudest);
  for (int b = 0; b < DF_BANDS; ++b) {
    CHECK(loudest[b] > -3.5f && loudest[b] <= -2.0f);
  }
  const float softest = df_memory_softest(s.memory);
  CHECK(isfinite(softest) && softest < df_bands_level(loudest));
  df_arena_free(&s.arena);
}

/// However long it goes on by itself, only what was heard is recalled, at the
/// right place of the groove.
static void
test_only_heard(void)
{
  setup s          = make();
  float confidence = 0.0f;
  for (int64_t n = 0; n < 1000; ++n) {
    hear(s.memory, n);
  }
  for (int64_t n = 1000; n < 5000; ++n) {
    df_memory_look_back(s.memory, n);
    const float* const token = df_memory_recall(s.memory, n, &confidence);
    CHECK(token && token[0] >= 1000.0f - PERIOD && token[0] < 1000.0f);
    CHECK((n - (int64_t)token[0]) % PERIOD == 0);
    keep(s.memory, n);
  }
  df_arena_free(&s.arena);
}

/// What is heard in place of dropped tokens replaces them; after tokens that
/// were passed over the past begins anew.
static void
test_drop(void)
{
  setup s          = make();
  float confidence = 0.0f;
  for (int64_t n = 0; n < 200; ++n) {
    hear(s.memory, n);
  }
  df_memory_look_back(s.memory, 200);
  for (int64_t n = 200; n < 260; ++n) {
    keep(s.memory, n);
  }
  for (int64_t n = 230; n < 400; ++n) {
    hear(s.memory, n);
  }
  df_memory_look_back(s.memory, 400);
  const float* token = df_memory_recall(s.memory, 400, &confidence);
  CHECK(token && token[0] == 400.0f - PERIOD);
  token = df_memory_recall(s.memory, 205 + PERIOD, &confidence);
  CHECK(token && token[0] == 205.0f - PERIOD); // 205 was planned

  hear(s.memory, 600);
  df_memory_look_back(s.memory, 601);
  CHECK(!df_memory_recall(s.memory, 601, &confidence));
  df_memory_reset(s.memory);
  CHECK(!df_memory_loudest(s.memory));
  df_arena_free(&s.arena);
}

int
main(void)
{
  df_instrument* const instrument = rig_instrument();
  codec                           = df_instrument_codec(instrument);
  const size_t row = (size_t)codec->config.frames * (size_t)codec->bins;
  y                = (float*)calloc(row, sizeof(float));
  CHECK(y);
  test_empty();
  test_groove();
  test_only_heard();
  test_drop();
  free(y);
  df_instrument_free(instrument);
  return 0;
}
