#ifndef DF_PLUGIN_CONTROLS_H
#define DF_PLUGIN_CONTROLS_H

#include "core/base/attr.h"
#include "core/engine/voice.h"
#include "plugin/ports.h"

#include <stdbool.h>

/// What the control inputs say in one cycle, every value within its range.
typedef struct {
  df_voice_controls voice;
  float             noise; ///< 0 while not enabled
  bool              enabled;
  bool              offline;   ///< Wait for the engine, and for the model
  float             lookahead; ///< Milliseconds
  bool              watched;   ///< `auto`, enabled or not
  int               slot;
} df_controls;

/// Read the ports.
///
/// @param ports  [DF_PORT_COUNT]; any may be NULL
DF_RT
df_controls
df_controls_read(void* const* ports);

#endif // DF_PLUGIN_CONTROLS_H
