#include "core/engine/settings.h"

df_settings
df_settings_default(void)
{
  return (df_settings){
    .horizon      = 16.0f,
    .slope        = 1.0f,
    .steps        = 1.0f,
    .guidance     = 1.0f,
    .recall       = 1.0f,
    .memory       = 6.0f,
    .memory_noise = 0.02f,
    .heat         = 1.0f,
    .aim_level    = 0.0f,
    .aim_bright   = 0.0f,
    .aim          = 0.0f,
    .seed         = 0U,
  };
}

static bool
same(const float a, const float b)
{
  return !(a < b) && !(a > b);
}

bool
df_settings_equal(const df_settings* const a, const df_settings* const b)
{
  return same(a->horizon, b->horizon) && same(a->slope, b->slope) &&
         same(a->steps, b->steps) && same(a->guidance, b->guidance) &&
         same(a->recall, b->recall) && same(a->memory, b->memory) &&
         same(a->memory_noise, b->memory_noise) && same(a->heat, b->heat) &&
         same(a->aim_level, b->aim_level) &&
         same(a->aim_bright, b->aim_bright) && same(a->aim, b->aim) &&
         a->seed == b->seed;
}
