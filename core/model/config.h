#ifndef DF_MODEL_CONFIG_H
#define DF_MODEL_CONFIG_H

#include "core/base/status.h"

#include <stdbool.h>

typedef enum { DF_BACKBONE_TRANSFORMER, DF_BACKBONE_GRU } df_backbone;

/// Hyper-parameters of a network; passed by value, stored in the model file.
typedef struct {
  df_backbone backbone;
  int         token;   ///< C, numbers in a token, 1..1024
  int         width;   ///< d, 8..1024
  int         heads;   ///< Attention heads, divides width, head width even
  int         layers;  ///< 1..16 (GRU: cells)
  int         mlp;     ///< Hidden width of the MLPs, 8..4096
  int         conv;    ///< Width of the depthwise causal convolution, 1..8
  int         context; ///< Most context tokens a window may see, 1..2048
  int         horizon; ///< Largest window H, 1..64
  int         levels;  ///< K, 1..4096; levels are 0 (clean) .. K (noise)
  int         side;    ///< S, side numbers a token, 0 (none)..1024
  float       shift;   ///< Signal scale of the angle schedule, 0.001..1000
  bool        recall;  ///< Has the recall input
} df_model_config;

/// The recipe's starting point for tokens of C numbers.
df_model_config
df_model_config_default(df_backbone backbone, int token);

/// DF_OK, or DF_E_ARG with a note that names the field, wanted and found.
DF_NODISCARD df_status
df_model_config_check(const df_model_config* config, df_note* note);

#endif // DF_MODEL_CONFIG_H
