#ifndef DF_PLUGIN_THREAD_H
#define DF_PLUGIN_THREAD_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/engine/link.h"
#include "core/engine/voice.h"

#include <stdbool.h>
#include <time.h>

/// The engine thread of one voice, and the door by which the voice reaches it.
///
/// In real time it comes right below an audio thread that has real-time
/// priority, if it may (urgency.h); offline it is a thread like any other.
///
/// Jobs and results are large, so they stay where they are written: slots of a
/// pool, whose numbers travel through rings between the two threads.
typedef struct df_thread df_thread;

/// Start a thread that works on this link (borrowed until freed).
///
/// @return DF_OK, DF_E_NOMEM or DF_E_AGAIN (the system has no thread).
DF_NODISCARD
df_status
df_thread_make(df_link* link, df_thread** out);

/// Finish the job at hand, join and free.  NULL is allowed.
void
df_thread_free(df_thread* thread);

/// The voice's way in; its functions belong to the audio thread.
df_door
df_thread_door(df_thread* thread);

/// Audio, before the voice runs: how this cycle goes.
///
/// @param mute   Refuse jobs, so that the engine idles
/// @param until  Offline: how long the door may wait (CLOCK_REALTIME); NULL in
///               real time, when it never waits.  Copied.
DF_RT
void
df_thread_cycle(df_thread* thread, bool mute, const struct timespec* until);

/// Audio: forget all jobs and results on their way.  The job being worked on
/// is finished and its results dropped.
DF_RT
void
df_thread_reset(df_thread* thread);

#endif // DF_PLUGIN_THREAD_H
