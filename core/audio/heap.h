#ifndef DF_AUDIO_HEAP_H
#define DF_AUDIO_HEAP_H

#include "core/base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A binary heap over memory of the caller's: the largest key comes out first,
/// of equal keys the smallest place.

typedef struct {
  float    key; ///< Not NaN
  uint32_t at;  ///< What it belongs to
} df_heap_item;

typedef struct {
  df_heap_item* items; ///< Room for all that will ever be inside at once
  size_t        count;
} df_heap;

DF_RT
static inline bool
df_heap_before(const df_heap_item a, const df_heap_item b)
{
  return a.key > b.key || (!(a.key < b.key) && a.at < b.at);
}

DF_RT
static inline void
df_heap_push(df_heap* const heap, const float key, const uint32_t at)
{
  const df_heap_item item = {key, at};
  size_t             i    = heap->count++;
  while (i && df_heap_before(item, heap->items[(i - 1U) / 2U])) {
    heap->items[i] = heap->items[(i - 1U) / 2U];
    i              = (i - 1U) / 2U;
  }
  heap->items[i] = item;
}

/// Take the first; the heap is not empty.
DF_RT
static inline df_heap_item
df_heap_pop(df_heap* const heap)
{
  const df_heap_item first = heap->items[0];
  const df_heap_item item  = heap->items[--heap->count];
  size_t             i     = 0U;
  for (;;) {
    size_t child = 2U * i + 1U;
    if (child >= heap->count) {
      break;
    }
    if (child + 1U < heap->count &&
        df_heap_before(heap->items[child + 1U], heap->items[child])) {
      ++child;
    }
    if (!df_heap_before(heap->items[child], item)) {
      break;
    }
    heap->items[i] = heap->items[child];
    i              = child;
  }
  heap->items[i] = item;
  return first;
}

#endif // DF_AUDIO_HEAP_H
