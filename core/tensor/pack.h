#ifndef DF_TENSOR_PACK_H
#define DF_TENSOR_PACK_H

#include "core/tensor/kernels.h"
#include "core/tensor/real.h"

#include <stddef.h>

/// Weights laid out once for the products of the running engine.
///
/// Panels of columns, each panel [K][panel width] contiguous, the last one
/// padded with zeros, in the width that `kernels->packed` reads.

/// Numbers needed for a packed [K,N] matrix.
size_t
df_pack_size(const df_kernels* kernels, int N, int K);

/// Pack W of a linear layer, stored [N,K] (out, in) row-major with stride K.
void
df_pack(const df_kernels* kernels,
        int               N,
        int               K,
        const df_real*    W,
        df_real*          packed);

#endif // DF_TENSOR_PACK_H
