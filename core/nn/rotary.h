#ifndef DF_NN_ROTARY_H
#define DF_NN_ROTARY_H

#include "core/base/pool.h"
#include "core/tensor/real.h"

#include <stdbool.h>

/// Rotary positions (Su et al. 2021, arXiv:2104.09864), pairing i with i + D/2.
///
///     angle = t 1000^(-2i/D),   i = 0 .. D/2-1
///     (u[i], u[i+D/2]) <- (u[i] cos - u[i+D/2] sin, u[i] sin + u[i+D/2] cos)

#define DF_ROTARY_BASE 1000.0

/// Fill table[T,D]: D/2 cosines, then D/2 sines, for each time 0..T-1.
void
df_rotary_table(int T, int D, df_real* table);

/// Turn heads side by side, in place; row r is at time r % T.
///
/// @param n        Rows
/// @param heads    Heads a row, each D wide
/// @param back     Turn the other way (the gradient of turning)
/// @param factor   Multiplies the result
/// @param x        [n, heads D] with row stride ldx
void
df_rotary(df_pool*       pool,
          int            n,
          int            T,
          int            heads,
          int            D,
          const df_real* table,
          bool           back,
          df_real        factor,
          df_real*       x,
          int            ldx);

#endif // DF_NN_ROTARY_H
