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
  vec v = {0};
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
  const vec zero = {0};
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

/// The low, or the high, halves of a and b, number by number in turn.
#if BYTES == 64 && !defined(DF_REAL_DOUBLE)
#define LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif BYTES == 32 && !defined(DF_REAL_DOUBLE)
#define LOW 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
#elif BYTES == 16 && !defined(DF_REAL_DOUBLE)
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#elif BYTES == 16
#define LOW 0, 2
#define HIGH 1, 3
#endif

/// out[W,W] = the transpose of in[W,W]; they lie apart.
INLINE void
transpose(const df_real* const in,
          const size_t         ld_in,
          df_real* const       out,
          const size_t         ld_out)
{
  vec rows[W];
  for (size_t i = 0U; i < W; ++i) {
    rows[i] = load(in + i * ld_in);
  }
  // Dealing the upper half of the rows between the lower half, log2 W times
  for (size_t step = 1U; step < W; step *= 2U) {
    vec dealt[W];
    for (size_t i = 0U; i < W / 2U; ++i) {
      const vec a        = rows[i];
      const vec b        = rows[i + W / 2U];
      dealt[2U * i]      = __builtin_shufflevector(a, b, LOW);
      dealt[2U * i + 1U] = __builtin_shufflevector(a, b, HIGH);
    }
    for (size_t i = 0U; i < W; ++i) {
      rows[i] = dealt[i];
    }
  }
  for (size_t i = 0U; i < W; ++i) {
    store(out + i * ld_out, rows[i]);
  }
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
