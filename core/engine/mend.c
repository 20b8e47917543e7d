#include "core/engine/mend.h"

#include "core/audio/bridge.h"
#include "core/engine/line.h"

// Samples that the predictor is fitted to on the left; on the right no more
// than are waited for
#define LEFT 4096

struct df_mend {
  df_bridge* bridge;
  float*     line[2]; // [2 size] what was heard
  size_t     size;
  int        channels;
  int64_t    t; // Samples heard
};

df_status
df_mend_make(df_arena* const arena, const int hop, df_mend** const out)
{
  size_t size = 1U;
  while (size < (size_t)(LEFT + DF_MEND_MOST + DF_MEND_ENOUGH + 2 * hop)) {
    size *= 2U;
  }
  df_bridge*      bridge = NULL;
  df_mend* const  self   = DF_TAKE(arena, 1U, df_mend);
  float* const    a      = DF_TAKE(arena, 2U * size, float);
  float* const    b      = DF_TAKE(arena, 2U * size, float);
  const df_status status =
    df_bridge_make(arena, LEFT, DF_BRIDGE_ORDER, DF_MEND_MOST, &bridge);
  if (status || !self || !a || !b) {
    return status ? status : df_arena_status(arena);
  }
  *self = (df_mend){bridge, {a, b}, size, 0, 0};
  *out  = self;
  return DF_OK;
}

void
df_mend_reset(df_mend* const self)
{
  self->t = 0;
}

void
df_mend_hear(df_mend* const self, const float* const* const x, const int n)
{
  self->channels = x[1] ? 2 : 1;
  for (int c = 0; c < self->channels; ++c) {
    for (int i = 0; i < n; ++i) {
      df_line_put(self->line[c], self->size, self->t + i, x[c][i]);
    }
  }
  self->t += n;
}

int
df_mend_fill(df_mend* const      self,
             const int           age,
             const int           n,
             const int           right,
             float* const* const y)
{
  const int64_t from = self->t - age;
  const int64_t kept = (int64_t)self->size - age;
  const int64_t most = kept < LEFT ? kept : LEFT;
  const int     left = (int)(from < most ? from : most);
  if (left < DF_MEND_LEAST || right < DF_MEND_LEAST) {
    return 0;
  }
  for (int c = 0; c < self->channels; ++c) {
    const float* const begin =
      df_line_newest(self->line[c], self->size, self->t) - age;
    df_bridge_span(self->bridge, begin - left, left, begin + n, right, y[c], n);
    for (int i = 0; i < n; ++i) {
      df_line_put(self->line[c], self->size, from + i, y[c][i]);
    }
  }
  return n;
}
