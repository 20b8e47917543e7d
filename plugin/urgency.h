#ifndef DF_PLUGIN_URGENCY_H
#define DF_PLUGIN_URGENCY_H

#include "core/base/attr.h"

#include <stdbool.h>

/// How the engine thread stands beside audio: where audio has real-time
/// priority, the engine takes the lowest there is, so that it comes before all
/// ordinary programs and yet never before audio.

/// Audio: does this thread have a real-time priority that leaves one below it?
/// Two questions to the system, which never wait.
DF_RT
bool
df_urgency_leaves_room(void);

/// Engine: take the lowest real-time priority, or an ordinary one again.
///
/// Without the right to it, or where the system ends processes whose real-time
/// threads work on for long (RLIMIT_RTTIME), the thread stays as it is.
void
df_urgency_take(bool urgent);

#endif // DF_PLUGIN_URGENCY_H
