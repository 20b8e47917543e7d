#include "core/audio/kept.h"

#include <stdbool.h>
#include <string.h>

void
df_codec_settings(df_codec_config* const config,
                  df_setting             out[DF_CODEC_SETTINGS])
{
  // The ranges keep df_codec_make's sizes small; it checks the rest itself
  const df_setting list[DF_CODEC_SETTINGS] = {
    {"codec.rate", &config->rate, 1000, 384000},
    {"codec.window", &config->window, 16, 16384},
    {"codec.hop", &config->hop, 1, 16384},
    {"codec.frames", &config->frames, 1, 16},
    {"codec.dims", &config->dims, 1, 1024},
  };
  memcpy(out, list, sizeof(list));
}

void
df_codec_arrays(const df_codec* const codec, df_named out[DF_CODEC_ARRAYS])
{
  const int frames = codec->config.frames;
  const int bins   = codec->bins;
  const int dims   = codec->config.dims;

  const df_named list[DF_CODEC_ARRAYS] = {
    {"codec.mean", 2, {frames, bins}, false, codec->mean},
    {"codec.ceiling", 1, {bins}, false, codec->ceiling},
    {"codec.basis", 2, {dims, frames * bins}, false, codec->basis},
    {"codec.scale", 1, {dims}, false, codec->scale},
  };
  memcpy(out, list, sizeof(list));
}
