#include "core/audio/codec.h"

#include "core/audio/bands.h"
#include "core/tensor/kernels.h"

#include <math.h>
#include <stddef.h>

static df_status
check(const df_codec_config* const c, df_note* const note)
{
  if (c->rate < 8000 || c->rate > 384000) {
    return df_note_set(
      note, DF_E_ARG, "codec: rate %d is not in 8000..384000", c->rate);
  }
  if (c->window < 128 || c->window > 8192 || c->window % 2) {
    return df_note_set(
      note, DF_E_ARG, "codec: window %d is not even in 128..8192", c->window);
  }
  if (c->hop < 1 || c->hop > c->window / 2) {
    return df_note_set(
      note, DF_E_ARG, "codec: hop %d is not in 1..%d", c->hop, c->window / 2);
  }
  if (c->frames < 1 || c->frames > 16 ||
      c->frames * (c->window / 2 + 1) > 8192) {
    return df_note_set(note,
                       DF_E_ARG,
                       "codec: %d frames of window %d a token are too many",
                       c->frames,
                       c->window);
  }
  const int size = c->frames * (c->window / 2 + 1);
  if (c->dims < 1 || c->dims > 1024 || c->dims > size) {
    return df_note_set(note,
                       DF_E_ARG,
                       "codec: dims %d is not in 1..%d",
                       c->dims,
                       size < 1024 ? size : 1024);
  }
  return DF_OK;
}

df_status
df_codec_make(df_arena* const              arena,
              const df_codec_config* const config,
              df_codec** const             out,
              df_note* const               note)
{
  const df_status fine = check(config, note);
  if (fine != DF_OK) {
    return fine;
  }
  const size_t    bins    = (size_t)config->window / 2U + 1U;
  const size_t    size    = (size_t)config->frames * bins;
  const size_t    dims    = (size_t)config->dims;
  df_codec* const codec   = DF_TAKE(arena, 1U, df_codec);
  float* const    weight  = DF_TAKE(arena, bins, float);
  float* const    mean    = DF_TAKE(arena, size, float);
  float* const    ceiling = DF_TAKE(arena, bins, float);
  float* const    basis   = DF_TAKE(arena, dims * size, float);
  float* const    scale   = DF_TAKE(arena, dims, float);
  if (!codec || !weight || !mean || !ceiling || !basis || !scale) {
    return df_arena_status(arena);
  }
  const double unit = (double)config->rate / config->window;
  for (size_t f = 0; f < bins; ++f) {
    const double bark = df_bark_slope(unit * (double)f) * unit;
    weight[f]         = (float)sqrt(bark / config->frames);
  }
  *codec = (df_codec){
    .config  = *config,
    .bins    = (int)bins,
    .floor   = DF_CODEC_FLOOR_DB * (float)(M_LN10 / 20.0),
    .weight  = weight,
    .mean    = mean,
    .ceiling = ceiling,
    .basis   = basis,
    .scale   = scale,
  };
  *out = codec;
  return DF_OK;
}

void
df_codec_encode(const df_codec* const codec,
                const float* const    y,
                float* const          token,
                float* const          work)
{
  const df_kernels* const kernels = df_kernels_best();
  const size_t            bins    = (size_t)codec->bins;
  const size_t            size    = bins * (size_t)codec->config.frames;
  for (size_t row = 0; row < size; row += bins) {
    for (size_t f = 0; f < bins; ++f) {
      work[row + f] = codec->weight[f] * (y[row + f] - codec->mean[row + f]);
    }
  }
  for (int i = 0; i < codec->config.dims; ++i) {
    const float* const p = codec->basis + (size_t)i * size;
    token[i]             = kernels->dot(p, work, size) / codec->scale[i];
  }
}

void
df_codec_decode(const df_codec* const codec,
                const float* const    token,
                float* const          y)
{
  const df_kernels* const kernels = df_kernels_best();
  const size_t            bins    = (size_t)codec->bins;
  const size_t            size    = bins * (size_t)codec->config.frames;
  for (size_t j = 0; j < size; ++j) {
    y[j] = 0.0f;
  }
  for (int i = 0; i < codec->config.dims; ++i) {
    const float* const p = codec->basis + (size_t)i * size;
    kernels->axpy(y, codec->scale[i] * token[i], p, size);
  }
  for (size_t row = 0; row < size; row += bins) {
    for (size_t f = 0; f < bins; ++f) {
      const float v    = codec->mean[row + f] + y[row + f] / codec->weight[f];
      const float most = codec->ceiling[f];
      const float low  = v < most ? v : most;
      y[row + f]       = low > codec->floor ? low : codec->floor;
    }
  }
}
