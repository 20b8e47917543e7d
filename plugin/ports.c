#include "plugin/ports.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

// clang-format off
static const df_port_info table[DF_PORT_COUNT] = {
  [DF_PORT_CONTROL]      = DF_ATOM("control"),
  [DF_PORT_NOTIFY]       = DF_ATOM("notify"),
  [DF_PORT_ENABLED]      = DF_WHOLE("enabled", 0.0f, 1.0f, 1.0f),
  [DF_PORT_NOISE]        = DF_REAL("noise", 0.0f, 0.0f, 1.0f),
  [DF_PORT_HORIZON]      = DF_WHOLE("horizon", 1.0f, 16.0f, 64.0f),
  [DF_PORT_SLOPE]        = DF_REAL("slope", 0.0f, 1.0f, 4.0f),
  [DF_PORT_STEPS]        = DF_WHOLE("steps", 1.0f, 1.0f, 8.0f),
  [DF_PORT_GUIDANCE]     = DF_REAL("guidance", 0.0f, 1.0f, 4.0f),
  [DF_PORT_RECALL]       = DF_REAL("recall", 0.0f, 1.0f, 1.0f),
  [DF_PORT_MEMORY]       = DF_REAL("memory", 0.1f, 6.0f, 6.0f),
  [DF_PORT_MEMORY_NOISE] = DF_REAL("memory_noise", 0.0f, 0.02f, 0.5f),
  [DF_PORT_HEAT]         = DF_REAL("heat", 0.0f, 1.0f, 1.5f),
  [DF_PORT_LOOKAHEAD]    = DF_REAL("lookahead", 0.0f, 0.0f, 500.0f),
  [DF_PORT_FADE]         = DF_REAL("fade", 1.0f, 20.0f, 200.0f),
  [DF_PORT_MIX]          = DF_REAL("mix", 0.0f, 1.0f, 1.0f),
  [DF_PORT_SEED]         = DF_WHOLE("seed", 0.0f, 0.0f, 16777215.0f),
  [DF_PORT_MODEL]        = DF_WHOLE("model", 0.0f, 0.0f, 63.0f),
  [DF_PORT_WAIT]         = DF_WHOLE("wait", 0.0f, 0.0f, 2.0f),
  [DF_PORT_FREEWHEEL]    = DF_WHOLE("freewheel", 0.0f, 0.0f, 1.0f),
  [DF_PORT_LATENCY]      = DF_METER("latency", 0.0f, 0.0f, 262144.0f, true),
  [DF_PORT_LATE]         = DF_METER("late", 0.0f, 0.0f, 16777215.0f, true),
  [DF_PORT_LOAD]         = DF_METER("load", 0.0f, 0.0f, 10.0f, false),
  [DF_PORT_LEVEL]        = DF_METER("level", 0.0f, 0.0f, 1.0f, false),
  [DF_PORT_MODEL_STATUS] = DF_METER("model_status", 0.0f, 1.0f, 3.0f, true),
  [DF_PORT_AUTO]         = DF_WHOLE("auto", 0.0f, 0.0f, 1.0f),
  [DF_PORT_AIM_LEVEL]    = DF_REAL("aim_level", -24.0f, 0.0f, 24.0f),
  [DF_PORT_AIM_BRIGHT]   = DF_REAL("aim_bright", -2.0f, 0.0f, 2.0f),
  [DF_PORT_AIM]          = DF_REAL("aim", 0.0f, 0.0f, 1.0f),
  [DF_PORT_OSC_PORT]     = DF_WHOLE("osc_port", 0.0f, 0.0f, 65535.0f),
  [DF_PORT_OSC_BOUND]    = DF_METER("osc_bound", 0.0f, 0.0f, 65535.0f, true),
};
// clang-format on

const df_port_table*
df_port_audio_table(void)
{
  static const df_port_table all = {table,
                                    DF_PORT_COUNT,
                                    DF_PORT_NOISE,
                                    DF_PORT_MODEL,
                                    DF_PORT_OSC_PORT,
                                    DF_PORT_FREEWHEEL};
  return &all;
}

int
df_port_find(const df_port_table* const ports, const char* const symbol)
{
  int i = 0;
  while (i < ports->count && strcmp(ports->infos[i].symbol, symbol) != 0) {
    ++i;
  }
  return i < ports->count ? i : -1;
}

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
  return df_port_clamp(df_port_about(port), value);
}

float
df_port_clamp(const df_port_info* const info, const float* const value)
{
  if (!value || isnan(*value)) {
    return info->initial;
  }
  const float clamped = fminf(fmaxf(*value, info->minimum), info->maximum);
  return info->whole ? roundf(clamped) : clamped;
}
