#include "core/nn/rows.h"

#include <stddef.h>

// Enough work to be worth a turn at the pool's lock
#define ROWS 64
#define COLUMNS 64

typedef struct {
  df_rows_piece piece;
  void*         self;
  int           count;
  int           size;
} loop;

static void
turn(void* const self, const int index)
{
  const loop* const l     = (const loop*)self;
  const int         begin = index * l->size;
  const int         left  = l->count - begin;
  l->piece(l->self, begin, begin + (left < l->size ? left : l->size));
}

void
df_rows_run(df_pool* const      pool,
            const int           count,
            const int           size,
            const df_rows_piece piece,
            void* const         self)
{
  loop l = {piece, self, count, size};
  df_pool_run(pool, (count + size - 1) / size, turn, &l);
}

typedef struct {
  int            n;
  int            d;
  const df_real* a;
  const df_real* b;
  df_real*       y;
  size_t         ld;
} job;

static void
fill(void* const self, const int begin, const int end)
{
  const job* const j = (const job*)self;
  for (int r = begin; r < end; ++r) {
    df_real* const y = j->y + (size_t)r * j->ld;
    for (int c = 0; c < j->d; ++c) {
      y[c] = j->a[c];
    }
    for (int c = 0; j->b && c < j->d; ++c) {
      y[c] += j->b[c];
    }
  }
}

void
df_rows_fill(df_pool* const       pool,
             const int            n,
             const int            d,
             const df_real* const bias,
             const df_real* const more,
             df_real* const       y,
             const int            ldy)
{
  job j = {n, d, bias, more, y, (size_t)ldy};
  df_rows_run(pool, n, ROWS, fill, &j);
}

static void
add(void* const self, const int begin, const int end)
{
  const job* const j = (const job*)self;
  for (int r = begin; r < end; ++r) {
    df_real* const y = j->y + (size_t)r * j->ld;
    for (int c = 0; c < j->d; ++c) {
      y[c] += j->a[c];
    }
  }
}

void
df_rows_add(df_pool* const       pool,
            const int            n,
            const int            d,
            const df_real* const bias,
            df_real* const       x,
            const int            ldx)
{
  job j = {n, d, bias, NULL, x, (size_t)ldx};
  df_rows_run(pool, n, ROWS, add, &j);
}

// Columns begin..end-1 of all rows
static void
sum_columns(void* const self, const int begin, const int end)
{
  const job* const j             = (const job*)self;
  df_real          sums[COLUMNS] = {0};
  for (int r = 0; r < j->n; ++r) {
    const df_real* const x = j->a + (size_t)r * j->ld + begin;
    const df_real        w = j->b ? j->b[r] : (df_real)1;
    for (int c = 0; c < end - begin; ++c) {
      sums[c] += w * x[c];
    }
  }
  for (int c = begin; c < end; ++c) {
    j->y[c] += sums[c - begin];
  }
}

void
df_rows_sum(df_pool* const       pool,
            const int            n,
            const int            d,
            const df_real* const x,
            const int            ldx,
            const df_real* const weight,
            df_real* const       sum)
{
  job j = {n, d, x, weight, sum, (size_t)ldx};
  df_rows_run(pool, d, COLUMNS, sum_columns, &j);
}
