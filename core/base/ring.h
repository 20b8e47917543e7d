#ifndef DF_BASE_RING_H
#define DF_BASE_RING_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>

/// A queue of equal items between one writing and one reading thread.
///
/// Neither side waits: a full ring refuses, an empty one gives nothing.
typedef struct df_ring df_ring;

/// Make a ring of at least `count` items of `size` bytes (count 1..2^24).
///
/// @param out  Set on success, unless the arena only measures.
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD df_status
df_ring_make(df_arena* arena, size_t count, size_t size, df_ring** out);

/// Writer: append a copy of one item.  False when full.
DF_RT bool
df_ring_push(df_ring* ring, const void* item);

/// Reader: take the oldest item.  False when empty.
DF_RT bool
df_ring_pull(df_ring* ring, void* item);

/// Either side: items now inside, exact for the caller's own side.
DF_RT size_t
df_ring_count(const df_ring* ring);

#endif // DF_BASE_RING_H
