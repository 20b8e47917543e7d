#include "core/train/take.h"

#include "core/audio/bands.h"
#include "core/audio/stft.h"
#include "core/base/arena.h"
#include "core/base/rng.h"
#include "core/train/analyser.h"

#include <samplerate.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// Stream of random numbers (base/rng.h), apart from others of training.
#define STREAM_TAKE 0x6331U

/// Less is not heard, and not worth a resampling.
#define LEAST_CENTS 1.0

size_t
df_take_hop(const df_codec_config* const codec)
{
  return (size_t)codec->hop * (size_t)codec->frames;
}

df_version
df_version_draw(const df_train_config* const config,
                const int                    file,
                const int                    variant,
                const int64_t                generation)
{
  // 2^12 files, 2^6 variants and 2^46 generations stay apart
  const uint64_t index = ((uint64_t)generation << 18U) |
                         ((uint64_t)variant << 12U) | (uint64_t)file % 4096U;
  df_rng         rng   = df_rng_make(config->seed, STREAM_TAKE, index);
  const double   u     = 2.0 * df_rng_uniform(&rng) - 1.0;
  const double   drawn = config->cents * u * u * u;
  const double   cents = fabs(drawn) < LEAST_CENTS ? 0.0 : drawn;
  const double   gain  = config->gain * (2.0 * df_rng_uniform(&rng) - 1.0);
  const uint32_t hop   = (uint32_t)df_take_hop(&config->codec);
  return (df_version){pow(2.0, cents / 1200.0),
                      (float)pow(10.0, gain / 20.0),
                      (size_t)df_rng_below(&rng, hop)};
}

float*
df_version_apply(const df_version* const  how,
                 const df_material* const file,
                 size_t* const            n)
{
  const size_t room = (size_t)((double)file->n / how->ratio) + 64U;
  float* const y    = (float*)malloc(room * sizeof(float));
  if (!y) {
    return NULL;
  }
  SRC_DATA data = {
    .data_in       = file->x,
    .data_out      = y,
    .input_frames  = (long)file->n,
    .output_frames = (long)room,
    .src_ratio     = 1.0 / how->ratio,
  };
  if (how->ratio == 1.0) {
    memcpy(y, file->x, file->n * sizeof(float));
    *n = file->n;
  } else if (src_simple(&data, SRC_SINC_FASTEST, 1)) {
    free(y);
    return NULL;
  } else {
    *n = (size_t)data.output_frames_gen;
  }
  for (size_t i = 0U; i < *n; ++i) {
    y[i] *= how->gain;
  }
  return y;
}

void
df_take_free(df_take* const take)
{
  free(take->tokens);
  free(take->bands);
  *take = (df_take){0};
}

df_status
df_take_make(const df_codec* const codec,
             const float* const    x,
             const size_t          n,
             const size_t          shift,
             df_take* const        out)
{
  const df_codec_config* of    = &codec->config;
  const size_t           hop   = df_take_hop(of);
  const size_t           C     = (size_t)of->dims;
  const size_t           size  = (size_t)of->frames * (size_t)codec->bins;
  const size_t           start = shift + (size_t)of->window / 2U;
  const size_t           count = n > start + hop ? (n - start - hop) / hop : 0U;
  df_arena               arena = {NULL, 0U, 0U, false};
  df_stft*               stft  = NULL;
  df_status              status = df_analyser_make(of, &arena, &stft);
  float* const           y      = (float*)malloc(2U * size * sizeof(float));
  df_take                take   = {(int)count,
                                   (float*)malloc((count + 1U) * C * sizeof(float)),
                                   (float*)malloc((count + 1U) * DF_BANDS * sizeof(float))};
  if (!status && (!y || !take.tokens || !take.bands)) {
    status = DF_E_NOMEM;
  }
  for (size_t t = 0U; t < count && !status; ++t) {
    df_stft_log_frames(stft,
                       x,
                       (int64_t)n,
                       (int64_t)(start + t * hop),
                       of->frames,
                       codec->floor,
                       y);
    df_codec_encode(codec, y, take.tokens + t * C, y + size);
    df_bands_pool(
      of->rate, of->window, of->frames, y, take.bands + t * DF_BANDS);
  }
  df_stft_free(stft);
  df_arena_free(&arena);
  free(y);
  if (status) {
    df_take_free(&take);
    return status;
  }
  df_take_free(out);
  *out = take;
  return DF_OK;
}
