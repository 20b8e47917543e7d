#include "plugin/controls.h"

#include <stdint.h>

DF_RT
static float
value(void* const* const ports, const df_port port)
{
  return df_port_value(port, (const float*)ports[port]);
}

df_controls
df_controls_read(void* const* const ports)
{
  const int  wait    = (int)value(ports, DF_PORT_WAIT);
  const bool enabled = value(ports, DF_PORT_ENABLED) > 0.0f;
  const bool rolling = value(ports, DF_PORT_FREEWHEEL) > 0.0f;
  const bool watched = value(ports, DF_PORT_AUTO) > 0.0f;
  const bool offline =
    wait == DF_WAIT_ALWAYS || (wait == DF_WAIT_AUTO && rolling);

  const df_settings settings = {
    .horizon      = value(ports, DF_PORT_HORIZON),
    .slope        = value(ports, DF_PORT_SLOPE),
    .steps        = value(ports, DF_PORT_STEPS),
    .guidance     = value(ports, DF_PORT_GUIDANCE),
    .recall       = value(ports, DF_PORT_RECALL),
    .memory       = value(ports, DF_PORT_MEMORY),
    .memory_noise = value(ports, DF_PORT_MEMORY_NOISE),
    .heat         = value(ports, DF_PORT_HEAT),
    .aim_level    = value(ports, DF_PORT_AIM_LEVEL),
    .aim_bright   = value(ports, DF_PORT_AIM_BRIGHT),
    .aim          = value(ports, DF_PORT_AIM),
    .seed         = (uint32_t)value(ports, DF_PORT_SEED),
  };
  return (df_controls){
    .voice     = {.settings = settings,
                  .fade     = value(ports, DF_PORT_FADE) / 1000.0f,
                  .mix      = value(ports, DF_PORT_MIX),
                  .conceal  = enabled && watched,
                  .idle     = !enabled,
                  .wait     = offline},
    .noise     = enabled ? value(ports, DF_PORT_NOISE) : 0.0f,
    .enabled   = enabled,
    .offline   = offline,
    .lookahead = value(ports, DF_PORT_LOOKAHEAD),
    .watched   = watched,
    .slot      = (int)value(ports, DF_PORT_MODEL),
  };
}
