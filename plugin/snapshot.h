#ifndef DF_PLUGIN_SNAPSHOT_H
#define DF_PLUGIN_SNAPSHOT_H

#include "core/base/attr.h"
#include "plugin/models.h"

#include <stdatomic.h>
#include <stdint.h>

/// Which model the player wants.
typedef struct {
  int32_t slot;              ///< Of the `model` port when the path came
  char    path[DF_PATH_MAX]; ///< Empty: the slot says which
} df_choice;

#define DF_SNAPSHOT_WORDS ((sizeof(df_choice) + 7U) / 8U)

/// The choice as last published: one thread writes and never waits, another
/// reads at any time (the host saves while audio runs).
typedef struct {
  atomic_uint          turn; // odd while being written
  atomic_uint_fast64_t words[DF_SNAPSHOT_WORDS];
} df_snapshot;

DF_RT
void
df_snapshot_write(df_snapshot* snapshot, const df_choice* choice);

/// Tries again while a write is going on; not for audio.
void
df_snapshot_read(df_snapshot* snapshot, df_choice* choice);

#endif // DF_PLUGIN_SNAPSHOT_H
