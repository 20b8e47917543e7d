#ifndef DF_ENGINE_LIMIT_H
#define DF_ENGINE_LIMIT_H

#include "core/audio/codec.h"
#include "core/base/arena.h"
#include "core/base/status.h"

#include <stdbool.h>

/// Keeps planned tokens no louder, band by band, than what was heard.
///
/// Without it small errors of a long rollout feed on themselves: an unheard
/// band may rise without end.
typedef struct df_limit df_limit;

/// Nats above the loudest that was heard.
#define DF_LIMIT_HEADROOM 0.35f

DF_NODISCARD df_status
df_limit_make(df_arena* arena, const df_codec* codec, df_limit** out);

/// @param loudest  [DF_BANDS] pooled log-magnitudes, borrowed; NULL: no limit
void
df_limit_set(df_limit* limit, const float* loudest);

/// Bring the frames of one token within the limit.
///
/// @param y  [frames, bins] log-magnitudes
/// @return Whether anything was too loud.
bool
df_limit_frames(const df_limit* limit, float* y);

/// Bring one token within the limit; a df_stream_finish.
///
/// @param self   A df_limit
/// @param token  [C] changed only if it is too loud
void
df_limit_apply(void* self, float* token);

#endif // DF_ENGINE_LIMIT_H
