#ifndef DF_PLUGIN_RIG_H
#define DF_PLUGIN_RIG_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/engine/instrument.h"
#include "core/engine/link.h"
#include "core/engine/voice.h"
#include "plugin/thread.h"

/// A model ready to sound in one plugin instance: the instrument, its link
/// with the engine thread, and the voice that audio plays.

/// An instrument in use; its users are counted by the worker alone.
typedef struct {
  df_instrument* instrument;
  int            users;
} df_loaded;

/// Load a model file; one user.
///
/// @return as df_instrument_load.
DF_NODISCARD
df_status
df_loaded_make(const char* path, df_loaded** out, df_note* note);

/// One user less; the last one frees.  NULL is allowed.
void
df_loaded_drop(df_loaded* loaded);

typedef struct {
  df_loaded* loaded;
  df_link*   link;
  df_thread* thread;
  df_voice*  voice;
  df_arena   arena;     ///< Holds the voice
  int        lookahead; ///< Hops
  bool       watched;   ///< Its voice looks for dropouts
} df_rig;

/// Build a rig; it becomes one more user of `loaded`.
///
/// @param rate       Host's rate, Hz
/// @param channels   1 or 2
/// @param lookahead  Milliseconds, rounded to hops of the model
/// @param watched    Look for dropouts
/// @return DF_OK, DF_E_ARG (rate; see note), DF_E_NOMEM or DF_E_AGAIN.
DF_NODISCARD
df_status
df_rig_make(df_loaded* loaded,
            double     rate,
            int        channels,
            float      lookahead,
            bool       watched,
            df_rig**   out,
            df_note*   note);

/// Join the engine thread, free.  NULL is allowed.
void
df_rig_free(df_rig* rig);

/// How many hops of this rig's model a look-ahead in milliseconds is.
DF_RT
int
df_rig_hops(const df_rig* rig, float lookahead);

/// Host samples in a frame (token) of the model.
DF_RT
double
df_rig_frame(const df_rig* rig, double rate);

/// As just made.
DF_RT
void
df_rig_reset(df_rig* rig);

/// As df_voice_restart.
DF_RT
void
df_rig_restart(df_rig* rig);

#endif // DF_PLUGIN_RIG_H
