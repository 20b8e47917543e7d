#ifndef DF_NN_CONV_H
#define DF_NN_CONV_H

#include "core/base/pool.h"
#include "core/nn/streams.h"
#include "core/tensor/real.h"

#include <stddef.h>

/// Depthwise causal convolution with a straight path, on both streams.
///
///     y[t] = x[t] + b + sum over j = 0..W-1 of w[j] x[t-j]
///
/// A context token reads context.  A window token reads its own block, and the
/// context stream for what lies before its block.  Before the clip is zero.

/// @param x  [2BT,d]
/// @param w  [W,d], tap 0 is the present
/// @param b  [d]
/// @param y  [2BT,d], apart from x
void
df_conv(df_pool*       pool,
        df_streams     s,
        int            d,
        int            W,
        const df_real* x,
        const df_real* w,
        const df_real* b,
        df_real*       y);

/// Numbers of work space that the backward call wants.
size_t
df_conv_work(int B, int d, int W);

/// @param dy    [2BT,d]
/// @param dx    [2BT,d] written, apart from dy
/// @param dw    [W,d] added to
/// @param db    [d] added to
/// @param work  [df_conv_work(B, d, W)]
void
df_conv_backward(df_pool*       pool,
                 df_streams     s,
                 int            d,
                 int            W,
                 const df_real* x,
                 const df_real* w,
                 const df_real* dy,
                 df_real*       dx,
                 df_real*       dw,
                 df_real*       db,
                 df_real*       work);

#endif // DF_NN_CONV_H
