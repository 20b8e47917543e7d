#include "core/tensor/kernels.h"

#include "core/tensor/kernels_sets.h"

#include <stddef.h>
#include <string.h>

#if defined(__x86_64__) && !defined(DF_REAL_DOUBLE)

// The processor has the instructions, and the system saves their registers

static const df_kernels*
avx512(void)
{
  return __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")
           ? &df_kernels_avx512
           : NULL;
}

static const df_kernels*
avx2(void)
{
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
           ? &df_kernels_avx2
           : NULL;
}

#else

static const df_kernels*
avx512(void)
{
  return NULL;
}

static const df_kernels*
avx2(void)
{
  return NULL;
}

#endif

const df_kernels*
df_kernels_best(void)
{
  const df_kernels* const widest = avx512();
  const df_kernels* const wide   = avx2();
  return widest ? widest : wide ? wide : &df_kernels_plain;
}

const df_kernels*
df_kernels_named(const char* const name)
{
  return !strcmp(name, "avx512")  ? avx512()
         : !strcmp(name, "avx2")  ? avx2()
         : !strcmp(name, "plain") ? &df_kernels_plain
                                  : NULL;
}
