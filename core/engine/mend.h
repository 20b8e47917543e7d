#ifndef DF_ENGINE_MEND_H
#define DF_ENGINE_MEND_H

#include "core/base/arena.h"
#include "core/base/status.h"

#include <stdint.h>

/// Fills short gaps from both sides, each channel by itself, by the samples of
/// least squared prediction error (df_bridge_span).  The engine's thread; a gap
/// of 20 ms takes some 5 ms a channel, the longest 10 (tests/bench/LOG.md).

/// Longest gap, samples: 50 ms at 48 kHz.
#define DF_MEND_MOST 2400

/// Fewest samples heard on either side, and as many as are worth waiting for
/// on the right.
#define DF_MEND_LEAST 512
#define DF_MEND_ENOUGH 1024

typedef struct df_mend df_mend;

/// @param hop  Most samples a df_mend_hear
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD df_status
df_mend_make(df_arena* arena, int hop, df_mend** out);

/// As just made.
void
df_mend_reset(df_mend* mend);

/// Hear n more samples.
///
/// @param x  [2]; the second NULL if there is but one channel
void
df_mend_hear(df_mend* mend, const float* const* x, int n);

/// Fill a gap; what is heard of it from now on is the filling.
///
/// @param age    Samples from its first to the newest
/// @param n      Its length, 1..DF_MEND_MOST
/// @param right  Samples heard after it, at most age - n
/// @param y      [2] pointers to [n], of which as many as there are channels
///               are written
/// @return Samples filled: n, or 0 where too few are heard, or still known, on
/// a
///         side.
int
df_mend_fill(df_mend* mend, int age, int n, int right, float* const* y);

#endif // DF_ENGINE_MEND_H
