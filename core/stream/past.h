#ifndef DF_STREAM_PAST_H
#define DF_STREAM_PAST_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/diffusion/schedule.h"
#include "core/model/predictor.h"

#include <stdint.h>

/// What a stream remembers, and the same past as history guidance shows it:
/// part of it (noised to a level) and none of it (pure noise).
///
/// Without guidance only the one true history is kept, beside a ring of the
/// newest tokens; the others are built from that ring when guidance is first
/// wanted, and then grow along.  Private to the room; one thread.
typedef struct df_past df_past;

/// @param predictor, schedule  Borrowed.
DF_NODISCARD df_status
df_past_make(df_arena*           arena,
             const df_predictor* predictor,
             const df_schedule*  schedule,
             df_past**           out);

/// Forget everything; guidance stays as set.
void
df_past_reset(df_past* past);

/// Seed of the noise on remembered tokens, from the next push on.
void
df_past_seed(df_past* past, uint64_t seed);

/// History guidance from the next prediction on.
///
/// @param weight  1: none
/// @param level   Fractional guidance by history at this level; K for vanilla
void
df_past_guide(df_past* past, double weight, int level);

/// Remember a clean token, noised to `level` by noise that depends on the seed
/// and on the token's number alone.
void
df_past_push(df_past* past, const float* x0, int level);

/// Remember at level `to` instead those of the newest `most` tokens, back to
/// the first at another level, that are remembered at level `from`.
void
df_past_relevel(df_past* past, int from, int to, int most);

/// Forget the newest n; n <= df_past_undo.
void
df_past_drop(df_past* past, int n);

int
df_past_undo(const df_past* past);

/// Tokens remembered since reset, less dropped ones: the next one's number.
int64_t
df_past_count(const df_past* past);

/// df_history_predict, guided.
void
df_past_predict(df_past*     past,
                int          H,
                int          memory,
                const float* z,
                const int*   level,
                const float* recall,
                const float* confidence,
                float*       x0);

#endif // DF_STREAM_PAST_H
