#include "core/nn/rotary.h"

#include "core/nn/rows.h"

#include <math.h>
#include <stddef.h>

#define ROWS 128

void
df_rotary_table(const int T, const int D, df_real* const table)
{
  const int half = D / 2;
  for (int t = 0; t < T; ++t) {
    df_real* const row = table + (size_t)t * (size_t)D;
    for (int i = 0; i < half; ++i) {
      const double angle = t * pow(DF_ROTARY_BASE, -2.0 * i / D);
      row[i]             = (df_real)cos(angle);
      row[half + i]      = (df_real)sin(angle);
    }
  }
}

typedef struct {
  int            T;
  int            heads;
  int            D;
  const df_real* table;
  df_real        sign;
  df_real        factor;
  df_real*       x;
  size_t         ld;
} job;

static void
turn(void* const self, const int begin, const int end)
{
  const job* const j    = (const job*)self;
  const int        half = j->D / 2;
  for (int r = begin; r < end; ++r) {
    const df_real* const cosine = j->table + (size_t)(r % j->T) * (size_t)j->D;
    const df_real* const sine   = cosine + half;
    for (int h = 0; h < j->heads; ++h) {
      df_real* const lo = j->x + (size_t)r * j->ld + (size_t)h * (size_t)j->D;
      df_real* const hi = lo + half;
      for (int i = 0; i < half; ++i) {
        const df_real u = j->factor * lo[i];
        const df_real v = j->factor * hi[i];
        const df_real s = j->sign * sine[i];
        lo[i]           = u * cosine[i] - v * s;
        hi[i]           = u * s + v * cosine[i];
      }
    }
  }
}

void
df_rotary(df_pool* const       pool,
          const int            n,
          const int            T,
          const int            heads,
          const int            D,
          const df_real* const table,
          const bool           back,
          const df_real        factor,
          df_real* const       x,
          const int            ldx)
{
  job j = {T, heads, D, table, back ? -1 : 1, factor, x, (size_t)ldx};
  df_rows_run(pool, n, ROWS, turn, &j);
}
