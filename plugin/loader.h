#ifndef DF_PLUGIN_LOADER_H
#define DF_PLUGIN_LOADER_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "plugin/messages.h"

#include <stdbool.h>

/// A thread that does what the host's worker would, in hosts without one.
typedef struct df_loader df_loader;

/// Start a thread that calls work(self, message) for each message.
///
/// @return DF_OK, DF_E_NOMEM or DF_E_AGAIN.
DF_NODISCARD
df_status
df_loader_make(void (*work)(void* self, const df_msg* message),
               void*       self,
               df_loader** out);

/// Do what is queued, join, free.  NULL is allowed.
void
df_loader_free(df_loader* loader);

/// Audio: queue a message; false when the queue is full.
DF_RT
bool
df_loader_send(df_loader* loader, const df_msg* message);

#endif // DF_PLUGIN_LOADER_H
