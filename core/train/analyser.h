#ifndef DF_TRAIN_ANALYSER_H
#define DF_TRAIN_ANALYSER_H

#include "core/audio/codec.h"
#include "core/audio/stft.h"
#include "core/base/arena.h"
#include "core/base/status.h"

/// The STFT of a codec in an arena of its own, for one piece of work.
///
/// @param arena  Zeroed; freed by the caller, after df_stft_free, in any case
/// @param out    NULL on failure
DF_NODISCARD
df_status
df_analyser_make(const df_codec_config* config, df_arena* arena, df_stft** out);

#endif // DF_TRAIN_ANALYSER_H
