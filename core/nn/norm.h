#ifndef DF_NN_NORM_H
#define DF_NN_NORM_H

#include "core/base/pool.h"
#include "core/tensor/kernels.h"
#include "core/tensor/real.h"

/// Layer norm whose scale and shift depend on the noise level of each row.
///
///     unit = (x - mean) rstd,   rstd = 1 / sqrt(var + 1e-5)
///     y = unit (1 + scale[k]) + shift[k]
///
/// Source: adaptive norm of Peebles and Xie 2023, arXiv:2212.09748, per token.

/// @param x      [n,d]
/// @param table  [K+1,2d] scale, then shift, of each level
/// @param level  [n] 0..K
/// @param unit   [n,d] kept for the backward call
/// @param rstd   [n] kept for the backward call
/// @param y      [n,d]
void
df_norm(df_pool*          pool,
        const df_kernels* kernels,
        int               n,
        int               d,
        const df_real*    x,
        const df_real*    table,
        const int*        level,
        df_real*          unit,
        df_real*          rstd,
        df_real*          y);

/// @param dy      [n,d]
/// @param dx      [n,d] added to
/// @param dtable  [K+1,2d] added to
void
df_norm_backward(df_pool*       pool,
                 int            n,
                 int            d,
                 const df_real* table,
                 const int*     level,
                 const df_real* unit,
                 const df_real* rstd,
                 const df_real* dy,
                 df_real*       dx,
                 df_real*       dtable);

#endif // DF_NN_NORM_H
