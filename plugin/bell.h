#ifndef DF_PLUGIN_BELL_H
#define DF_PLUGIN_BELL_H

#include "core/base/attr.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

/// One thread waits, offline only, until a thing is true; others ring when it
/// may have become so.  Ringing never blocks, and costs one exchange while
/// nobody waits.
typedef struct {
  sem_t       sem;
  atomic_bool awaited;
} df_bell;

/// False when the system has no semaphore left.
bool
df_bell_make(df_bell* bell);

void
df_bell_free(df_bell* bell);

/// Any thread: say that the thing may be true now; write it before.
DF_RT
void
df_bell_ring(df_bell* bell);

/// Wait until ready(self), or until the clock (CLOCK_REALTIME) passes.
///
/// @return What ready(self) says last.
bool
df_bell_wait(df_bell*               bell,
             const struct timespec* until,
             bool (*ready)(void* self),
             void* self);

#endif // DF_PLUGIN_BELL_H
