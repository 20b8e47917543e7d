#ifndef DF_NN_GRU_H
#define DF_NN_GRU_H

#include "core/base/pool.h"
#include "core/tensor/kernels.h"
#include "core/tensor/real.h"

/// The gates of a GRU with the reset gate inside, for one step of many rows.
///
///     r = sigmoid(ir + hr)   s = sigmoid(iz + hz)   c = tanh(in + r hn)
///     g' = (1 - s) c + s g
///
/// [ir|iz|in] come from the input and [hr|hz|hn] from the state, each by a
/// linear layer of the caller's.  Source: Cho et al. 2014, arXiv:1406.1078, in
/// the form with two biases.

/// @param n      Rows
/// @param a      [n,3d] from the input, row stride lda
/// @param h      [n,3d] from the state, contiguous
/// @param state  [n,d] g, row stride lds
/// @param gates  [n,4d] r, s, c, hn for the backward call, row stride ldg
/// @param next   [n,d] g', row stride ldn; apart from state
void
df_gru(df_pool*          pool,
       const df_kernels* kernels,
       int               n,
       int               d,
       const df_real*    a,
       int               lda,
       const df_real*    h,
       const df_real*    state,
       int               lds,
       df_real*          gates,
       int               ldg,
       df_real*          next,
       int               ldn);

/// @param dnext   [n,d] gradient by g', row stride ldd
/// @param da      [n,3d] written, row stride lda
/// @param dh      [n,3d] written, row stride lda
/// @param dstate  [n,d] the straight part s dg', added to, row stride ldp; what
///                comes back through h is the caller's
void
df_gru_backward(df_pool*       pool,
                int            n,
                int            d,
                const df_real* gates,
                int            ldg,
                const df_real* state,
                int            lds,
                const df_real* dnext,
                int            ldd,
                df_real*       da,
                df_real*       dh,
                int            lda,
                df_real*       dstate,
                int            ldp);

#endif // DF_NN_GRU_H
