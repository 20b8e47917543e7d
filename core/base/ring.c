#include "core/base/ring.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

struct df_ring {
  char*  items;
  size_t size;
  size_t mask;
  alignas(64) atomic_size_t written; // own cache lines: no false sharing
  alignas(64) atomic_size_t taken;
};

df_status
df_ring_make(df_arena* const arena,
             const size_t    count,
             const size_t    size,
             df_ring** const out)
{
  if (count < 1U || count > ((size_t)1U << 24U) || size < 1U) {
    return DF_E_ARG;
  }
  size_t places = 1U;
  while (places < count) {
    places *= 2U;
  }
  df_ring* const ring  = DF_TAKE(arena, 1U, df_ring);
  char* const    items = (char*)df_arena_take(arena, places, size);
  if (!ring || !items) {
    return df_arena_status(arena);
  }
  ring->items = items;
  ring->size  = size;
  ring->mask  = places - 1U;
  atomic_init(&ring->written, 0U);
  atomic_init(&ring->taken, 0U);
  *out = ring;
  return DF_OK;
}

bool
df_ring_push(df_ring* const ring, const void* const item)
{
  const size_t at = atomic_load_explicit(&ring->written, memory_order_relaxed);
  const size_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
  if (at - taken > ring->mask) {
    return false;
  }
  memcpy(ring->items + (at & ring->mask) * ring->size, item, ring->size);
  atomic_store_explicit(&ring->written, at + 1U, memory_order_release);
  return true;
}

bool
df_ring_pull(df_ring* const ring, void* const item)
{
  const size_t at = atomic_load_explicit(&ring->taken, memory_order_relaxed);
  if (at == atomic_load_explicit(&ring->written, memory_order_acquire)) {
    return false;
  }
  memcpy(item, ring->items + (at & ring->mask) * ring->size, ring->size);
  atomic_store_explicit(&ring->taken, at + 1U, memory_order_release);
  return true;
}

size_t
df_ring_count(const df_ring* const ring)
{
  const size_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
  return atomic_load_explicit(&ring->written, memory_order_acquire) - taken;
}
