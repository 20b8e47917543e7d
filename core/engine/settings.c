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
