#include "core/tensor/gemm.h"

#include <cblas.h>

#include <string.h>

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

const char*
df_gemm_core(void)
{
  return openblas_get_corename();
}

const char*
df_gemm_better_core(const char* const core)
{
#if defined(__x86_64__)
  static const char* const before_avx[] = {"Prescott",
                                           "Core2",
                                           "Penryn",
                                           "Dunnington",
                                           "Nehalem",
                                           "Athlon",
                                           "Opteron",
                                           "Opteron_SSE3",
                                           "Barcelona",
                                           "Bobcat",
                                           "Atom",
                                           "Nano"};
  for (size_t i = 0U; i < sizeof(before_avx) / sizeof(before_avx[0]); ++i) {
    if (strcmp(core, before_avx[i]) || !__builtin_cpu_supports("avx2") ||
        !__builtin_cpu_supports("fma")) {
      continue;
    }
    return __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl")
             ? "SkylakeX"
             : "Haswell";
  }
#else
  (void)core;
#endif
  return NULL;
}
