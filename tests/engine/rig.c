#define _POSIX_C_SOURCE 200809L

#include "tests/engine/rig.h"

#include "core/audio/codec.h"
#include "core/audio/kept.h"
#include "core/audio/sound.h"
#include "core/audio/stft.h"
#include "core/base/arena.h"
#include "core/model/file.h"
#include "core/model/model.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 1024, HOP = 256, FRAMES = 2, DIMS = 24, SECONDS = 8 };

void
rig_chords(float* const x, const int n)
{
  static const double roots[8] = {
    220.0, 261.6, 196.0, 293.7, 220.0, 329.6, 196.0, 246.9};
  const int beat = RIG_RATE / 4;
  for (int i = 0; i < n; ++i) {
    const double root = roots[i / beat % 8];
    const double age  = (double)(i % beat) / RIG_RATE;
    double       y    = 0.0;
    for (int h = 1; h <= 6; ++h) {
      y += sin(6.283185307179586 * root * h * i / RIG_RATE) / h *
           exp(-3.0 * h * age);
    }
    x[i] = (float)(0.15 * y * (1.0 - exp(-400.0 * age)));
  }
}

static df_codec*
fit_codec(df_arena* const arena)
{
  const df_codec_config config = {RIG_RATE, WINDOW, HOP, FRAMES, DIMS};
  df_codec*             codec  = NULL;
  CHECK(df_codec_make(arena, &config, &codec, NULL) == DF_OK);
  CHECK(df_arena_allocate(arena) == DF_OK);
  CHECK(df_codec_make(arena, &config, &codec, NULL) == DF_OK);

  const int    n     = SECONDS * RIG_RATE;
  const int    count = n / HOP / FRAMES;
  float* const x     = (float*)malloc((size_t)n * sizeof(float));
  const size_t row   = (size_t)FRAMES * (size_t)codec->bins;
  float* const y     = (float*)malloc((size_t)count * row * sizeof(float));
  df_arena     more  = {NULL, 0U, 0U, false};
  df_stft*     stft  = NULL;
  CHECK(x && y);
  CHECK(df_stft_make(&more, WINDOW, HOP, &stft) == DF_OK);
  CHECK(df_arena_allocate(&more) == DF_OK);
  CHECK(df_stft_make(&more, WINDOW, HOP, &stft) == DF_OK);
  rig_chords(x, n);
  df_stft_log_frames(stft, x, n, 0, count * FRAMES, codec->floor, y);
  CHECK(df_codec_fit(codec, y, count, NULL) == DF_OK);
  df_stft_free(stft);
  df_arena_free(&more);
  free(x);
  free(y);
  return codec;
}

void
rig_save(const char* const path)
{
  df_arena        codec_arena = {NULL, 0U, 0U, false};
  df_arena        arena       = {NULL, 0U, 0U, false};
  df_codec* const codec       = fit_codec(&codec_arena);
  df_model_config config =
    df_model_config_default(DF_BACKBONE_TRANSFORMER, DIMS);
  df_model* model = NULL;
  config.width    = 32;
  config.heads    = 2;
  config.layers   = 2;
  config.mlp      = 64;
  config.context  = 128;
  CHECK(df_model_make(&arena, &config, &model, NULL) == DF_OK);
  CHECK(df_arena_allocate(&arena) == DF_OK);
  CHECK(df_model_make(&arena, &config, &model, NULL) == DF_OK);
  df_params_init(&model->params, 1U, model->theta);

  df_named   arrays[DF_CODEC_ARRAYS];
  df_setting settings[DF_CODEC_SETTINGS];
  char       numbers[DF_CODEC_SETTINGS][16];
  df_text    texts[DF_CODEC_SETTINGS];
  df_codec_arrays(codec, arrays);
  df_codec_settings(&codec->config, settings);
  for (int i = 0; i < DF_CODEC_SETTINGS; ++i) {
    (void)snprintf(numbers[i], sizeof(numbers[i]), "%d", *settings[i].value);
    texts[i] = (df_text){settings[i].key, numbers[i]};
  }
  CHECK(df_model_save(path,
                      model,
                      false,
                      arrays,
                      DF_CODEC_ARRAYS,
                      texts,
                      DF_CODEC_SETTINGS,
                      NULL) == DF_OK);
  df_arena_free(&arena);
  df_arena_free(&codec_arena);
}

df_instrument*
rig_instrument(void)
{
  char path[] = "/tmp/dforce-test-rig-XXXXXX";
  CHECK(close(mkstemp(path)) == 0);
  rig_save(path);
  df_instrument* instrument = NULL;
  df_note        note       = {""};
  if (df_instrument_load(path, &instrument, &note)) {
    (void)fprintf(stderr, "%s\n", note.text);
  }
  CHECK(instrument);
  CHECK(!unlink(path));
  return instrument;
}

void
rig_recorded(const char* const model,
             const int         count,
             char** const      paths,
             float* const      x,
             const int         most,
             void (*const judge)(const df_instrument*, const char*, int))
{
  df_instrument* instrument = NULL;
  df_note        note       = {""};
  if (df_instrument_load(model, &instrument, &note)) {
    (void)printf("%s: only sound made here was judged\n", note.text);
    return;
  }
  for (int i = 0; i < count; ++i) {
    df_sound sound = {NULL, 0U, 0};
    CHECK(df_sound_load(paths[i], RIG_RATE, &sound, &note) == DF_OK);
    const int         n     = sound.n < (size_t)most ? (int)sound.n : most;
    const char* const slash = strrchr(paths[i], '/');
    memset(x, 0, (size_t)most * sizeof(float));
    memcpy(x, sound.x, (size_t)n * sizeof(float));
    judge(instrument, slash ? slash + 1 : paths[i], n);
    df_sound_free(&sound);
  }
  df_instrument_free(instrument);
}
