#ifndef DF_PLUGIN_NAME_H
#define DF_PLUGIN_NAME_H

#include "core/base/attr.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/// What the player calls an instance, so that several can be told apart by OSC
/// in every session alike, whatever ports they find.  Any thread but audio,
/// where nothing else is said.

/// Longest name, with its end.
#define DF_NAME_MAX 32

typedef struct {
  pthread_mutex_t guard; ///< OSC, and the host that saves and restores
  char            text[DF_NAME_MAX];
  atomic_bool     renamed;
} df_name;

/// Without a name yet.  It needs no end.
void
df_name_begin(df_name* name);

/// Give a name of 1 to 31 characters that may be part of an OSC address:
/// printable ASCII but for space and #*,/?[]{}.  An empty one takes it away.
///
/// @return False: it is no such name, and nothing changes.
bool
df_name_set(df_name* name, const char* text);

/// The same by the player, not by a session: the host is to be told.
bool
df_name_rename(df_name* name, const char* text);

/// Audio: was it, since this was asked last?
DF_RT
bool
df_name_renamed(df_name* name);

/// @param to  [DF_NAME_MAX] the name, empty without one
void
df_name_get(df_name* name, char* to);

#endif // DF_PLUGIN_NAME_H
