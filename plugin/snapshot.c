#include "plugin/snapshot.h"

#include <sched.h>
#include <stddef.h>
#include <string.h>

void
df_snapshot_write(df_snapshot* const self, const df_choice* const choice)
{
  // Each release makes the odd turn visible no later than its word
  const unsigned turn =
    atomic_load_explicit(&self->turn, memory_order_relaxed) + 1U;
  atomic_store_explicit(&self->turn, turn, memory_order_relaxed);
  const size_t used = offsetof(df_choice, path) + strlen(choice->path) +
                      1U; // the rest: no matter
  for (size_t i = 0; i * 8U < used; ++i) {
    uint64_t     word = 0U;
    const size_t left = sizeof(*choice) - i * 8U;
    memcpy(&word, (const char*)choice + i * 8U, left < 8U ? left : 8U);
    atomic_store_explicit(&self->words[i], word, memory_order_release);
  }
  atomic_store_explicit(&self->turn, turn + 1U, memory_order_release);
}

void
df_snapshot_read(df_snapshot* const self, df_choice* const choice)
{
  for (;;) {
    const unsigned turn =
      atomic_load_explicit(&self->turn, memory_order_acquire);
    for (size_t i = 0; i < DF_SNAPSHOT_WORDS; ++i) {
      const uint64_t word =
        atomic_load_explicit(&self->words[i], memory_order_acquire);
      const size_t left = sizeof(*choice) - i * 8U;
      memcpy((char*)choice + i * 8U, &word, left < 8U ? left : 8U);
    }
    if (!(turn & 1U) &&
        turn == atomic_load_explicit(&self->turn, memory_order_relaxed)) {
      return;
    }
    (void)sched_yield();
  }
}
