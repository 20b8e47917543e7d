#ifndef DF_NN_ROWS_H
#define DF_NN_ROWS_H

#include "core/base/pool.h"
#include "core/tensor/real.h"

/// Loops over the rows of a matrix, shared by threads.
///
/// Pieces have a fixed size, so results do not depend on how many threads there
/// are.  A sum over rows is cut by columns, and each column adds in row order.

/// Do rows (or columns) begin .. end-1.
typedef void (*df_rows_piece)(void* self, int begin, int end);

/// Do 0..count-1 in pieces of `size` (the last may be shorter).
void
df_rows_run(df_pool*      pool,
            int           count,
            int           size,
            df_rows_piece piece,
            void*         self);

/// y[r,:] = bias, or bias + other where `other` is given.
///
/// @param y     [n,d]
/// @param bias  [d]
/// @param more  [d], or NULL
void
df_rows_fill(df_pool*       pool,
             int            n,
             int            d,
             const df_real* bias,
             const df_real* more,
             df_real*       y,
             int            ldy);

/// x[r,:] += bias for n rows.
void
df_rows_add(df_pool*       pool,
            int            n,
            int            d,
            const df_real* bias,
            df_real*       x,
            int            ldx);

/// sum[c] += sum over r of weight[r] x[r,c]; a NULL weight is 1.
void
df_rows_sum(df_pool*       pool,
            int            n,
            int            d,
            const df_real* x,
            int            ldx,
            const df_real* weight,
            df_real*       sum);

#endif // DF_NN_ROWS_H
