#ifndef DF_AUDIO_KEPT_H
#define DF_AUDIO_KEPT_H

#include "core/audio/codec.h"
#include "core/tensor/named.h"

/// What of a codec belongs in a model file: five settings, four arrays.
///
/// `weight` and `floor` follow from the settings and are not kept.

#define DF_CODEC_SETTINGS 5
#define DF_CODEC_ARRAYS 4

/// "codec.rate", "codec.window", "codec.hop", "codec.frames", "codec.dims"
void
df_codec_settings(df_codec_config* config, df_setting out[DF_CODEC_SETTINGS]);

/// "codec.mean" [frames,bins], "codec.ceiling" [bins],
/// "codec.basis" [dims, frames bins], "codec.scale" [dims], all in 32 bits
void
df_codec_arrays(const df_codec* codec, df_named out[DF_CODEC_ARRAYS]);

#endif // DF_AUDIO_KEPT_H
