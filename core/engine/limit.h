#ifndef DF_ENGINE_LIMIT_H
#define DF_ENGINE_LIMIT_H

#include "core/audio/codec.h"
#include "core/base/arena.h"
#include "core/base/status.h"

#include <stdbool.h>

/// Keeps planned tokens no louder, band by band, than what was heard, and not
/// softer on the whole than its softest moments.  Before anything was heard no
/// louder than full scale, whatever the model.
///
/// Without it small errors of a long rollout feed on themselves: an unheard
/// band may rise without end, or the music ends, and out of silence a network
/// plans silence for ever.
typedef struct df_limit df_limit;

/// Nats above the loudest, and below the softest, that was heard.
#define DF_LIMIT_HEADROOM 0.35f

DF_NODISCARD df_status
df_limit_make(df_arena* arena, const df_codec* codec, df_limit** out);

/// @param loudest  [DF_BANDS] pooled log-magnitudes, borrowed; NULL before
///                 anything, and at first
/// @param softest  Level of df_bands_level; -INFINITY: none
/// @param room     Nats by which either may be passed, besides the headroom
void
df_limit_set(df_limit* limit, const float* loudest, float softest, float room);

/// Bring the frames of one token within the limit.
///
/// @param y  [frames, bins] log-magnitudes
/// @return Whether anything was too loud or all too soft.
bool
df_limit_frames(const df_limit* limit, float* y);

/// Bring one token within the limit; a df_stream_finish.
///
/// @param self   A df_limit
/// @param token  [C] changed only if it is beyond the limit
void
df_limit_apply(void* self, float* token);

#endif // DF_ENGINE_LIMIT_H
