#include "plugin/bell.h"

#include <errno.h>

bool
df_bell_make(df_bell* const bell)
{
  atomic_init(&bell->awaited, false);
  return !sem_init(&bell->sem, 0, 0U);
}

void
df_bell_free(df_bell* const bell)
{
  (void)sem_destroy(&bell->sem);
}

void
df_bell_ring(df_bell* const bell)
{
  // The exchange is ordered after the thing's own store, and the waiter looks
  // again after setting the flag: one of the two sees the other
  if (atomic_exchange(&bell->awaited, false)) {
    (void)sem_post(&bell->sem);
  }
}

bool
df_bell_wait(df_bell* const               bell,
             const struct timespec* const until,
             bool (*const ready)(void*),
             void* const self)
{
  while (!ready(self)) {
    (void)atomic_exchange(&bell->awaited, true);
    if (ready(self)) {
      break;
    }
    if (sem_timedwait(&bell->sem, until) && errno != EINTR) {
      break;
    }
  }
  // A post that came too late makes the next wait look once more, no worse
  atomic_store(&bell->awaited, false);
  return ready(self);
}
