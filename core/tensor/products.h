#ifndef DF_TENSOR_PRODUCTS_H
#define DF_TENSOR_PRODUCTS_H

#include "core/tensor/tile.h"

#include <stdbool.h>
#include <stddef.h>

/// The two products of df_kernels, over the blocks of tile.h.  Private to the
/// kernels.

/// Steps of k that B is repacked for at a time (32 KiB with 16 lanes).
#define MM_DEPTH 256U

/// Rows of the next block: as even as can be, at most TILE_ROWS.
INLINE size_t
share(const size_t left)
{
  const size_t blocks = (left + TILE_ROWS - 1U) / TILE_ROWS;
  return (left + blocks - 1U) / blocks;
}

/// Run a block whose last vector sticks out over the matrix.
static inline void
tile_edge(const tile* const t,
          const size_t      K,
          const size_t      rows,
          const size_t      columns)
{
  df_real from[TILE_ROWS * TILE_COLUMNS] = {0};
  df_real c[TILE_ROWS * TILE_COLUMNS];
  tile    whole = *t;
  if (t->from) {
    for (size_t r = 0U; r < rows; ++r) {
      for (size_t n = 0U; n < columns; ++n) {
        from[r * TILE_COLUMNS + n] = t->from[r * t->from_row + n];
      }
    }
  }
  whole.from     = from;
  whole.from_row = TILE_COLUMNS;
  whole.c        = c;
  whole.c_row    = TILE_COLUMNS;
  if (columns <= W) {
    tile_one(&whole, K, rows);
  } else {
    tile_two(&whole, K, rows);
  }
  for (size_t r = 0U; r < rows; ++r) {
    for (size_t n = 0U; n < columns; ++n) {
      t->c[r * t->c_row + n] = c[r * TILE_COLUMNS + n];
    }
  }
}

/// All rows of one block of columns.
static inline void
tile_column(tile* const  t,
            const size_t K,
            const size_t rows,
            const size_t columns)
{
  for (size_t row = 0U; row < rows;) {
    const size_t n = share(rows - row);
    if (columns == TILE_COLUMNS) {
      tile_two(t, K, n);
    } else if (columns == W) {
      tile_one(t, K, n);
    } else {
      tile_edge(t, K, n, columns);
    }
    t->a += n * t->a_row;
    t->c += n * t->c_row;
    t->from = t->from ? t->from + n * t->from_row : NULL;
    row += n;
  }
}

static inline void
packed(const int            M,
       const int            N,
       const int            K,
       const df_real* const x,
       const int            ldx,
       const df_real* const weights,
       const df_real* const bias,
       df_real* const       y,
       const int            ldy)
{
  const size_t rows    = (size_t)M;
  const size_t columns = (size_t)N;
  const size_t depth   = (size_t)K;
  for (size_t n = 0U; n < columns;) {
    const size_t left = columns - n;
    tile         t    = {
                 .a      = x,
                 .a_row  = (size_t)ldx,
                 .a_step = 1U,
                 .b      = weights + n * depth,
                 .b_step = TILE_COLUMNS,
                 .b_next = depth * TILE_COLUMNS,
                 .from   = bias ? bias + n : NULL,
                 .c      = y + n,
                 .c_row  = (size_t)ldy,
    };
    if (rows == 1U && left >= 4U * TILE_COLUMNS) {
      tile_one_row(&t, depth);
      n += 4U * TILE_COLUMNS;
    } else if (rows == 2U && left >= 2U * TILE_COLUMNS) {
      tile_two_rows(&t, depth);
      n += 2U * TILE_COLUMNS;
    } else {
      tile_column(&t, depth, rows, left < TILE_COLUMNS ? left : TILE_COLUMNS);
      n += TILE_COLUMNS;
    }
  }
}

/// out[depth,width] = the columns of B^T or B, filled up with zeros.
static inline void
repack(const bool           tb,
       const size_t         depth,
       const size_t         columns,
       const size_t         width,
       const df_real* const B,
       const size_t         ldb,
       df_real* const       out)
{
  const size_t by_k = tb ? 1U : ldb;
  const size_t by_n = tb ? ldb : 1U;
  for (size_t first = 0U; first < width; first += W) {
    size_t k = 0U;
    if (tb && first + W <= columns) {
      for (; k + W <= depth; k += W) {
        transpose(B + first * ldb + k, ldb, out + k * width + first, width);
      }
    }
    for (; k < depth; ++k) {
      for (size_t n = first; n < first + W; ++n) {
        out[k * width + n] = n < columns ? B[k * by_k + n * by_n] : 0;
      }
    }
  }
}

static inline void
mm(const bool           ta,
   const bool           tb,
   const int            M,
   const int            N,
   const int            K,
   const df_real* const A,
   const int            lda,
   const df_real* const B,
   const int            ldb,
   const df_real        beta,
   df_real* const       C,
   const int            ldc)
{
  df_real      buffer[MM_DEPTH * TILE_COLUMNS];
  const size_t a_row  = ta ? 1U : (size_t)lda;
  const size_t a_step = ta ? (size_t)lda : 1U;
  const size_t b_step = tb ? 1U : (size_t)ldb;
  const size_t b_next = tb ? (size_t)ldb : 1U;
  const size_t all    = (size_t)K;
  for (size_t n = 0U; n < (size_t)N; n += TILE_COLUMNS) {
    const size_t left    = (size_t)N - n;
    const size_t columns = left < TILE_COLUMNS ? left : TILE_COLUMNS;
    const size_t width   = columns <= W ? W : TILE_COLUMNS;
    const bool   direct  = !tb && columns == width;
    for (size_t k = 0U; k < all; k += MM_DEPTH) {
      const size_t         depth = all - k < MM_DEPTH ? all - k : MM_DEPTH;
      const df_real* const b     = B + k * b_step + n * b_next;
      if (!direct) {
        repack(tb, depth, columns, width, b, (size_t)ldb, buffer);
      }
      tile t = {
        .a        = A + k * a_step,
        .a_row    = a_row,
        .a_step   = a_step,
        .b        = direct ? b : buffer,
        .b_step   = direct ? (size_t)ldb : width,
        .from     = k > 0U || beta > 0 ? C + n : NULL,
        .from_row = (size_t)ldc,
        .c        = C + n,
        .c_row    = (size_t)ldc,
      };
      tile_column(&t, depth, (size_t)M, columns);
    }
  }
}

#endif // DF_TENSOR_PRODUCTS_H
