#ifndef DF_TENSOR_VECTOR_H
#define DF_TENSOR_VECTOR_H

#include "core/tensor/real.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Vectors of W numbers, as wide as the flags of the compiler allow.
///
/// Private to the kernels, whose source is compiled once for each instruction
/// set.  GCC and Clang both know these vectors; an operator works lane by lane.

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX2__)
#define BYTES 32
#else
#define BYTES 16
#endif

/// Lanes.
#define W (BYTES / sizeof(df_real))

#define INLINE static inline __attribute__((always_inline))

typedef df_real vec __attribute__((vector_size(BYTES)));
#ifdef DF_REAL_DOUBLE
typedef int64_t mask __attribute__((vector_size(BYTES)));
#else
typedef int32_t  mask __attribute__((vector_size(BYTES)));
typedef uint32_t bits __attribute__((vector_size(BYTES)));
#endif

INLINE vec
load(const df_real* const p)
{
  vec v;
  memcpy(&v, p, sizeof(v));
  return v;
}

INLINE void
store(df_real* const p, const vec v)
{
  memcpy(p, &v, sizeof(v));
}

/// The first n < W numbers, then zeros.
INLINE vec
load_part(const df_real* const p, const size_t n)
{
  vec v = { 0 };
  for (size_t i = 0U; i < n; ++i) {
    v[i] = p[i];
  }
  return v;
}

INLINE void
store_part(df_real* const p, const vec v, const size_t n)
{
  for (size_t i = 0U; i < n; ++i) {
    p[i] = v[i];
  }
}

INLINE vec
fill(const df_real x)
{
  const vec zero = { 0 };
  return zero + x;
}

/// a where the mask is set, else b.
INLINE vec
select(const mask m, const vec a, const vec b)
{
  return (vec)(((mask)a & m) | ((mask)b & ~m));
}

INLINE vec
largest(const vec a, const vec b)
{
  return select(a > b, a, b);
}

/// Sum of all lanes, in a fixed order.
INLINE df_real
sum(const vec v)
{
  df_real lane[W];
  store(lane, v);
  for (size_t n = W / 2U; n >= 1U; n /= 2U) {
    for (size_t i = 0U; i < n; ++i) {
      lane[i] += lane[i + n];
    }
  }
  return lane[0];
}

INLINE df_real
root(const df_real x)
{
#ifdef DF_REAL_DOUBLE
  return sqrt(x);
#else
  return sqrtf(x);
#endif
}

#ifdef DF_REAL_DOUBLE

INLINE vec
exponential(const vec x)
{
  vec y;
  for (size_t i = 0U; i < W; ++i) {
    y[i] = exp(x[i]);
  }
  return y;
}

#else

/// exp(x) to 2 units in the last place for -87..88; below 0, above as at 88.
INLINE vec
exponential(const vec x)
{
  // x = n ln 2 + r.  Adding 1.5 2^23 rounds to whole numbers, in the low bits;
  // the high part of ln 2 has so few bits that its product with n is exact.
  const vec round = fill(0x1.8p23f);
  const vec low   = fill(-87.0f);
  const vec high  = fill(88.0f);
  const vec in    = select(x > high, high, x);
  const vec t     = in * 0x1.715476p0f + round;
  const vec n     = t - round;
  const vec r     = (in - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;

  // exp r = 1 + r + r^2 q(r), q fitted for least relative error (3e-9) on
  // |r| <= ln 2 / 2
  vec q = r * 0x1.6a23cep-10f + 0x1.123a2p-7f;
  q     = q * r + 0x1.5558f2p-5f;
  q     = q * r + 0x1.555492p-3f;
  q     = q * r + 0x1.fffffcp-2f;

  const vec  e     = q * (r * r) + r + 1.0f;
  const bits scale = ((bits)t + 127U) << 23U;
  return select(in < low, fill(0.0f), e * (vec)scale);
}

#endif

#endif // DF_TENSOR_VECTOR_H
