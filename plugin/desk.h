#ifndef DF_PLUGIN_DESK_H
#define DF_PLUGIN_DESK_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "plugin/remote.h"

/// What the audio plugins understand by Open Sound Control, and when they
/// listen.
///
///     SYMBOL v            a control port; without v it is the host's again
///     lane t0 dt v...     `noise` from t0 seconds on, dt seconds each (1000)
///     hole t0 length      `noise` is 1 from t0 seconds on, for so long
///     load name           an installed model, with or without .safetensors
///     get [symbol]        answered by the values of all ports or one
///
/// Times count from the time tag of the bundle, or from when the message came.
/// `osc_port` and `freewheel` are the host's alone.  Subscribers get `level`,
/// `noise`, `late`, `load`, and `model_status`.
typedef struct df_desk df_desk;

/// @param remote  Takes what is sent; borrowed
/// @param bundle  Folder of the bundle; borrowed
/// @return DF_OK, DF_E_NOMEM or DF_E_AGAIN.
DF_NODISCARD df_status
df_desk_make(df_remote* remote, const char* bundle, df_desk** out);

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
