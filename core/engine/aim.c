#include "core/engine/aim.h"

#include "core/audio/bands.h"
#include "core/tensor/kernels.h"

#include <math.h>
#include <stddef.h>

// Seconds over which what was heard is averaged
#define SPAN 2.0

// Deviations of the goals: 1 dB in nats, and a tenth of an octave
#define NATS_PER_DB 0.115129255f
#define LEVEL_DEVIATION NATS_PER_DB
#define BRIGHT_DEVIATION 0.1f

// Nats that an octave of brightness may raise a band: 6 dB
#define ROOM_PER_OCTAVE 0.69f

// Most that one pass wants to change: the gradients hold only so far
#define MOST_LEVEL 0.7f
#define MOST_BRIGHT 0.5f

struct df_aim {
  const df_codec*   codec;
  const df_kernels* kernels;
  float             level;  // Nats
  float             bright; // Octaves
  float             share;
  float             keep;   // Of the means, per token
  float             weight; // Of the means; 0: nothing was heard
  float             power;  // Mean of exp(2 L)
  float             amount; // Mean of exp(L), which weighs
  float             colour; // ... the mean of B
  int               edges[DF_BANDS + 1];
  float             octave[DF_BANDS]; // c
  float*            y;                // [F, bins]
  float*            slope[2];         // [F, bins] of L and B, then weighted
  float*            gradient[2];      // [C] H
};

df_status
df_aim_make(df_arena* const       arena,
            const df_codec* const codec,
            df_aim** const        out)
{
  const df_codec_config c    = codec->config;
  const size_t          row  = (size_t)c.frames * (size_t)codec->bins;
  df_aim* const         self = DF_TAKE(arena, 1U, df_aim);
  float* const          y    = DF_TAKE(arena, row, float);
  float*                slope[2];
  float*                gradient[2];
  for (int g = 0; g < 2; ++g) {
    slope[g]    = DF_TAKE(arena, row, float);
    gradient[g] = DF_TAKE(arena, (size_t)c.dims, float);
  }
  if (!self || !gradient[1]) {
    return df_arena_status(arena);
  }
  self->codec   = codec;
  self->kernels = df_kernels_best();
  self->y       = y;
  for (int g = 0; g < 2; ++g) {
    self->slope[g]    = slope[g];
    self->gradient[g] = gradient[g];
  }
  self->keep = (float)exp(-(double)(c.hop * c.frames) / (SPAN * c.rate));
  df_bands_edges(c.rate, c.window, self->edges);
  for (int b = 0; b < DF_BANDS; ++b) {
    const double middle = 0.5 * (self->edges[b] + self->edges[b + 1] - 1);
    self->octave[b]     = (float)log2(middle * c.rate / c.window);
  }
  df_aim_set(self, 0.0f, 0.0f, 0.0f);
  df_aim_reset(self);
  *out = self;
  return DF_OK;
}

void
df_aim_reset(df_aim* const self)
{
  self->weight = 0.0f;
  self->power  = 0.0f;
  self->amount = 0.0f;
  self->colour = 0.0f;
}

void
df_aim_set(df_aim* const self,
           const float   level,
           const float   bright,
           const float   share)
{
  self->level  = level * NATS_PER_DB;
  self->bright = bright;
  self->share  = share;
}

// B of pooled bands
static float
brightness(const df_aim* const self, const float* const bands)
{
  float sum  = 1e-30f;
  float mean = 0.0f;
  for (int b = 0; b < DF_BANDS; ++b) {
    const float e = expf(bands[b]);
    sum += e;
    mean += e * self->octave[b];
  }
  return mean / sum;
}

void
df_aim_hear(df_aim* const self, const float* const bands)
{
  const float level = df_bands_level(bands);
  const float fresh = 1.0f - self->keep;
  self->weight      = self->keep * self->weight + fresh;
  self->power       = self->keep * self->power + fresh * expf(2.0f * level);
  self->amount      = self->keep * self->amount + fresh * expf(level);
  self->colour =
    self->keep * self->colour + fresh * expf(level) * brightness(self, bands);
}

bool
df_aim_active(const df_aim* const self)
{
  return self->share > 0.0f && self->amount > 0.0f;
}

float
df_aim_room(const df_aim* const self)
{
  return df_aim_active(self)
           ? self->share *
               (fabsf(self->level) + ROOM_PER_OCTAVE * fabsf(self->bright))
           : 0.0f;
}

// Slopes of L and B by the log-magnitudes y, over the codec's weights
static void
find_slopes(df_aim* const      self,
            const float* const bands,
            const float        level,
            const float        bright)
{
  const int bins = self->codec->bins;
  const int F    = self->codec->config.frames;
  float     sum  = 1e-30f;
  for (int b = 0; b < DF_BANDS; ++b) {
    sum += expf(bands[b]);
  }
  for (int g = 0; g < 2; ++g) {
    for (size_t i = 0; i < (size_t)F * (size_t)bins; ++i) {
      self->slope[g][i] = 0.0f;
    }
  }
  for (int b = 0; b < DF_BANDS; ++b) {
    const int   width = F * (self->edges[b + 1] - self->edges[b]);
    const float loud  = expf(2.0f * (bands[b] - level)) / (float)width;
    const float part  = expf(bands[b]) / sum * (self->octave[b] - bright);
    for (int f = 0; f < F; ++f) {
      const size_t row = (size_t)f * (size_t)bins;
      for (int k = self->edges[b]; k < self->edges[b + 1]; ++k) {
        const size_t at    = row + (size_t)k;
        const float  in    = expf(2.0f * (self->y[at] - bands[b]));
        self->slope[0][at] = loud * in / self->codec->weight[k];
        self->slope[1][at] = part * in / (float)width / self->codec->weight[k];
      }
    }
  }
}

static float
within(const float x, const float most)
{
  return fminf(fmaxf(x, -most), most);
}

void
df_aim_apply(void* const handle, const float* const deviation, float* const x0)
{
  df_aim* const         self = (df_aim*)handle;
  const df_codec* const c    = self->codec;
  const size_t          size = (size_t)c->config.frames * (size_t)c->bins;
  float                 bands[DF_BANDS];
  if (!df_aim_active(self)) {
    return;
  }
  df_codec_decode(c, x0, self->y);
  df_bands_pool(
    c->config.rate, c->config.window, c->config.frames, self->y, bands);
  const float level  = df_bands_level(bands);
  const float bright = brightness(self, bands);
  find_slopes(self, bands, level, bright);

  // H V H^T + R
  float ll = LEVEL_DEVIATION * LEVEL_DEVIATION;
  float lb = 0.0f;
  float bb = BRIGHT_DEVIATION * BRIGHT_DEVIATION;
  for (int i = 0; i < c->config.dims; ++i) {
    const float* const p = c->basis + (size_t)i * size;
    const float l = c->scale[i] * self->kernels->dot(p, self->slope[0], size);
    const float b = c->scale[i] * self->kernels->dot(p, self->slope[1], size);
    const float v = deviation[i] * deviation[i];
    self->gradient[0][i] = l;
    self->gradient[1][i] = b;
    ll += v * l * l;
    lb += v * l * b;
    bb += v * b * b;
  }
  const float heard_level  = 0.5f * logf(self->power / self->weight);
  const float heard_bright = self->colour / self->amount;
  const float dl    = within(heard_level + self->level - level, MOST_LEVEL);
  const float db    = within(heard_bright + self->bright - bright, MOST_BRIGHT);
  const float scale = self->share / (ll * bb - lb * lb); // at least R's
  const float by_l  = scale * (bb * dl - lb * db);
  const float by_b  = scale * (ll * db - lb * dl);
  for (int i = 0; i < c->config.dims; ++i) {
    x0[i] += deviation[i] * deviation[i] *
             (by_l * self->gradient[0][i] + by_b * self->gradient[1][i]);
  }
}
