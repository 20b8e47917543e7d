#ifndef DF_PLUGIN_EVENTS_H
#define DF_PLUGIN_EVENTS_H

#include "core/base/attr.h"
#include "plugin/uris.h"

#include <lv2/atom/atom.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The atoms of one cycle, and the answer to them.

/// Breaks, and lists of levels, that are told apart in one cycle; of more the
/// last one counts.
#define DF_EVENTS_BREAKS 8
#define DF_EVENTS_LISTS 8

/// The sound breaks off here: the transport starts, or samples were lost.
typedef struct {
  uint32_t frame;
  int64_t  lost; ///< Samples, 0: it is a start
} df_break;

/// A list of noise levels begins here.
typedef struct {
  uint32_t    frame;
  const void* values; ///< [count] floats of any alignment
  size_t      count;
} df_list;

/// The transport, as far as told; carried from cycle to cycle, all 0 at first.
typedef struct {
  float   speed;
  bool    placed; ///< `next` is known
  int64_t next;   ///< Its frame at the first sample of the next cycle
} df_transport;

typedef struct {
  const char* path;                     ///< Newest path set, not ended, or NULL
  size_t      length;                   ///< Its length
  bool        asked;                    ///< Somebody wants to know the path
  int         list_count;               ///< Lists
  df_list     lists[DF_EVENTS_LISTS];   ///< In order
  int         count;                    ///< Breaks
  df_break    breaks[DF_EVENTS_BREAKS]; ///< In order
} df_events;

/// Read a sequence.  What is malformed is passed over, times beyond the cycle
/// are brought into it.
///
/// Samples were lost where a patch:Set of `#xrun` says how many, and where the
/// transport, rolling at speed 1 before and after, goes ahead by up to `most`
/// frames more than were played: who locates goes further, or back.
///
/// @param sequence   Or NULL; paths and lists point into it
/// @param n          Samples in this cycle
/// @param most       Frames
DF_RT
void
df_events_read(const df_uris*           uris,
               const LV2_Atom_Sequence* sequence,
               uint32_t                 n,
               int64_t                  most,
               df_transport*            transport,
               df_events*               out);

/// What the host is to be told.
typedef struct {
  const char* path;    ///< patch:Set of the model's path, or NULL
  bool        unsaved; ///< state:StateChanged: there is something to save
} df_news;

/// Begin the sequence on `notify`, and put into it what there is room for.
///
/// @param port  With the host's capacity in its size, or NULL
/// @param news  What was told is taken out
DF_RT
void
df_events_notify(const df_uris* uris, LV2_Atom_Sequence* port, df_news* news);

#endif // DF_PLUGIN_EVENTS_H
