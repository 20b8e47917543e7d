#ifndef DF_PLUGIN_DESK_H
#define DF_PLUGIN_DESK_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "plugin/models.h"
#include "plugin/name.h"
#include "plugin/osc.h"
#include "plugin/remote.h"

/// What the plugins understand by Open Sound Control, and when they
/// listen.
///
///     SYMBOL v            a control port; without v it is the host's again
///     lane t0 dt v...     `noise` from t0 seconds on, dt seconds each (1000),
///                         then the last one, until something else is said of
///                         it
///     hole t0 length      `noise` is 1 from t0 seconds on, for so long, or
///                         until `noise` is the host's again
///     load name           an installed model, with or without .safetensors
///     get [symbol]        answered by the values of all ports or one
///     name word           how the instance is called; without word by its port
///
/// Times count from the time tag of the bundle, or from when the message came.
/// `get` and `name` act at once.
/// `osc_port` and `freewheel` are the host's alone.  Subscribers get `level`,
/// `noise`, `late`, `load`, `model_status`, and `levels` and `token` while
/// there are any (df_remote_list).
typedef struct df_desk df_desk;

typedef struct {
  double               rate; ///< Hz, as the host has it
  const df_port_table* ports;
  const char*          bundle; ///< Folder of the bundle; borrowed
  df_models_kind       models;
  df_name*             name; ///< Borrowed
  const df_osc_method* more; ///< Methods beside these, whose self is the desk
  int                  more_count; ///< 0..DF_DESK_MORE
  void*                owner;
} df_desk_config;

#define DF_DESK_MORE 4

/// @return DF_OK, DF_E_NOMEM or DF_E_AGAIN.
DF_NODISCARD df_status
df_desk_make(const df_desk_config* config, df_desk** out);

/// What takes all that is sent; the desk's own.
df_remote*
df_desk_remote(df_desk* desk);

/// In a method: the owner.
void*
df_desk_owner(void* desk);

/// NULL is allowed.
void
df_desk_free(df_desk* desk);

/// Audio: listen on this port (0: on none); then let the worker turn.
DF_RT void
df_desk_want(df_desk* desk, int port);

/// Audio: the port in use, 0 when there is none.
DF_RT int
df_desk_bound(const df_desk* desk);

/// Worker: open or close as was wanted last.
///
/// @return as df_osc_open.
DF_NODISCARD df_status
df_desk_turn(df_desk* desk, df_note* note);

/// Host: while not active nobody listens; the thread has ended on return.
void
df_desk_activate(df_desk* desk, bool active);

#endif // DF_PLUGIN_DESK_H
