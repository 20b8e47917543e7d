#include "core/nn/norm.h"

#include "core/nn/rows.h"

#include <stddef.h>

#define ROWS 32
#define COLUMNS 64

typedef struct {
  const df_kernels* kernels;
  int               n;
  int               d;
  const df_real*    x;
  const df_real*    table;
  const int*        level;
  df_real*          unit;
  df_real*          rstd;
  df_real*          y;
} job;

static void
forward(void* const self, const int begin, const int end)
{
  const job* const j = (const job*)self;
  const size_t     d = (size_t)j->d;
  for (int r = begin; r < end; ++r) {
    const size_t         row   = (size_t)r * d;
    const df_real* const scale = j->table + (size_t)j->level[r] * 2U * d;
    const df_real* const shift = scale + d;
    df_real* const       unit  = j->unit + row;
    df_real* const       y     = j->y + row;
    j->rstd[r]                 = j->kernels->normalize(unit, j->x + row, d);
    for (size_t c = 0U; c < d; ++c) {
      y[c] = unit[c] + unit[c] * scale[c] + shift[c];
    }
  }
}

void
df_norm(df_pool* const          pool,
        const df_kernels* const kernels,
        const int               n,
        const int               d,
        const df_real* const    x,
        const df_real* const    table,
        const int* const        level,
        df_real* const          unit,
        df_real* const          rstd,
        df_real* const          y)
{
  job j = {kernels, n, d, x, table, level, unit, rstd, y};
  df_rows_run(pool, n, ROWS, forward, &j);
}

typedef struct {
  int            n;
  int            d;
  const df_real* table;
  const int*     level;
  const df_real* unit;
  const df_real* rstd;
  const df_real* dy;
  df_real*       dx;
  df_real*       dtable;
} back;

static void
backward_rows(void* const self, const int begin, const int end)
{
  const back* const j = (const back*)self;
  const size_t      d = (size_t)j->d;
  for (int r = begin; r < end; ++r) {
    const size_t         row   = (size_t)r * d;
    const df_real* const scale = j->table + (size_t)j->level[r] * 2U * d;
    const df_real* const unit  = j->unit + row;
    const df_real* const dy    = j->dy + row;
    df_real* const       dx    = j->dx + row;

    // Eight sums side by side, so that the compiler may use vectors
    df_real sum[8]   = {0};
    df_real along[8] = {0};
    size_t  c        = 0U;
    for (; c + 8U <= d; c += 8U) {
      for (size_t l = 0U; l < 8U; ++l) {
        const df_real dunit = dy[c + l] + dy[c + l] * scale[c + l];
        sum[l] += dunit;
        along[l] += dunit * unit[c + l];
      }
    }
    for (; c < d; ++c) {
      const df_real dunit = dy[c] + dy[c] * scale[c];
      sum[0] += dunit;
      along[0] += dunit * unit[c];
    }
    for (size_t l = 1U; l < 8U; ++l) {
      sum[0] += sum[l];
      along[0] += along[l];
    }

    const df_real mean  = sum[0] / (df_real)d;
    const df_real slope = along[0] / (df_real)d;
    const df_real rstd  = j->rstd[r];
    for (c = 0U; c < d; ++c) {
      const df_real dunit = dy[c] + dy[c] * scale[c];
      dx[c] += rstd * (dunit - mean - unit[c] * slope);
    }
  }
}

static void
backward_columns(void* const self, const int begin, const int end)
{
  const back* const j     = (const back*)self;
  const size_t      d     = (size_t)j->d;
  const size_t      width = (size_t)(end - begin);
  for (int r = 0; r < j->n; ++r) {
    const size_t         row  = (size_t)r * d + (size_t)begin;
    const df_real* const unit = j->unit + row;
    const df_real* const dy   = j->dy + row;
    df_real* const       dscale =
      j->dtable + (size_t)j->level[r] * 2U * d + (size_t)begin;
    df_real* const dshift = dscale + d;
    for (size_t c = 0U; c < width; ++c) {
      dscale[c] += dy[c] * unit[c];
      dshift[c] += dy[c];
    }
  }
}

void
df_norm_backward(df_pool* const       pool,
                 const int            n,
                 const int            d,
                 const df_real* const table,
                 const int* const     level,
                 const df_real* const unit,
                 const df_real* const rstd,
                 const df_real* const dy,
                 df_real* const       dx,
                 df_real* const       dtable)
{
  back j = {n, d, table, level, unit, rstd, dy, dx, dtable};
  df_rows_run(pool, n, ROWS, backward_rows, &j);
  df_rows_run(pool, d, COLUMNS, backward_columns, &j);
}
