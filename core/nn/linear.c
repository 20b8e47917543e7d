#include "core/nn/linear.h"

#include "core/nn/rows.h"
#include "core/tensor/gemm.h"

#include <stddef.h>

void
df_linear(df_pool* const       pool,
          const int            n,
          const int            out,
          const int            in,
          const df_real* const x,
          const int            ldx,
          const df_real* const A,
          const df_real* const b,
          const bool           add,
          df_real* const       y,
          const int            ldy)
{
  // BLAS clears or scales what it adds to in any case: let it find the bias
  if (add) {
    df_rows_add(pool, n, out, b, y, ldy);
  } else {
    df_rows_fill(pool, n, out, b, NULL, y, ldy);
  }
  df_gemm(false, true, n, out, in, 1, x, ldx, A, in, 1, y, ldy);
}

void
df_linear_backward(df_pool* const       pool,
                   const int            n,
                   const int            out,
                   const int            in,
                   const df_real* const x,
                   const int            ldx,
                   const df_real* const A,
                   const df_real* const dy,
                   const int            ldy,
                   const bool           add,
                   df_real* const       dx,
                   df_real* const       dA,
                   df_real* const       db)
{
  df_rows_sum(pool, n, out, dy, ldy, NULL, db);
  df_gemm(true, false, out, in, n, 1, dy, ldy, x, ldx, 1, dA, in);
  if (dx) {
    df_gemm(false, false, n, in, out, 1, dy, ldy, A, in, add ? 1 : 0, dx, ldx);
  }
}
