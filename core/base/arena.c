#if defined(__linux__)
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#endif

#include "core/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// What is as large as this may have pages of 2 MiB: the rows of a training step
// are walked with strides that leave the page tables' cache behind
#define HUGE_PAGE ((size_t)1 << 21U)
#define MANY_PAGES (8U * HUGE_PAGE)

void*
df_arena_take(df_arena* const arena, const size_t count, const size_t size)
{
  const size_t limit = SIZE_MAX / 4U;
  if (arena->failed || (size && count > limit / size) ||
      arena->used > limit - count * size) {
    arena->failed = true;
    return NULL;
  }

  // Padding depends on the address, so that any base gives aligned memory
  const uintptr_t at   = (uintptr_t)arena->base + arena->used;
  const size_t    past = (size_t)(at % DF_ARENA_ALIGN);
  const size_t    pad  = past ? DF_ARENA_ALIGN - past : 0U;
  const size_t    want = pad + count * size;
  if (!arena->base) {
    arena->used += want;
    return NULL;
  }
  if (want > arena->size - arena->used) {
    arena->failed = true;
    return NULL;
  }

  void* const memory = (char*)arena->base + arena->used + pad;
  arena->used += want;
  memset(memory, 0, count * size);
  return memory;
}

df_status
df_arena_status(const df_arena* const arena)
{
  return arena->failed ? DF_E_NOMEM : DF_OK;
}

df_status
df_arena_allocate(df_arena* const arena)
{
  if (arena->failed) {
    return DF_E_NOMEM;
  }
  // aligned_alloc wants a multiple of the alignment
  const bool   large = arena->used >= MANY_PAGES;
  const size_t align = large ? HUGE_PAGE : DF_ARENA_ALIGN;
  const size_t size  = (arena->used / align + 1U) * align;
  void* const  base  = aligned_alloc(align, size);
  if (!base) {
    arena->failed = true;
    return DF_E_NOMEM;
  }
#if defined(MADV_HUGEPAGE)
  if (large) {
    (void)madvise(base, size, MADV_HUGEPAGE); // slower without, as correct
  }
#endif
  memset(base, 0, size);
  *arena = (df_arena){base, size, 0U, false};
  return DF_OK;
}

void
df_arena_free(df_arena* const arena)
{
  free(arena->base);
  *arena = (df_arena){NULL, 0U, 0U, false};
}
