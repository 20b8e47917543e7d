#ifndef DF_MODEL_MIXER_H
#define DF_MODEL_MIXER_H

#include "core/base/pool.h"
#include "core/model/config.h"
#include "core/model/layout.h"
#include "core/nn/streams.h"
#include "core/tensor/kernels.h"
#include "core/tensor/real.h"

#include <stdbool.h>

/// What the mixer of one layer is asked with: the part of a block in which
/// tokens meet, attention in one backbone and a recurrence in the other.
///
/// Rows are arranged as df_streams says; d is config->width.
typedef struct {
  const df_model_config* config;
  const df_layout_block* at;    ///< Where this layer's tensors begin
  const df_real*         theta; ///< All weights
  df_pool*               pool;
  const df_kernels*      kernels;
  df_streams             s;
  int                    layer;
  bool                   last; ///< Nothing reads the context rows of the result
} df_mixer;

#endif // DF_MODEL_MIXER_H
