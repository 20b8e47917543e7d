#include "plugin/ports.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#define ATOM(symbol)                                                           \
  {                                                                            \
    symbol, DF_PORT_ATOM, 0.0f, 0.0f, 0.0f, false                              \
  }
#define REAL(symbol, low, initial, high)                                       \
  {                                                                            \
    symbol, DF_PORT_INPUT, low, initial, high, false                           \
  }
#define WHOLE(symbol, low, initial, high)                                      \
  {                                                                            \
    symbol, DF_PORT_INPUT, low, initial, high, true                            \
  }
#define METER(symbol, low, initial, high, whole)                               \
  {                                                                            \
    symbol, DF_PORT_OUTPUT, low, initial, high, whole                          \
  }

// clang-format off
static const df_port_info table[DF_PORT_COUNT] = {
  [DF_PORT_CONTROL]      = ATOM("control"),
  [DF_PORT_NOTIFY]       = ATOM("notify"),
  [DF_PORT_ENABLED]      = WHOLE("enabled", 0.0f, 1.0f, 1.0f),
  [DF_PORT_NOISE]        = REAL("noise", 0.0f, 0.0f, 1.0f),
  [DF_PORT_HORIZON]      = WHOLE("horizon", 1.0f, 16.0f, 64.0f),
  [DF_PORT_SLOPE]        = REAL("slope", 0.0f, 1.0f, 4.0f),
  [DF_PORT_STEPS]        = WHOLE("steps", 1.0f, 1.0f, 8.0f),
  [DF_PORT_GUIDANCE]     = REAL("guidance", 0.0f, 1.0f, 4.0f),
  [DF_PORT_RECALL]       = REAL("recall", 0.0f, 1.0f, 1.0f),
  [DF_PORT_MEMORY]       = REAL("memory", 0.1f, 6.0f, 6.0f),
  [DF_PORT_MEMORY_NOISE] = REAL("memory_noise", 0.0f, 0.02f, 0.5f),
  [DF_PORT_HEAT]         = REAL("heat", 0.0f, 1.0f, 1.5f),
  [DF_PORT_LOOKAHEAD]    = REAL("lookahead", 0.0f, 0.0f, 500.0f),
  [DF_PORT_FADE]         = REAL("fade", 1.0f, 20.0f, 200.0f),
  [DF_PORT_MIX]          = REAL("mix", 0.0f, 1.0f, 1.0f),
  [DF_PORT_SEED]         = WHOLE("seed", 0.0f, 0.0f, 16777215.0f),
  [DF_PORT_MODEL]        = WHOLE("model", 0.0f, 0.0f, 63.0f),
  [DF_PORT_WAIT]         = WHOLE("wait", 0.0f, 0.0f, 2.0f),
  [DF_PORT_FREEWHEEL]    = WHOLE("freewheel", 0.0f, 0.0f, 1.0f),
  [DF_PORT_LATENCY]      = METER("latency", 0.0f, 0.0f, 262144.0f, true),
  [DF_PORT_LATE]         = METER("late", 0.0f, 0.0f, 16777215.0f, true),
  [DF_PORT_LOAD]         = METER("load", 0.0f, 0.0f, 10.0f, false),
  [DF_PORT_LEVEL]        = METER("level", 0.0f, 0.0f, 1.0f, false),
  [DF_PORT_MODEL_STATUS] = METER("model_status", 0.0f, 1.0f, 3.0f, true),
  [DF_PORT_AUTO]         = WHOLE("auto", 0.0f, 0.0f, 1.0f),
  [DF_PORT_AIM_LEVEL]    = REAL("aim_level", -24.0f, 0.0f, 24.0f),
  [DF_PORT_AIM_BRIGHT]   = REAL("aim_bright", -2.0f, 0.0f, 2.0f),
  [DF_PORT_AIM]          = REAL("aim", 0.0f, 0.0f, 1.0f),
  [DF_PORT_OSC_PORT]     = WHOLE("osc_port", 0.0f, 0.0f, 65535.0f),
  [DF_PORT_OSC_BOUND]    = METER("osc_bound", 0.0f, 0.0f, 65535.0f, true),
};
// clang-format on

const df_port_info*
df_port_about(const df_port port)
{
  assert((int)port >= 0 && port < DF_PORT_COUNT);
  return &table[port];
}

const char*
df_port_audio(const int channels, const int index)
{
  static const char* const stereo[] = {
    "in_left", "in_right", "out_left", "out_right"};
  static const char* const mono[] = {"in", "out"};
  assert(index >= 0 && index < 2 * channels);
  return channels == 2 ? stereo[index] : mono[index];
}

float
df_port_value(const df_port port, const float* const value)
{
  const df_port_info* const info = df_port_about(port);
  if (!value || isnan(*value)) {
    return info->initial;
  }
  const float clamped = fminf(fmaxf(*value, info->minimum), info->maximum);
  return info->whole ? roundf(clamped) : clamped;
}
