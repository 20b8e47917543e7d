#ifndef DF_ENGINE_MEMORY_H
#define DF_ENGINE_MEMORY_H

#include "core/base/arena.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stdint.h>

/// The last seconds of tokens, and where in them the present was heard before.
///
/// Recall reads only what was really heard: copies of own copies would decay.
/// So it lasts however long nothing is heard: planned tokens are kept only as
/// long as they do not push out the 7 s before the newest heard one.
typedef struct df_memory df_memory;

/// @param C     Numbers a token
/// @param rate  Tokens a second
DF_NODISCARD df_status
df_memory_make(df_arena* arena, int C, double rate, df_memory** out);

void
df_memory_reset(df_memory* memory);

/// Token n was heard: keep it, with its pooled bands [DF_BANDS].
void
df_memory_hear(df_memory*   memory,
               int64_t      n,
               const float* token,
               const float* bands);

/// Token n was remembered by the stream: keep it, with its pooled bands.
///
/// @param heard  It is one that was heard, not planned
void
df_memory_keep(df_memory*   memory,
               int64_t      n,
               const float* token,
               const float* bands,
               bool         heard);

/// Find the lag at which the past before token n repeats, unless nothing was
/// heard since it was last found.
void
df_memory_look_back(df_memory* memory, int64_t n);

/// The heard token that token n recalls, with the confidence 0..1, or NULL.
const float*
df_memory_recall(const df_memory* memory, int64_t n, float* confidence);

/// Of each band the most that was heard, [DF_BANDS], or NULL before anything.
const float*
df_memory_loudest(const df_memory* memory);

/// Level (df_bands_level) that all but the softest twentieth of what was heard
/// exceeds; -INFINITY before anything.
float
df_memory_softest(const df_memory* memory);

#endif // DF_ENGINE_MEMORY_H
