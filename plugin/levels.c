#include "plugin/levels.h"

#include <string.h>

void
df_levels_begin(df_levels* const  self,
                const void* const values,
                const size_t      count)
{
  self->count = count < DF_LEVELS_MOST ? (int)count : DF_LEVELS_MOST;
  self->at    = 0;
  memcpy(self->level, values, sizeof(float) * (size_t)self->count);
  for (int i = 0; i < self->count; ++i) {
    const float x  = self->level[i];
    self->level[i] = x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f;
  }
}

void
df_levels_end(df_levels* const self)
{
  self->count = 0;
}

void
df_levels_take(df_levels* const self,
               const double     frame,
               const float      noise,
               float* const     out,
               const int        n)
{
  for (int i = 0; i < n; ++i) {
    out[i] = noise;
    if (self->count) {
      const int now = (int)(self->at / frame);
      if (now < self->count) {
        out[i] = self->level[now];
        ++self->at;
      } else {
        self->count = 0;
      }
    }
  }
}
