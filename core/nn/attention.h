#ifndef DF_NN_ATTENTION_H
#define DF_NN_ATTENTION_H

#include "core/base/pool.h"
#include "core/nn/streams.h"
#include "core/tensor/kernels.h"
#include "core/tensor/real.h"

#include <stdbool.h>
#include <stddef.h>

/// Block-causal attention over both streams.
///
///     o[i] = sum over visible j of softmax_j(q[i] . k[j]) v[j]
///
/// (q has already been scaled by 1/sqrt(D) and turned.)  Context token i of a
/// clip sees its context tokens i-N+1 .. i.  A token of the window block at b
/// sees the context tokens b-N .. b-1 and all H tokens of its block.
/// Probabilities are kept for the backward call.

typedef struct {
  df_streams s;       ///< How rows are arranged
  int        heads;   ///< Heads side by side in a row
  int        D;       ///< Head width
  int        memory;  ///< N, at least 1
  bool       context; ///< Context tokens ask, too; else only window tokens
} df_attention;

/// Numbers needed to keep the probabilities of any shape up to B, T, H.
size_t
df_attention_kept(const df_attention* largest);

/// Numbers of work space that the backward call wants, up to that shape.
size_t
df_attention_work(const df_attention* largest);

/// @param qkv   [2BT,3d] q, k, v, each d = heads D wide
/// @param kept  [df_attention_kept]
/// @param o     [2BT,d]; context rows are left alone unless they ask
void
df_attention_forward(df_pool*            pool,
                     const df_kernels*   kernels,
                     const df_attention* a,
                     const df_real*      qkv,
                     df_real*            kept,
                     df_real*            o);

/// @param dout  [2BT,d] gradient by o; context rows are not read unless they
/// asked
/// @param dqkv  [2BT,3d] written; dq of context rows that did not ask is 0
/// @param work  [df_attention_work]
void
df_attention_backward(df_pool*            pool,
                      const df_kernels*   kernels,
                      const df_attention* a,
                      const df_real*      qkv,
                      const df_real*      kept,
                      const df_real*      dout,
                      df_real*            dqkv,
                      df_real*            work);

#endif // DF_NN_ATTENTION_H
