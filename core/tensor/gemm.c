#include "core/tensor/gemm.h"

#include <cblas.h>

void
df_gemm(const bool           ta,
        const bool           tb,
        const int            M,
        const int            N,
        const int            K,
        const df_real        alpha,
        const df_real* const A,
        const int            lda,
        const df_real* const B,
        const int            ldb,
        const df_real        beta,
        df_real* const       C,
        const int            ldc)
{
  const CBLAS_TRANSPOSE opa = ta ? CblasTrans : CblasNoTrans;
  const CBLAS_TRANSPOSE opb = tb ? CblasTrans : CblasNoTrans;
#ifdef DF_REAL_DOUBLE
  cblas_dgemm(
    CblasRowMajor, opa, opb, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
#else
  cblas_sgemm(
    CblasRowMajor, opa, opb, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
#endif
}
