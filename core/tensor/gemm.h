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

/// The processor that OpenBLAS has chosen its products for ("Haswell", ...).
const char*
df_gemm_core(void);

/// The processor it should have chosen: an OpenBLAS older than the machine
/// falls back to one without AVX, five times slower.
///
/// @param core  What it has chosen
/// @return A value for the environment variable OPENBLAS_CORETYPE, which is
/// read as the library loads, or NULL where the choice is as good.
const char*
df_gemm_better_core(const char* core);

#endif // DF_TENSOR_GEMM_H
