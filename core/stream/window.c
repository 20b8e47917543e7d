#include "core/stream/window.h"

#include "core/base/rng.h"
#include "core/diffusion/forcing.h"

#include <stddef.h>
#include <string.h>

df_status
df_window_make(df_arena* const          arena,
               const df_schedule* const schedule,
               const int                K,
               const int                C,
               const int                horizon,
               const int                size,
               df_window* const         out)
{
  const size_t n = (size_t)size;
  const size_t H = (size_t)horizon;
  const size_t c = (size_t)C;
  *out       = (df_window){.schedule = schedule, .K = K, .C = C, .size = size};
  out->slots = DF_TAKE(arena, n, df_window_slot);
  out->z     = DF_TAKE(arena, n * c, float);
  out->estimates        = DF_TAKE(arena, n * c, float);
  out->known            = DF_TAKE(arena, n * c, float);
  out->recall           = DF_TAKE(arena, n * c, float);
  out->before.slots     = DF_TAKE(arena, H, df_window_slot);
  out->before.z         = DF_TAKE(arena, H * c, float);
  out->before.estimates = DF_TAKE(arena, H * c, float);
  return df_arena_status(arena);
}

void
df_window_reset(df_window* const self)
{
  df_window_restart(self);
  for (int i = 0; i < self->size; ++i) {
    self->slots[i].index = -1;
  }
}

void
df_window_restart(df_window* const self)
{
  self->before.valid = false;
  ++self->count;
}

float*
df_window_row(const df_window* const self,
              float* const           array,
              const int64_t          index)
{
  return array + (size_t)(index % self->size) * (size_t)self->C;
}

df_window_slot*
df_window_at(const df_window* const self, const int64_t index)
{
  return &self->slots[index % self->size];
}

df_window_slot*
df_window_claim(df_window* const self, const int64_t index)
{
  df_window_slot* const s = df_window_at(self, index);
  if (s->index != index) {
    *s = (df_window_slot){index, 0U, self->K, -1, 0.0f};
  }
  return s;
}

df_window_slot*
df_window_join(df_window* const self, const int64_t index)
{
  df_window_slot* const s = df_window_claim(self, index);
  if (s->window == self->count) {
    return s;
  }
  float* const z        = df_window_row(self, self->z, index);
  float* const estimate = df_window_row(self, self->estimates, index);
  df_window_draw(self, index, 0, z);
  if (s->pin >= 0) {
    const float* const x0 = df_window_row(self, self->known, index);
    df_forcing_noise(self->schedule, z, x0, z, &s->pin, 1, 1, self->C);
    memcpy(estimate, x0, (size_t)self->C * sizeof(float));
  } else {
    memset(estimate, 0, (size_t)self->C * sizeof(float));
  }
  s->level  = s->pin >= 0 ? s->pin : self->K;
  s->window = self->count;
  return s;
}

void
df_window_draw(const df_window* const self,
               const int64_t          index,
               const int              use,
               float* const           w)
{
  df_rng rng = df_rng_make(self->seed, (uint64_t)index + 1U, (uint64_t)use);
  df_rng_normal(&rng, w, (size_t)self->C);
}

void
df_window_note(df_window* const self,
               const int64_t    position,
               const int64_t    front,
               const int        H)
{
  df_window_before* const b = &self->before;
  const size_t            C = (size_t)self->C;

  b->valid  = true;
  b->front  = front;
  b->passed = *df_window_claim(self, position);
  for (int j = 0; j < H; ++j) {
    const int64_t index = front + j;
    const size_t  at    = (size_t)j * C;
    const size_t  size  = C * sizeof(float);
    b->slots[j]         = *df_window_claim(self, index);
    memcpy(b->z + at, df_window_row(self, self->z, index), size);
    memcpy(
      b->estimates + at, df_window_row(self, self->estimates, index), size);
  }
}

void
df_window_undo(df_window* const self, const int64_t front, const int H)
{
  df_window_before* const b = &self->before;
  const size_t            C = (size_t)self->C;

  for (int64_t index = b->front; index < front + H; ++index) {
    const int             j = (int)(index - b->front);
    df_window_slot* const s = df_window_claim(self, index);
    if (s->window != self->count) {
      continue; // pinned since: it joins with that
    }
    if (j >= H || b->slots[j].window != self->count) {
      s->window = 0U; // joined since, and will do so again
      continue;
    }
    const size_t at   = (size_t)j * C;
    const size_t size = C * sizeof(float);
    s->level          = b->slots[j].level;
    memcpy(df_window_row(self, self->z, index), b->z + at, size);
    memcpy(
      df_window_row(self, self->estimates, index), b->estimates + at, size);
  }
  b->valid = false;
}
