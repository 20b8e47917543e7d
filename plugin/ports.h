#ifndef DF_PLUGIN_PORTS_H
#define DF_PLUGIN_PORTS_H

#include "core/base/attr.h"

#include <stdbool.h>
#include <stdint.h>

/// The ports of `urn:dforce:audio` and `urn:dforce:audio-mono`: one table.
///
/// Audio comes first: `channels` inputs, `channels` outputs.  Then follow the
/// ports below, in this order, at index 2 channels + number.  ttl/ says the
/// same in Turtle; tests/hosts holds the two equal.

typedef enum {
  DF_PORT_CONTROL, ///< Atoms in: patch, time
  DF_PORT_NOTIFY,  ///< Atoms out: patch
  DF_PORT_ENABLED,
  DF_PORT_NOISE,
  DF_PORT_HORIZON,
  DF_PORT_SLOPE,
  DF_PORT_STEPS,
  DF_PORT_GUIDANCE,
  DF_PORT_RECALL,
  DF_PORT_MEMORY,
  DF_PORT_MEMORY_NOISE,
  DF_PORT_HEAT,
  DF_PORT_LOOKAHEAD,
  DF_PORT_FADE,
  DF_PORT_MIX,
  DF_PORT_SEED,
  DF_PORT_MODEL,
  DF_PORT_WAIT,
  DF_PORT_FREEWHEEL,
  DF_PORT_LATENCY,
  DF_PORT_LATE,
  DF_PORT_LOAD,
  DF_PORT_LEVEL,
  DF_PORT_MODEL_STATUS,
  DF_PORT_AUTO,
  DF_PORT_AIM_LEVEL,
  DF_PORT_AIM_BRIGHT,
  DF_PORT_AIM,
  DF_PORT_OSC_PORT,
  DF_PORT_OSC_BOUND,
  DF_PORT_COUNT
} df_port;

typedef enum { DF_PORT_ATOM, DF_PORT_INPUT, DF_PORT_OUTPUT } df_port_kind;

typedef struct {
  const char*  symbol;
  df_port_kind kind;    ///< Atom (control in, notify out) or control
  float        minimum; ///< Controls only, as the next two
  float        initial;
  float        maximum;
  bool         whole; ///< Rounded to a whole number; a toggle too
} df_port_info;

/// A plugin's ports but for its signals, in order.
typedef struct {
  const df_port_info* infos; ///< [count]
  int                 count; ///< At most DF_PORTS_MOST
  int                 noise; ///< Which they are
  int                 model;
  int                 osc_port;
  int                 freewheel;
} df_port_table;

#define DF_PORTS_MOST 32

/// Lines of a table.
#define DF_ATOM(symbol)                                                        \
  {                                                                            \
    symbol, DF_PORT_ATOM, 0.0f, 0.0f, 0.0f, false                              \
  }
#define DF_REAL(symbol, low, initial, high)                                    \
  {                                                                            \
    symbol, DF_PORT_INPUT, low, initial, high, false                           \
  }
#define DF_WHOLE(symbol, low, initial, high)                                   \
  {                                                                            \
    symbol, DF_PORT_INPUT, low, initial, high, true                            \
  }
#define DF_METER(symbol, low, initial, high, whole)                            \
  {                                                                            \
    symbol, DF_PORT_OUTPUT, low, initial, high, whole                          \
  }

/// Values of `model_status`.
typedef enum {
  DF_MODEL_READY,
  DF_MODEL_LOADING,
  DF_MODEL_MISSING,
  DF_MODEL_REFUSED
} df_model_status;

/// Values of `wait`.
typedef enum { DF_WAIT_AUTO, DF_WAIT_NEVER, DF_WAIT_ALWAYS } df_wait;

/// What a port is.
DF_RT
const df_port_info*
df_port_about(df_port port);

/// Symbol of audio port `index` (0 .. 2 channels - 1); channels 1 or 2.
const char*
df_port_audio(int channels, int index);

/// The ports of the audio plugins.
DF_RT
const df_port_table*
df_port_audio_table(void);

/// Which port of a table is called so; -1: none is.
int
df_port_find(const df_port_table* table, const char* symbol);

/// The value of a port, as df_port_value.
DF_RT
float
df_port_clamp(const df_port_info* info, const float* value);

/// The value to work with: the initial one when `value` is NULL or not a
/// number, else clamped to the range, whole ports rounded.
DF_RT
float
df_port_value(df_port port, const float* value);

#endif // DF_PLUGIN_PORTS_H
