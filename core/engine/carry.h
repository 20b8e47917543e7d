#ifndef DF_ENGINE_CARRY_H
#define DF_ENGINE_CARRY_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stdint.h>

/// Carries a sound on from the sample where trust ends until the engine's audio
/// is there.
///
/// Of two predictors one is taken: a long one, phase-exact on tonal sound, that
/// the engine fits now and then, if it would have predicted the last 5 ms well;
/// else a short one fitted on the spot to the last 1024 samples, which goes on
/// smoothly and soon dies away.  So a drum neither clicks nor rings on in the
/// tune of what was there before it.
typedef struct df_carry df_carry;

/// Samples before the loss that df_carry_begin reads, and df_carry_next.
#define DF_CARRY_PAST 1536

/// Longest predictor told.
#define DF_CARRY_ORDER 1024

/// @param rate  Hz, above 0
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD df_status
df_carry_make(df_arena* arena, double rate, df_carry** out);

/// As just made: nothing was told.
DF_RT void
df_carry_reset(df_carry* carry);

/// Here is a long predictor: x[t] = sum_k a[k] x[t-1-k].
///
/// @param order  1..DF_CARRY_ORDER
DF_RT void
df_carry_tell(df_carry* carry, const float* a, int order);

/// Trust ends.  Takes some 0.1 ms.
///
/// @param lines     [channels] each one past its newest sample
/// @param channels  1 or 2
DF_RT void
df_carry_begin(df_carry* carry, const float* const* lines, int channels);

/// Whether the long predictor carries on: well for tens of milliseconds.
DF_RT bool
df_carry_good(const df_carry* carry);

/// The next sample of a line; 0 when all has died away.
///
/// @param line  One past its newest sample
/// @param age   Samples since trust ended, 0 for the first
DF_RT float
df_carry_next(const df_carry* carry, const float* line, int64_t age);

#endif // DF_ENGINE_CARRY_H
