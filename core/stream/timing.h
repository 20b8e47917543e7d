#ifndef DF_STREAM_TIMING_H
#define DF_STREAM_TIMING_H

#include <stdint.h>

/// When each token of a stream's window is finished, and at which level it is
/// until then (stream.h has the schedule).  Private to the room.

/// Hops that are no time at all: a slope of 0.1, a third of a hop and their
/// products are not exact in binary.
#define DF_TIMING_SLACK 1e-5

/// Hops that a token takes from pure noise to clean.
double
df_timing_fall(int H, double slope);

/// Hops from `early` hops before hop `hop` until a token is finished.
///
/// @param r    The token, counted from the first one of this run
/// @param hop  Advances since then
double
df_timing_left(int H, double slope, int64_t r, int64_t hop, double early);

/// Level 0..K that the schedule wants then: not 0 before the token's time.
int
df_timing_level(int     H,
                double  slope,
                int     K,
                int64_t r,
                int64_t hop,
                double  early);

#endif // DF_STREAM_TIMING_H
