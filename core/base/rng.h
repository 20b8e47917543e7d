#ifndef DF_BASE_RNG_H
#define DF_BASE_RNG_H

#include "core/base/attr.h"

#include <stddef.h>
#include <stdint.h>

/// Random numbers, seeded and passed by hand.
///
/// A generator is the pair (key, counter): number i of a key is a hash of both
/// (the finaliser of SplitMix64, Steele, Lea and Flood 2014), so a key made
/// from (seed, stream, index) gives the same draws whatever came before.  That
/// is what makes a render independent of block size and of skipped work.
typedef struct {
  uint64_t key;
  uint64_t counter;
} df_rng;

/// A generator for this seed, stream and index.
DF_RT df_rng
df_rng_make(uint64_t seed, uint64_t stream, uint64_t index);

/// 64 random bits.
DF_RT uint64_t
df_rng_bits(df_rng* rng);

/// Uniform in [0, 1), 53 bits.
DF_RT double
df_rng_uniform(df_rng* rng);

/// Uniform integer in [0, n); n > 0.
DF_RT uint32_t
df_rng_below(df_rng* rng, uint32_t n);

/// Fill out[n] with independent draws of N(0, 1) (Box and Muller 1958).
DF_RT void
df_rng_normal(df_rng* rng, float* out, size_t n);

#endif // DF_BASE_RNG_H
