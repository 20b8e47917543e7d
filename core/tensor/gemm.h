#ifndef DF_TENSOR_GEMM_H
#define DF_TENSOR_GEMM_H

#include "core/tensor/real.h"

#include <stdbool.h>

/// C = alpha op(A) op(B) + beta C by OpenBLAS, row-major; for training only.
///
/// op(A) is [M,K] and op(B) is [K,N]; `ta` and `tb` say that the array holds
/// the transpose.  lda, ldb, ldc are the row strides of the arrays as stored.
/// May use BLAS's own threads, and leaves their number alone.
void
df_gemm(bool           ta,
        bool           tb,
        int            M,
        int            N,
        int            K,
        df_real        alpha,
        const df_real* A,
        int            lda,
        const df_real* B,
        int            ldb,
        df_real        beta,
        df_real*       C,
        int            ldc);

#endif // DF_TENSOR_GEMM_H
