#ifndef DF_TESTS_STREAM_SCENE_H
#define DF_TESTS_STREAM_SCENE_H

#include "core/stream/stream.h"

#include "core/base/rng.h"
#include "core/diffusion/plan.h"
#include "tests/check.h"
#include "tests/stream/mock.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { K = 64 };

typedef struct {
  df_arena           arena;
  df_predictor       predictor;
  df_stream*         stream;
  df_stream_settings settings;
  int                finished; // calls of finish
  float              add;      // what finish adds
} scene;

static inline void
finish(void* const self, float* const x0)
{
  scene* const s = (scene*)self;
  ++s->finished;
  x0[0] += s->add;
}

/// A stream over the mock, horizon H, slope, steps; C numbers a token.
static inline void
begin(scene* const s,
      const int    C,
      const int    H,
      const float  slope,
      const int    steps)
{
  *s       = (scene){.finished = 0};
  s->arena = (df_arena){NULL, 0U, (size_t)24U << 20U, false};
  CHECK(df_arena_allocate(&s->arena) == DF_OK);
  s->predictor = mock_predictor(&s->arena, C, H, 0.9);
  CHECK(df_stream_make(&s->arena, &s->predictor, finish, s, &s->stream) ==
        DF_OK);
  s->settings         = df_stream_settings_default(&s->predictor.config);
  s->settings.horizon = H;
  s->settings.slope   = slope;
  s->settings.steps   = steps;
  s->settings.seed    = 5U;
  df_stream_set(s->stream, &s->settings);
  mock_forget();
}

static inline void
end(scene* const s)
{
  df_arena_free(&s->arena);
}

static inline void
token(const int i, const int C, float* const x)
{
  df_rng rng = df_rng_make(1U, 2U, (uint64_t)i);
  df_rng_normal(&rng, x, (size_t)C);
}

static inline void
feed(scene* const s, const int from, const int to)
{
  for (int i = from; i < to; ++i) {
    float x[64];
    token(i, s->predictor.config.token, x);
    df_stream_push(s->stream, x);
  }
}

/// Advance n times into out[n,C].
static inline void
pull(scene* const s, const int n, float* const out)
{
  const int C = s->predictor.config.token;
  for (int i = 0; i < n; ++i) {
    df_stream_advance(s->stream, out + (ptrdiff_t)i * C);
  }
}

#endif // DF_TESTS_STREAM_SCENE_H
