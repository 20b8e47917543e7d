#ifndef DF_PLUGIN_SPAWN_H
#define DF_PLUGIN_SPAWN_H

#include <pthread.h>
#include <stdbool.h>

/// Start a thread of ours in the host's process: signals are for the host's
/// threads, and where the calling thread has real-time priority the new one
/// begins without.
///
/// @return Whether there is one; the owner joins it.
bool
df_spawn(pthread_t* out, void* (*work)(void*), void* self);

#endif // DF_PLUGIN_SPAWN_H
