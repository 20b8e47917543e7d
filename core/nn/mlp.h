#ifndef DF_NN_MLP_H
#define DF_NN_MLP_H

#include "core/base/pool.h"
#include "core/tensor/kernels.h"
#include "core/tensor/real.h"

/// x += gelu(n U^T + bu) V^T + bv: the layer that works on each row alone.

/// Weights, or their gradients.
typedef struct {
  df_real* U;  ///< [M,d]
  df_real* bu; ///< [M]
  df_real* V;  ///< [d,M]
  df_real* bv; ///< [d]
} df_mlp_grad;

typedef struct {
  const df_real* U;
  const df_real* bu;
  const df_real* V;
  const df_real* bv;
} df_mlp_weights;

/// @param n     Rows
/// @param in    [n,d]
/// @param pre   [n,M] before gelu, kept for the backward call
/// @param act   [n,M] after gelu, kept for the backward call
/// @param x     [n,d] added to
void
df_mlp(df_pool*              pool,
       const df_kernels*     kernels,
       int                   n,
       int                   d,
       int                   M,
       const df_mlp_weights* w,
       const df_real*        in,
       df_real*              pre,
       df_real*              act,
       df_real*              x);

/// @param dx    [n,d] gradient by x
/// @param din   [n,d] written
/// @param g     Added to
/// @param work  [n,M]
void
df_mlp_backward(df_pool*              pool,
                const df_kernels*     kernels,
                int                   n,
                int                   d,
                int                   M,
                const df_mlp_weights* w,
                const df_real*        in,
                const df_real*        pre,
                const df_real*        act,
                const df_real*        dx,
                df_real*              din,
                const df_mlp_grad*    g,
                df_real*              work);

#endif // DF_NN_MLP_H
