#include "core/engine/intake.h"

#include "core/engine/mend.h"

#include <string.h>

// Levels of the model
#define LEVELS 64.0f

// Seconds of a gap that autoregression from both sides serves better than the
// model, drums too (tests/bench/LOG.md)
#define SHORT 0.05

df_trust
df_trust_of(const float noise)
{
  return noise > 1.0f - 0.5f / LEVELS ? DF_LOST
         : noise >= 0.5f / LEVELS     ? DF_NOISY
                                      : DF_TRUSTED;
}

df_status
df_intake_make(df_arena* const  arena,
               const double     rate,
               const int        channels,
               const size_t     size,
               df_intake* const out)
{
  memset(out, 0, sizeof(*out));
  out->rate     = rate;
  out->channels = channels;
  out->size     = size;
  for (int c = 0; c < channels; ++c) {
    out->dry[c]  = DF_TAKE(arena, 2U * size, float);
    out->line[c] = DF_TAKE(arena, 2U * size, float);
    out->under[c] =
      DF_TAKE(arena, DF_CARRY_ORDER + (size_t)(DF_JOIN * rate) + 1U, float);
  }
  out->lane = DF_TAKE(arena, 2U * size, float);
  return df_carry_make(arena, rate, &out->carry);
}

void
df_intake_begin(df_intake* const in, const size_t kept)
{
  for (int c = 0; c < in->channels; ++c) {
    df_line_restart(in->dry[c], in->size, in->t, kept);
    df_line_restart(in->line[c], in->size, in->t, 0U);
  }
  memset(in->lane, 0, 2U * in->size * sizeof(float));
  df_carry_reset(in->carry);
  in->t         = 0;
  in->now       = DF_TRUSTED;
  in->lost_at   = -1;
  in->back_at   = -1;
  in->fresh     = false;
  in->untrusted = -1;
  in->returned  = -1;
  in->gap_count = 0;
}

static void
lose(df_intake* const in)
{
  const float* lines[2] = {df_line_newest(in->line[0], in->size, in->t), NULL};
  if (in->channels == 2) {
    lines[1] = df_line_newest(in->line[1], in->size, in->t);
  }
  df_carry_begin(in->carry, lines, in->channels);
  in->lost_at = in->t;
  in->fresh   = in->now == DF_TRUSTED;
}

// Trust is back: note a gap that is short enough
static void
find(df_intake* const in, const df_trust next)
{
  const int64_t length = in->t - in->lost_at;
  in->back_at          = in->t;
  in->returned         = in->t;
  for (int c = 0; c < in->channels; ++c) {
    memcpy(in->under[c],
           df_line_newest(in->line[c], in->size, in->t) - DF_CARRY_ORDER,
           DF_CARRY_ORDER * sizeof(float));
  }
  if (next == DF_TRUSTED && in->fresh && in->gap_count < DF_INTAKE_GAPS &&
      length <= DF_MEND_MOST && (double)length <= SHORT * in->rate) {
    in->gaps[in->gap_count++] = (df_gap){in->lost_at, in->t, INT64_MAX};
  }
}

// Trust ends: no gap looks further to its right
static void
doubt(df_intake* const in)
{
  for (int i = 0; i < in->gap_count; ++i) {
    if (in->gaps[i].until == INT64_MAX) {
      in->gaps[i].until = in->t;
    }
  }
}

static float
carried(const df_intake* const in, const int c)
{
  return df_carry_next(in->carry,
                       df_line_newest(in->line[c], in->size, in->t),
                       in->t - in->lost_at);
}

// The carried sound goes on by itself under the input when that is back
static float
carried_under(const df_intake* const in, const int c)
{
  float* const y = in->under[c] + DF_CARRY_ORDER + (in->t - in->returned);
  *y             = df_carry_next(in->carry, y, in->t - in->lost_at);
  return *y;
}

void
df_intake_take(df_intake* const in, const float* const x, const float noise)
{
  const int64_t  t    = in->t;
  const df_trust next = df_trust_of(noise);
  if (next != DF_TRUSTED && in->now == DF_TRUSTED) {
    doubt(in);
  }
  if (next == DF_LOST && in->now != DF_LOST) {
    lose(in);
  } else if (next != DF_LOST && in->now == DF_LOST) {
    find(in, next);
  }
  in->now = next;
  if (next != DF_TRUSTED) {
    in->untrusted = t;
  }
  df_line_put(in->lane, in->size, t, noise);

  const float ease = (float)(DF_JOIN * in->rate);
  for (int c = 0; c < in->channels; ++c) {
    float y = x[c];
    df_line_put(in->dry[c], in->size, t, y);
    if (next == DF_LOST) {
      y = carried(in, c);
    } else if (in->returned >= 0 && (float)(t - in->returned) < ease) {
      const float g = (float)(t - in->returned + 1) / ease;
      y             = g * y + (1.0f - g) * carried_under(in, c);
    }
    df_line_put(in->line[c], in->size, t, y);
  }
  ++in->t;
}

void
df_intake_heard(const df_intake* const in,
                const int64_t          from,
                const int              n,
                int* const             heard_from,
                int* const             heard_to)
{
  const int64_t back = in->back_at - from;
  const int64_t lost = in->lost_at - from;
  *heard_from        = back > 0 ? (int)back : 0;
  *heard_to          = in->now != DF_LOST ? n : lost > 0 ? (int)lost : 0;
}

void
df_intake_copy(const df_intake* const in,
               const int              c,
               const int64_t          from,
               const int              n,
               float* const           out)
{
  for (int i = 0; i < n; ++i) {
    const int64_t t = from + i;
    out[i]          = df_trust_of(df_intake_noise(in, t)) == DF_LOST
                        ? df_intake_line(in, c, t)
                        : df_intake_dry(in, c, t);
  }
}

bool
df_intake_ripe(df_intake* const in,
               const int64_t    first,
               const int64_t    next,
               df_gap* const    out)
{
  bool found = false;
  while (in->gap_count && !found) {
    *out             = in->gaps[0];
    const bool ended = out->until < in->t;
    out->until       = ended ? out->until : in->t;
    const int64_t n  = out->until - out->to;
    if (out->from >= next && n < DF_MEND_ENOUGH && !ended) {
      return false; // there is more to come
    }
    found = out->from >= first && n >= DF_MEND_LEAST;
    --in->gap_count;
    memmove(in->gaps, in->gaps + 1, sizeof(df_gap) * (size_t)in->gap_count);
  }
  return found;
}

void
df_intake_mend(df_intake* const          in,
               const int64_t             from,
               const int64_t             to,
               const float* const* const x)
{
  const int64_t ease  = (int64_t)(DF_JOIN * in->rate) + 1;
  const int64_t later = to + ease < in->t ? to + ease : in->t;
  for (int c = 0; c < in->channels; ++c) {
    for (int64_t t = from; t < to; ++t) {
      df_line_put(in->line[c], in->size, t, x[c][t - from]);
    }
    for (int64_t t = to; t < later; ++t) {
      if (df_trust_of(df_intake_noise(in, t)) == DF_LOST) {
        break;
      }
      df_line_put(in->line[c], in->size, t, df_intake_dry(in, c, t));
    }
  }
  for (int64_t t = from; t < to; ++t) {
    df_line_put(in->lane, in->size, t, 0.0f);
  }
  if (in->returned == to) {
    in->returned = -1;
  }
}
