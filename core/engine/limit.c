#include "core/engine/limit.h"

#include "core/audio/bands.h"

#include <math.h>

// Nats by which a token is raised at once: silence is not to become noise
#define MOST_LIFT 0.7f

struct df_limit {
  const df_codec* codec;
  const float*    loudest;
  float           softest;
  float           room;                // Nats
  float*          y;                   // [F, bins]
  int             edges[DF_BANDS + 1]; // First bin of each band
  float           full[DF_BANDS];      // All together a sine of full scale
};

df_status
df_limit_make(df_arena* const       arena,
              const df_codec* const codec,
              df_limit** const      out)
{
  const size_t    row  = (size_t)codec->config.frames * (size_t)codec->bins;
  df_limit* const self = DF_TAKE(arena, 1U, df_limit);
  float* const    y    = DF_TAKE(arena, row, float);
  if (!self || !y) {
    return df_arena_status(arena);
  }
  self->codec = codec;
  self->y     = y;
  df_bands_edges(codec->config.rate, codec->config.window, self->edges);
  for (int b = 0; b < DF_BANDS; ++b) { // a sine is 3/2 bins wide in power
    const int width = self->edges[b + 1] - self->edges[b];
    self->full[b]   = 0.5f * logf(1.5f / (float)(width * DF_BANDS));
  }
  df_limit_set(self, NULL, -INFINITY, 0.0f);
  *out = self;
  return DF_OK;
}

void
df_limit_set(df_limit* const    self,
             const float* const loudest,
             const float        softest,
             const float        room)
{
  self->loudest = loudest ? loudest : self->full;
  self->softest = softest;
  self->room    = loudest ? DF_LIMIT_HEADROOM + room : 0.0f;
}

// Raise a token of this level that is too soft, a step at a time
static bool
lift(const df_limit* const self, const float level, float* const y)
{
  const float under = self->softest - self->room - level;
  if (!(under > 0.0f)) {
    return false;
  }
  const size_t row =
    (size_t)self->codec->config.frames * (size_t)self->codec->bins;
  const float by = fminf(under, MOST_LIFT);
  for (size_t i = 0; i < row; ++i) {
    y[i] += by;
  }
  return true;
}

bool
df_limit_frames(const df_limit* const self, float* const y)
{
  const df_codec* const codec = self->codec;
  float                 bands[DF_BANDS];
  bool                  changed = false;
  df_bands_pool(
    codec->config.rate, codec->config.window, codec->config.frames, y, bands);
  for (int b = 0; b < DF_BANDS; ++b) {
    const float over = bands[b] - self->loudest[b] - self->room;
    if (over <= 0.0f) {
      continue;
    }
    changed = true;
    bands[b] -= over;
    const int end = b + 1 < DF_BANDS ? self->edges[b + 1] : codec->bins;
    for (int f = 0; f < codec->config.frames; ++f) {
      float* const row = y + (size_t)f * (size_t)codec->bins;
      for (int k = b ? self->edges[b] : 0; k < end; ++k) {
        row[k] -= over;
      }
    }
  }
  return lift(self, df_bands_level(bands), y) || changed;
}

void
df_limit_apply(void* const limit, float* const token)
{
  df_limit* const self = (df_limit*)limit;
  df_codec_decode(self->codec, token, self->y);
  if (df_limit_frames(self, self->y)) {
    df_codec_encode(self->codec, self->y, token, self->y);
  }
}
