#ifndef DF_PLUGIN_WORKER_H
#define DF_PLUGIN_WORKER_H

#include "core/base/attr.h"
#include "plugin/plugin.h"

#include <lv2/worker/worker.h>

#include <stdbool.h>

/// Models are loaded and freed away from audio: in the host's worker, or in
/// the loader where the host has none.
///
/// The answer does not come by respond(): jalv hands responses over only after
/// run() has returned, and an offline run() waits for the model.

/// LV2_WORKER__interface.
const LV2_Worker_Interface*
df_worker_interface(void);

/// What the loader calls.
void
df_worker_do(void* self, const df_msg* message);

/// Audio: pass a message on.  False: refused for now; keep it and try again.
/// A host may do the work before this returns.
DF_RT
bool
df_worker_send(df_plugin* self, const df_msg* message);

/// Audio: the answer to the request in flight has come.
DF_RT
bool
df_worker_answered(void* self);

#endif // DF_PLUGIN_WORKER_H
