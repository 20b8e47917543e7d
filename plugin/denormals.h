#ifndef DF_PLUGIN_DENORMALS_H
#define DF_PLUGIN_DENORMALS_H

#include "core/base/attr.h"

#include <stdint.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/// Flush-to-zero for the calling thread: a decaying tail must not slow a host
/// down.  Elsewhere than on x86 and 64-bit Arm these do nothing.

/// Switch denormal numbers off; returns what df_denormals_restore needs.
DF_RT
static inline uint64_t
df_denormals_off(void)
{
#if defined(__SSE__)
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040U); // FTZ, DAZ
  return before;
#elif defined(__aarch64__)
  uint64_t before = 0U;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | ((uint64_t)1U << 24U)));
  return before;
#else
  return 0U;
#endif
}

DF_RT
static inline void
df_denormals_restore(const uint64_t before)
{
#if defined(__SSE__)
  _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
  (void)before;
#endif
}

#endif // DF_PLUGIN_DENORMALS_H
