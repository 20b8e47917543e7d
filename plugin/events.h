#ifndef DF_PLUGIN_EVENTS_H
#define DF_PLUGIN_EVENTS_H

#include "core/base/attr.h"
#include "plugin/uris.h"

#include <lv2/atom/atom.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The atoms of one cycle, and the answer to them.

/// Starts of the transport that are told apart in one cycle.
#define DF_EVENTS_STARTS 8

typedef struct {
  const char* path;                     ///< Newest path set, not ended, or NULL
  size_t      length;                   ///< Its length
  bool        asked;                    ///< Somebody wants to know the path
  const void* levels;                   ///< Newest list of floats, or NULL
  size_t      level_count;              ///< Its length
  uint32_t    level_frame;              ///< Where it begins
  int         count;                    ///< Starts
  uint32_t    starts[DF_EVENTS_STARTS]; ///< Frames where the transport started
} df_events;

/// Read a sequence.  What is malformed is passed over, times beyond the cycle
/// are brought into it.
///
/// @param sequence  Or NULL; paths and lists point into it
/// @param n         Samples in this cycle
/// @param speed     Of the transport; carried from cycle to cycle, 0 at first
DF_RT
void
df_events_read(const df_uris*           uris,
               const LV2_Atom_Sequence* sequence,
               uint32_t                 n,
               float*                   speed,
               df_events*               out);

/// Begin the sequence on `notify`, with patch:Set of the path if `tell`.
///
/// @param port  With the host's capacity in its size, or NULL
/// @return Whether it was told; false when the host's buffer is too small.
DF_RT
bool
df_events_notify(const df_uris*     uris,
                 LV2_Atom_Sequence* port,
                 bool               tell,
                 const char*        path);

#endif // DF_PLUGIN_EVENTS_H
