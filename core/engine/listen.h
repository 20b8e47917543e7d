#ifndef DF_ENGINE_LISTEN_H
#define DF_ENGINE_LISTEN_H

#include "core/audio/codec.h"
#include "core/base/arena.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stdint.h>

/// What is heard, as frames and tokens with their noise levels.
///
/// Samples are counted from 0; frame g is centred at sample g hop; token n is
/// frames n F .. n F + F - 1.  A frame is known when all its samples were heard
/// (a sliver at the window's foot apart).  When trust is lost the samples are
/// continued by a linear predictor as far as its back-test allows, so that the
/// last frames before the loss are known at once, not a window later.

typedef enum {
  DF_HEARD_PENDING, ///< Samples are still to come
  DF_HEARD_KNOWN,
  DF_HEARD_UNKNOWN ///< Was never heard, and will not be
} df_heard;

typedef struct df_listener df_listener;

/// @param reach  Hops of sound that must stay readable, 1..1024
DF_NODISCARD df_status
df_listener_make(df_arena*       arena,
                 const df_codec* codec,
                 int             levels,
                 int             reach,
                 df_listener**   out);

/// FFT plans are not arena memory: release them.
void
df_listener_free(df_listener* listener);

void
df_listener_reset(df_listener* listener);

/// Append n samples and declare the noise, 0..1, of the frames centred in them.
void
df_listener_take(df_listener* listener, const float* x, int n, float noise);

/// Trust ends with the samples taken so far: extrapolate.  What is taken from
/// now on is not looked at.  While lost: nothing.
void
df_listener_lose(df_listener* listener);

/// Trust is back with the samples taken from now on.
void
df_listener_find(df_listener* listener);

/// Samples taken so far.
int64_t
df_listener_end(const df_listener* listener);

/// State of frame g; when known its log-magnitudes and level 0..levels.
df_heard
df_listener_frame(const df_listener* listener,
                  int64_t            g,
                  const float**      logmag,
                  int*               level);

/// State of token n; when known its numbers and level 0..levels.
df_heard
df_listener_token(const df_listener* listener,
                  int64_t            n,
                  const float**      token,
                  int*               level);

/// Pooled bands of a known token n, [DF_BANDS].
const float*
df_listener_bands(const df_listener* listener, int64_t n);

/// Whether trust is lost at the newest sample.
bool
df_listener_lost(const df_listener* listener);

/// Copy samples [from, from + n), extrapolated where lost, 0 outside reach.
void
df_listener_read(const df_listener* listener, int64_t from, int n, float* out);

#endif // DF_ENGINE_LISTEN_H
