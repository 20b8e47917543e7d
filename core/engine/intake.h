#ifndef DF_ENGINE_INTAKE_H
#define DF_ENGINE_INTAKE_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/engine/carry.h"
#include "core/engine/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The ear of a voice: what came in, as delay lines, carried on where it is
/// lost, and the short gaps in it that are to be filled from both sides.

/// The noise lane is read on the scale of the model's 64 levels: below half a
/// level the input is trusted, above the last half it is lost.
typedef enum { DF_TRUSTED, DF_NOISY, DF_LOST } df_trust;

/// Seconds of short cross-fades.
#define DF_JOIN 0.005

/// Short gaps that wait to be filled; more of them at once are carried over.
#define DF_INTAKE_GAPS 8

/// A short gap in trusted sound: samples [from, to).
typedef struct {
  int64_t from;
  int64_t to;
  int64_t until; ///< Trusted from `to` to here; INT64_MAX: still
} df_gap;

typedef struct {
  df_carry* carry;
  double    rate;
  int       channels;
  size_t    size;     ///< Of the lines
  float*    dry[2];   ///< [2 size] input
  float*    line[2];  ///< [2 size] input, carried on where lost
  float*    lane;     ///< [2 size] noise level declared
  float*    under[2]; ///< [DF_CARRY_ORDER + ease] carried on under what is back

  int64_t  t;         ///< Samples taken in
  df_trust now;       ///< Trust of the last one
  int64_t  lost_at;   ///< First sample of this or the last loss, or -1
  int64_t  back_at;   ///< First sample after the last loss, or -1
  bool     fresh;     ///< The sample before that loss was trusted
  int64_t  untrusted; ///< The last doubtful one, or -1
  int64_t  returned;  ///< Where the input came back and is faded in, or -1

  df_gap gaps[DF_INTAKE_GAPS]; ///< Oldest first
  int    gap_count;
} df_intake;

/// Sample t of channel c as it came in.
DF_RT static inline float
df_intake_dry(const df_intake* const in, const int c, const int64_t t)
{
  return df_line_get(in->dry[c], in->size, t);
}

/// ... as it came in or was carried on or filled.
DF_RT static inline float
df_intake_line(const df_intake* const in, const int c, const int64_t t)
{
  return df_line_get(in->line[c], in->size, t);
}

/// Its noise level; 0 in a gap that was filled from both sides.
DF_RT static inline float
df_intake_noise(const df_intake* const in, const int64_t t)
{
  return df_line_get(in->lane, in->size, t);
}

/// What a noise level means; below 0 and no number is trusted.
DF_RT df_trust
df_trust_of(float noise);

/// Carve the lines and the carry.
///
/// @param rate      Hz, above 0
/// @param channels  1 or 2
/// @param size      Samples that stay at hand, a power of two
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD df_status
df_intake_make(df_arena*  arena,
               double     rate,
               int        channels,
               size_t     size,
               df_intake* out);

/// Begin anew, but keep of the dry signal the newest `kept` samples.
DF_RT void
df_intake_begin(df_intake* intake, size_t kept);

/// Take in one sample: notice changes of trust, carry on what is lost.
///
/// @param x      [channels] finite
/// @param noise  0..1
DF_RT void
df_intake_take(df_intake* intake, const float* x, float noise);

/// What was heard of samples [from, from + n), the newest n: the last stretch
/// of it within them, relative to `from`; empty when none was.
DF_RT void
df_intake_heard(const df_intake* intake,
                int64_t          from,
                int              n,
                int*             heard_from,
                int*             heard_to);

/// Copy samples [from, from + n) of channel c without the cross-fade where the
/// input comes back.
DF_RT void
df_intake_copy(const df_intake* intake, int c, int64_t from, int n, float* out);

/// Take out the oldest gap that waits and is ripe: enough is heard after it, or
/// no more will be in time.  Those that can no longer be filled are forgotten.
///
/// @param first  Gaps that begin before this sample would be filled too late,
/// @param next   and those before this one if they waited any longer
/// @param out    Set where there is one; `until` is at most the next sample
DF_RT bool
df_intake_ripe(df_intake* intake, int64_t first, int64_t next, df_gap* out);

/// Put sound in the place of a gap, which so is trusted.
///
/// @param x  [channels][to - from]
DF_RT void
df_intake_mend(df_intake*          intake,
               int64_t             from,
               int64_t             to,
               const float* const* x);

#endif // DF_ENGINE_INTAKE_H
