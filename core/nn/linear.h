#ifndef DF_NN_LINEAR_H
#define DF_NN_LINEAR_H

#include "core/base/pool.h"
#include "core/tensor/real.h"

#include <stdbool.h>

/// The linear layer y = x A^T + b on many rows, by BLAS.
///
/// The pool shares out the rows (and, of the gradient of A, its rows) in pieces
/// of a fixed size, each one product of BLAS, so that results do not depend on
/// the number of threads.  This is fastest with BLAS kept to one thread.

/// @param n     Rows
/// @param x     [n,in] with row stride ldx
/// @param A     [out,in] contiguous
/// @param b     [out], or NULL for none
/// @param add   Add to y instead of writing it
/// @param y     [n,out] with row stride ldy; apart from x
void
df_linear(df_pool*       pool,
          int            n,
          int            out,
          int            in,
          const df_real* x,
          int            ldx,
          const df_real* A,
          const df_real* b,
          bool           add,
          df_real*       y,
          int            ldy);

/// @param x    As it was forward; not read without dA
/// @param A    Not read without dx
/// @param dy   [n,out] gradient by y, row stride ldy
/// @param add  Add to dx instead of writing it
/// @param dx   [n,in] row stride ldx, apart from dy, or NULL when not asked
/// @param dA   [out,in] added to, or NULL when not asked
/// @param db   [out] added to, or NULL when not asked; comes with dA
void
df_linear_backward(df_pool*       pool,
                   int            n,
                   int            out,
                   int            in,
                   const df_real* x,
                   int            ldx,
                   const df_real* A,
                   const df_real* dy,
                   int            ldy,
                   bool           add,
                   df_real*       dx,
                   df_real*       dA,
                   df_real*       db);

#endif // DF_NN_LINEAR_H
