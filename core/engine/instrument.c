#include "core/engine/instrument.h"

#include "core/audio/kept.h"
#include "core/base/arena.h"
#include "core/model/file.h"
#include "core/model/model.h"
#include "core/nn/weights.h"

#include <stdlib.h>

struct df_instrument {
  df_arena            arena;
  const df_predictor* predictor;
  df_codec*           codec;
};

static df_status
read_codec(df_arena* const   arena,
           df_weights* const file,
           df_codec** const  out,
           df_note* const    note)
{
  df_codec_config config = {0, 0, 0, 0, 0};
  df_setting      settings[DF_CODEC_SETTINGS];
  df_codec_settings(&config, settings);
  for (int i = 0; i < DF_CODEC_SETTINGS; ++i) {
    const df_status status = df_weights_setting(file, settings[i], note);
    if (status) {
      return status;
    }
  }
  df_codec*       codec  = NULL;
  const df_status status = df_codec_make(arena, &config, &codec, note);
  if (status || !arena->base) {
    return status;
  }
  df_named arrays[DF_CODEC_ARRAYS];
  df_codec_arrays(codec, arrays);
  for (int i = 0; i < DF_CODEC_ARRAYS; ++i) {
    const df_status read = df_weights_read(file, &arrays[i], note);
    if (read) {
      return read;
    }
  }
  *out = codec;
  return DF_OK;
}

// The model itself is needed only until its weights are packed
static df_status
read_model(df_weights* const file,
           df_arena* const   arena,
           df_model** const  out,
           df_note* const    note)
{
  df_status status = df_model_read(arena, file, out, note);
  if (!status) {
    status = df_arena_allocate(arena);
  }
  return status ? status : df_model_read(arena, file, out, note);
}

static df_status
carve(df_instrument* const  self,
      df_weights* const     file,
      const df_model* const model,
      df_note* const        note)
{
  df_status status = df_predictor_make(&self->arena, model, &self->predictor);
  if (!status) {
    status = read_codec(&self->arena, file, &self->codec, note);
  }
  return status;
}

static df_status
assemble(df_instrument* const self,
         const char* const    path,
         df_weights* const    file,
         df_note* const       note)
{
  df_arena  scratch = {NULL, 0U, 0U, false};
  df_model* model   = NULL;
  df_status status  = read_model(file, &scratch, &model, note);
  if (!status) {
    status = carve(self, file, model, note);
  }
  if (!status) {
    status = df_arena_allocate(&self->arena);
  }
  if (!status) {
    status = carve(self, file, model, note);
  }
  if (!status) {
    status = df_weights_rest(file, note);
  }
  if (!status && self->codec->config.dims != model->config.token) {
    status = df_note_set(note,
                         DF_E_SHAPE,
                         "%s: codec.dims: want %d as model.token, found %d",
                         path,
                         model->config.token,
                         self->codec->config.dims);
  }
  df_arena_free(&scratch);
  return status;
}

df_status
df_instrument_load(const char* const     path,
                   df_instrument** const out,
                   df_note* const        note)
{
  df_weights* file   = NULL;
  df_status   status = df_weights_open(path, &file, note);
  if (status) {
    return status;
  }
  df_instrument* const self = (df_instrument*)calloc(1U, sizeof(*self));
  status = self ? assemble(self, path, file, note) : DF_E_NOMEM;
  df_weights_close(file);
  if (status) {
    df_instrument_free(self);
    return status;
  }
  *out = self;
  return DF_OK;
}

void
df_instrument_free(df_instrument* const self)
{
  if (self) {
    df_arena_free(&self->arena);
    free(self);
  }
}

const df_predictor*
df_instrument_predictor(const df_instrument* const self)
{
  return self->predictor;
}

const df_codec*
df_instrument_codec(const df_instrument* const self)
{
  return self->codec;
}
