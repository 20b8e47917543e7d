#include "core/audio/codec.h"
#include "core/audio/kept.h"
#include "core/base/arena.h"
#include "core/base/rng.h"
#include "core/model/file.h"
#include "core/model/model.h"
#include "tests/check.h"

#include <math.h>

/// Write a small model with random weights: it knows nothing, but it plays.
///
///     make_model OUT.safetensors [RATE [HOP [SEED]]]

#define TOKEN 8

static const df_model_config shape = {
  .backbone = DF_BACKBONE_TRANSFORMER,
  .token    = TOKEN,
  .width    = 16,
  .heads    = 2,
  .layers   = 1,
  .mlp      = 16,
  .conv     = 3,
  .context  = 16,
  .horizon  = 64,
  .levels   = 64,
  .shift    = 0.5f,
  .recall   = true,
};

static df_model*
make_model(df_arena* const arena, const uint64_t seed)
{
  df_model* model = NULL;
  CHECK(df_model_make(arena, &shape, &model, NULL) == DF_OK);
  CHECK(df_arena_allocate(arena) == DF_OK);
  CHECK(df_model_make(arena, &shape, &model, NULL) == DF_OK);
  df_params_init(&model->params, seed, model->theta);
  df_rng rng = df_rng_make(seed, 1U, 0U);
  for (size_t i = 0U; i < model->params.total; ++i) {
    float more = 0.0f; // the head starts at zero: move it
    df_rng_normal(&rng, &more, 1U);
    model->theta[i] += (df_real)(0.05f * more);
  }
  for (int c = 0; c < TOKEN; ++c) {
    model->variance[c] = 1.0f / (1.0f + (float)c);
  }
  return model;
}

// A basis of cosines over the bins around a flat, quiet spectrum
static df_codec*
make_codec(df_arena* const arena, const int rate, const int hop)
{
  const df_codec_config config = {rate, 4 * hop, hop, 1, TOKEN};
  df_codec*             codec  = NULL;
  CHECK(df_codec_make(arena, &config, &codec, NULL) == DF_OK);
  CHECK(df_arena_allocate(arena) == DF_OK);
  CHECK(df_codec_make(arena, &config, &codec, NULL) == DF_OK);
  const double bins = (double)codec->bins;
  for (int f = 0; f < codec->bins; ++f) {
    codec->mean[f]    = -2.0f - 4.0f * (float)((double)f / bins);
    codec->ceiling[f] = 2.0f;
    for (int i = 0; i < TOKEN; ++i) {
      const double angle = 3.14159265358979 * (i + 0.5) * (f + 0.5) / bins;
      codec->basis[i * codec->bins + f] =
        (float)(sqrt(2.0 / bins) * cos(angle));
    }
  }
  for (int i = 0; i < TOKEN; ++i) {
    codec->scale[i] = 4.0f;
  }
  return codec;
}

int
main(const int argc, char** const argv)
{
  CHECK(argc >= 2 && argc <= 5);
  const int       rate   = argc > 2 ? atoi(argv[2]) : 24000;
  const int       hop    = argc > 3 ? atoi(argv[3]) : 256;
  const int       seed   = argc > 4 ? atoi(argv[4]) : 1;
  df_arena        a      = {NULL, 0U, 0U, false};
  df_arena        b      = {NULL, 0U, 0U, false};
  df_model* const model  = make_model(&a, (uint64_t)seed);
  df_codec* const codec  = make_codec(&b, rate, hop);
  df_codec_config config = codec->config;

  df_named   arrays[DF_CODEC_ARRAYS];
  df_setting settings[DF_CODEC_SETTINGS];
  df_text    texts[DF_CODEC_SETTINGS];
  char       numbers[DF_CODEC_SETTINGS][16];
  df_codec_arrays(codec, arrays);
  df_codec_settings(&config, settings);
  for (int i = 0; i < DF_CODEC_SETTINGS; ++i) {
    (void)snprintf(numbers[i], sizeof(numbers[i]), "%d", *settings[i].value);
    texts[i] = (df_text){settings[i].key, numbers[i]};
  }
  df_note note = {""};
  if (df_model_save(argv[1],
                    model,
                    true,
                    arrays,
                    DF_CODEC_ARRAYS,
                    texts,
                    DF_CODEC_SETTINGS,
                    &note)) {
    (void)fprintf(stderr, "%s\n", note.text);
    return 1;
  }
  df_arena_free(&a);
  df_arena_free(&b);
  return 0;
}
