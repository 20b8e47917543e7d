#ifndef DF_NN_ADAM_H
#define DF_NN_ADAM_H

#include "core/base/arena.h"
#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/nn/muon.h"
#include "core/nn/params.h"
#include "core/tensor/real.h"

#include <stdint.h>

/// AdamW with clipping of the whole gradient and a running average of weights.
///
///     g <- g min(1, clip / |g|)
///     m <- b1 m + (1 - b1) g,   v <- b2 v + (1 - b2) g^2
///     theta <- theta - rate (mhat / (sqrt(vhat) + eps) + decay theta)
///     average <- average + (1 - e) (theta - average)
///
/// with mhat = m / (1 - b1^n), vhat = v / (1 - b2^n) at the n-th step, decay
/// only where the tensor says so, and e = min(ema, (1 + n) / (10 + n)), so that
/// the average soon forgets the start.  Source: Loshchilov and Hutter 2019,
/// arXiv:1711.05101.

typedef struct {
  double rate;     ///< Learning rate of this step, >= 0
  double beta1;    ///< 0..1, less than 1
  double beta2;    ///< 0..1, less than 1
  double eps;      ///< > 0
  double decay;    ///< >= 0
  double clip;     ///< Largest norm of the gradient, > 0
  double ema;      ///< 0..1
  double momentum; ///< Of matrices with `pieces`, 0..1, less than 1; 0: AdamW
} df_adam_config;

/// The recipe: 1e-3, .9, .98, 1e-8, .02, 1, .998, .95.
df_adam_config
df_adam_config_default(void);

/// What a training run carries from step to step, and a checkpoint holds.
typedef struct {
  size_t   total;   ///< Numbers in each array
  df_real* m;       ///< [total] mean of gradients, or momentum
  df_real* v;       ///< [total] mean of their squares
  df_real* average; ///< [total] averaged weights
  int64_t  steps;   ///< Steps done
  df_muon* muon;
} df_adam;

/// Take the arrays; m, v zero, average a copy of theta.
///
/// @param params  Borrowed
/// @param theta   [params->total], read only when the arena has a base
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD
df_status
df_adam_make(df_arena*        arena,
             const df_params* params,
             const df_real*   theta,
             df_adam**        out);

/// One step of descent.
///
/// @param theta  [total] changed
/// @param grad   [total] read
/// @return the norm of the gradient before clipping; when it is not finite
///         nothing was changed.
double
df_adam_step(df_adam*              adam,
             df_pool*              pool,
             const df_adam_config* config,
             const df_params*      params,
             df_real*              theta,
             const df_real*        grad);

#endif // DF_NN_ADAM_H
