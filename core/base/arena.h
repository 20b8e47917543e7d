#ifndef DF_BASE_ARENA_H
#define DF_BASE_ARENA_H

#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>

/// Long-lived memory, carved from one block and released at once.
///
/// An arena without a base only measures: every take returns NULL and `used`
/// grows, so the same making code gives the size and the layout.  Failure is
/// sticky, so carve everything, then check once.

#define DF_ARENA_ALIGN 64U

typedef struct {
  void*  base;   ///< Start of the block, or NULL to measure
  size_t size;   ///< Bytes at base
  size_t used;   ///< Bytes taken so far, including padding
  bool   failed; ///< A take did not fit, or a size overflowed
} df_arena;

/// Take `count * size` bytes, zeroed, aligned to DF_ARENA_ALIGN.
///
/// @return NULL when measuring or when it does not fit.
void*
df_arena_take(df_arena* arena, size_t count, size_t size);

#define DF_TAKE(arena, count, type)                                            \
  ((type*)df_arena_take((arena), (count), sizeof(type)))

/// DF_E_NOMEM when a take failed, else DF_OK (also when only measuring).
DF_NODISCARD df_status
df_arena_status(const df_arena* arena);

/// Allocate the block for an arena that has measured, ready to take again.
///
/// @param arena  Has measured; on success has a base (zeroed), size, and used
/// 0.
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD df_status
df_arena_allocate(df_arena* arena);

/// Free the block of df_arena_allocate and zero the arena.
void
df_arena_free(df_arena* arena);

#endif // DF_BASE_ARENA_H
