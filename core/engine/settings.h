#ifndef DF_ENGINE_SETTINGS_H
#define DF_ENGINE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/// What a player sets, in the units of the plugin's ports; passed by value.
/// Whoever takes them clamps them to these ranges.
typedef struct {
  float    horizon;      ///< 1..64 tokens planned ahead
  float    slope;        ///< 0..4, how much noisier each later token is
  float    steps;        ///< 1..8 passes a token
  float    guidance;     ///< 0..4, history guidance, 1 = plain
  float    recall;       ///< 0..1, how far the figure heard before leads
  float    memory;       ///< 0.1..6 s of past that the network may see
  float    memory_noise; ///< 0..0.5, level declared for own past output
  float    heat;         ///< 0..1.5, sampler stochasticity
  float    aim_level;    ///< -24..24 dB above what was heard
  float    aim_bright;   ///< -2..2 octaves above it
  float    aim;          ///< 0..1, how much these goals steer
  uint32_t seed;
} df_settings;

/// The defaults of the plugin's ports.
df_settings
df_settings_default(void);

/// Whether all are the same.
bool
df_settings_equal(const df_settings* a, const df_settings* b);

#endif // DF_ENGINE_SETTINGS_H
