#ifndef DF_PLUGIN_OSC_H
#define DF_PLUGIN_OSC_H

#include "core/base/status.h"
#include "plugin/name.h"

#include <lo/lo.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A server of Open Sound Control 1.0 for one instance: a UDP socket on
/// 127.0.0.1 and a thread.  What it understands is its owner's table.
///
/// Methods are called `/dforce/ID/NAME`, where ID is the number of the port, or
/// the name of the instance if it has one, which its answers bear then.  Each
/// part may be a pattern.  Bundles are taken apart as they come: a method
/// gets its time tag, and sees to it that things happen then.
///
/// Nobody beyond this machine is heard: packets from other than 127.x.x.x are
/// dropped.  What is wrong is answered at `/dforce/ID/error` with the address
/// and the reason, 100 times a second at most.

typedef struct df_osc df_osc;

/// One message, while its method runs; or a subscriber who is to be sent to.
typedef struct {
  df_osc*     server;
  const void* from;   ///< Who is answered
  int         tag;    ///< Of the method
  int64_t     time;   ///< When it is to happen, ns since 1970; 0 at once
  int64_t     now;    ///< When it came
  int         count;  ///< Arguments
  const char* types;  ///< [count]
  lo_arg**    values; ///< [count]
  const char* path;   ///< As it was sent
} df_osc_call;

typedef struct {
  const char* name;
  int         tag;
  void (*call)(void* self, const df_osc_call* call);
} df_osc_method;

typedef struct {
  const df_osc_method* methods; ///< Borrowed
  size_t               count;
  void*                self; ///< Handed to the methods
  /// Send to a subscriber; or NULL: nobody can subscribe
  void (*show)(void* self, const df_osc_call* call);
  df_name* name; ///< Borrowed; or NULL: there can be none
} df_osc_table;

/// Listen on `port`, or on the next free one of the hundred from there on.
///
/// The server itself understands `ping` (answers `pong`) and, with `show`,
/// `subscribe [port [rate]]`: show() for 10 seconds, `rate` times a second
/// (1..60, 20), to a port on this machine (0: where the message came from).
///
/// @param port  1024..65535
/// @return DF_OK, DF_E_NOMEM or DF_E_AGAIN (no free port, no thread; see note).
DF_NODISCARD df_status
df_osc_open(int port, const df_osc_table* table, df_osc** out, df_note* note);

/// Join the thread, close, free.  NULL is allowed.
void
df_osc_close(df_osc* osc);

/// The port in use.
int
df_osc_port(const df_osc* osc);

/// In a method: argument `i` as a number, whether it came as an integer, a
/// float, a double or a boolean.  False: there is none, or it is not finite.
bool
df_osc_number(const df_osc_call* call, int i, float* out);

/// In a method: argument `i` as a string or symbol, else NULL.
const char*
df_osc_string(const df_osc_call* call, int i);

/// In a method: send `/dforce/ID/NAME` to who called.  Takes the message.
void
df_osc_answer(const df_osc_call* call, const char* name, lo_message message);

/// In a method: send an error to who called.
void
df_osc_refuse(const df_osc_call* call, const char* reason);

#endif // DF_PLUGIN_OSC_H
