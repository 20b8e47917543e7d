#include "core/nn/linear.h"

#include "core/nn/rows.h"
#include "core/tensor/gemm.h"

#include <stddef.h>

// What one thread takes at a time: rows, or rows of the matrix's gradient. BLAS
// is the faster the larger its products; these still keep a laptop busy.
#define ROWS 1024
#define COLUMNS 192

typedef struct {
  int            n;
  int            out;
  int            in;
  const df_real* x;
  int            ldx;
  const df_real* A;
  const df_real* b;
  bool           add;
  df_real*       y;
  int            ldy;
} job;

static void
forward(void* const self, const int begin, const int end)
{
  const job* const     j = (const job*)self;
  const int            n = end - begin;
  const df_real* const x = j->x + (size_t)begin * (size_t)j->ldx;
  df_real* const       y = j->y + (size_t)begin * (size_t)j->ldy;
  // BLAS clears or scales what it adds to in any case: let it find the bias
  if (j->b && j->add) {
    df_rows_add(NULL, n, j->out, j->b, y, j->ldy);
  } else if (j->b) {
    df_rows_fill(NULL, n, j->out, j->b, NULL, y, j->ldy);
  }
  const df_real beta = j->b || j->add ? 1 : 0;
  df_gemm(
    false, true, n, j->out, j->in, 1, x, j->ldx, j->A, j->in, beta, y, j->ldy);
}

void
df_linear(df_pool* const       pool,
          const int            n,
          const int            out,
          const int            in,
          const df_real* const x,
          const int            ldx,
          const df_real* const A,
          const df_real* const b,
          const bool           add,
          df_real* const       y,
          const int            ldy)
{
  job j = {n, out, in, x, ldx, A, b, add, y, ldy};
  df_rows_run(pool, n, ROWS, forward, &j);
}

typedef struct {
  int            n;
  int            out;
  int            in;
  const df_real* x;
  int            ldx;
  const df_real* A;
  const df_real* dy;
  int            ldy;
  bool           add;
  df_real*       dx;
  df_real*       dA;
  df_real*       db;
  int            columns; // Pieces of dA, before those of dx
} back;

static void
backward_rows(const back* const j, const int begin, const int end)
{
  df_gemm(false,
          false,
          end - begin,
          j->in,
          j->out,
          1,
          j->dy + (size_t)begin * (size_t)j->ldy,
          j->ldy,
          j->A,
          j->in,
          j->add ? 1 : 0,
          j->dx + (size_t)begin * (size_t)j->ldx,
          j->ldx);
}

// Of the outputs begin..end-1
static void
backward_columns(const back* const j, const int begin, const int end)
{
  df_real* const dA = j->dA + (size_t)begin * (size_t)j->in;
  if (j->db) {
    df_rows_sum(
      NULL, j->n, end - begin, j->dy + begin, j->ldy, NULL, j->db + begin);
  }
  df_gemm(true,
          false,
          end - begin,
          j->in,
          j->n,
          1,
          j->dy + begin,
          j->ldy,
          j->x,
          j->ldx,
          1,
          dA,
          j->in);
}

// The larger pieces first
static void
backward(void* const self, const int index)
{
  const back* const j = (const back*)self;
  if (index < j->columns) {
    const int begin = index * COLUMNS;
    const int left  = j->out - begin;
    backward_columns(j, begin, begin + (left < COLUMNS ? left : COLUMNS));
  } else {
    const int begin = (index - j->columns) * ROWS;
    const int left  = j->n - begin;
    backward_rows(j, begin, begin + (left < ROWS ? left : ROWS));
  }
}

void
df_linear_backward(df_pool* const       pool,
                   const int            n,
                   const int            out,
                   const int            in,
                   const df_real* const x,
                   const int            ldx,
                   const df_real* const A,
                   const df_real* const dy,
                   const int            ldy,
                   const bool           add,
                   df_real* const       dx,
                   df_real* const       dA,
                   df_real* const       db)
{
  back      j       = {n, out, in, x, ldx, A, dy, ldy, add, dx, dA, db, 0};
  const int columns = dA ? (out + COLUMNS - 1) / COLUMNS : 0;
  const int rows    = dx ? (n + ROWS - 1) / ROWS : 0;
  j.columns         = columns;
  df_pool_run(pool, columns + rows, backward, &j);
}
