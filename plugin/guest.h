#ifndef DF_PLUGIN_GUEST_H
#define DF_PLUGIN_GUEST_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "plugin/models.h"
#include "plugin/name.h"
#include "plugin/ports.h"
#include "plugin/snapshot.h"
#include "plugin/uris.h"

#include <lv2/atom/atom.h>
#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/worker/worker.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What every instance has, whichever plugin it is of: what the host gives it,
/// and which model the player wants.  It is the instance's first member, so
/// that what needs no more (plugin/state.h) serves all.
typedef struct {
  // Fixed from instantiate on
  double                     rate;   ///< 0: one that nobody can mean
  bool                       mapped; ///< There was a urid:map
  df_uris                    uris;
  const LV2_Log_Log*         log;      ///< Or NULL
  const LV2_Worker_Schedule* schedule; ///< Or NULL
  char                       bundle[DF_PATH_MAX];

  // Audio
  df_choice choice;
  uint32_t  choice_count; ///< Goes up when a path is chosen or dropped
  int       slot;         ///< `model` as last seen, -1 before
  bool      tell;         ///< Say the path on `notify`
  bool      unsaved;      ///< Say there that the session is to be saved

  // Shared
  df_snapshot saved;
  df_name     name; ///< For OSC

  // Handed over: the host's until audio takes it
  df_choice  restored;
  atomic_int post; ///< Whose it is
} df_guest;

/// Take what instantiate is handed.
///
/// @param guest   Zeroed
/// @param bundle  Folder of the bundle, or NULL
void
df_guest_begin(df_guest*                 guest,
               double                    rate,
               const char*               bundle,
               const LV2_Feature* const* features);

/// Tell the host's log why something failed.  Not for audio.
void
df_guest_say(const df_guest* guest, df_status status, const df_note* note);

/// Choose a model file; an empty path leaves it to the slot.  Publishes.
///
/// @param slot    Of the `model` port that goes with it
/// @param length  Of the path; one that does not fit is not taken, and the one
///                in force told
DF_RT
void
df_guest_choose(df_guest* guest, int slot, const char* path, size_t length);

/// Host: choose beside audio, which takes it over in its next cycle; of several
/// before that the last one counts.
///
/// @return False: the path is too long, and nothing changes.
bool
df_guest_restore(df_guest* guest, int slot, const char* path);

/// Audio, first in a cycle: take over what was restored.
DF_RT
void
df_guest_take(df_guest* guest);

/// Host: what is chosen, restored a moment ago or by audio.
void
df_guest_chosen(df_guest* guest, df_choice* out);

/// A turn of `model` outweighs a path, unless it only brings back the slot that
/// the path came with, as a host does that restores a session.
DF_RT
void
df_guest_follow(df_guest* guest, int slot);

/// Audio, last in a cycle: say what there is to be said, and keep what the host
/// has no room for.
///
/// @param notify  Connected, or NULL
DF_RT
void
df_guest_notify(df_guest* guest, LV2_Atom_Sequence* notify);

/// Find the file that is wanted.  Reads folders; not for audio.
///
/// @param chosen  A path, or empty: the slot says which
/// @param path    [DF_PATH_MAX] set on success, else empty
/// @return as df_models_find.
DF_NODISCARD
df_status
df_guest_find(const df_guest* guest,
              df_models_kind  kind,
              const char*     chosen,
              int             slot,
              char*           path,
              df_note*        note);

/// What came of loading the file at `path`, as `model_status` says it: a file
/// that lacks something is refused; only one that is not there is missing.
df_model_status
df_guest_status(df_status status, const char* path);

#endif // DF_PLUGIN_GUEST_H
