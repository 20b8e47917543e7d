#include "core/model/config.h"

#include <stddef.h>

df_model_config
df_model_config_default(const df_backbone backbone, const int token)
{
  const bool gru = backbone == DF_BACKBONE_GRU;
  return (df_model_config){
    .backbone = backbone,
    .token    = token,
    .width    = gru ? 256 : 192,
    .heads    = gru ? 8 : 6,
    .layers   = gru ? 2 : 4,
    .mlp      = gru ? 768 : 576,
    .conv     = 3,
    .context  = 256,
    .horizon  = 64,
    .levels   = 64,
    .shift    = 0.5f,
    .recall   = true,
  };
}

df_status
df_model_config_check(const df_model_config* const config, df_note* const note)
{
  const struct {
    const char* name;
    int         value;
    int         low;
    int         high;
  } fields[] = {
    {"token", config->token, 1, 1024},
    {"width", config->width, 8, 1024},
    {"heads", config->heads, 1, 1024},
    {"layers", config->layers, 1, 16},
    {"mlp", config->mlp, 8, 4096},
    {"conv", config->conv, 1, 8},
    {"context", config->context, 1, 2048},
    {"horizon", config->horizon, 1, 64},
    {"levels", config->levels, 1, 4096},
    {"side", config->side, 0, 1024},
  };

  const int backbone = (int)config->backbone;
  if (backbone != DF_BACKBONE_TRANSFORMER && backbone != DF_BACKBONE_GRU) {
    return df_note_set(
      note, DF_E_ARG, "backbone: want 0 or 1, got %d", backbone);
  }
  for (size_t i = 0U; i < sizeof(fields) / sizeof(fields[0]); ++i) {
    if (fields[i].value < fields[i].low || fields[i].value > fields[i].high) {
      return df_note_set(note,
                         DF_E_ARG,
                         "%s: want %d..%d, got %d",
                         fields[i].name,
                         fields[i].low,
                         fields[i].high,
                         fields[i].value);
    }
  }
  if (config->width % config->heads || config->width / config->heads % 2) {
    return df_note_set(
      note,
      DF_E_ARG,
      "heads: want a divisor of width %d with an even quotient, got %d",
      config->width,
      config->heads);
  }
  if (!(config->shift >= 1e-3f && config->shift <= 1e3f)) {
    return df_note_set(
      note, DF_E_ARG, "shift: want 0.001..1000, got %g", (double)config->shift);
  }
  return DF_OK;
}
