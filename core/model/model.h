#ifndef DF_MODEL_MODEL_H
#define DF_MODEL_MODEL_H

#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/model/config.h"
#include "core/model/layout.h"
#include "core/nn/params.h"
#include "core/tensor/real.h"

/// A network with its weights and what it knows of its tokens.
///
/// Preconditioning (per token dimension c with training variance q_c, level
/// with signal a and noise s, z = a x0 + s eps):
///
///     x0 = a q / (a^2 q + s^2) z + sqrt(q s^2 / (a^2 q + s^2)) net(z, level)
///
/// so that an untrained net (0) is the Wiener filter.  See core/MODEL.md.
typedef struct {
  df_model_config config;
  df_params       params;
  df_layout       layout;   ///< Where each tensor of params begins
  df_real*        theta;    ///< [params.total] weights
  float*          variance; ///< [C] q, training variance of each dimension, > 0
  float*          spread;   ///< [K+1,C] by level, deviation of the clean token
                            ///< about its estimate; 0 where not measured
  float* low;               ///< [C] 0.3 % quantile of training tokens
  float* high;              ///< [C] 99.7 % quantile of training tokens
} df_model;

/// Lay out a model of this shape: params filled, arrays taken, theta zero,
/// variance 1, spread 0, low -8, high 8.
///
/// @return DF_OK, DF_E_ARG (config; see note) or DF_E_NOMEM.
DF_NODISCARD df_status
df_model_make(df_arena*              arena,
              const df_model_config* config,
              df_model**             out,
              df_note*               note);

#endif // DF_MODEL_MODEL_H
