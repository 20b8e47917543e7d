#ifndef DF_TENSOR_TILE_H
#define DF_TENSOR_TILE_H

#include "core/tensor/vector.h"

#include <stddef.h>

/// The inner block of every product: a few rows by a few vectors, held in
/// registers.  Private to the kernels.

/// Most rows of a block, and numbers in its two vectors side by side.
#if defined(__AVX512F__) || defined(__aarch64__)
#define TILE_ROWS 12
#else
#define TILE_ROWS 6
#endif
#define TILE_COLUMNS (2U * W)

/// Most vectors side by side.
#define TILE_VECTORS 8

/// Where one block of a product reads and writes.
typedef struct {
  const df_real* a; ///< A[row,k] at row * a_row + k * a_step
  size_t         a_row;
  size_t         a_step;
  const df_real* b; ///< Two vectors of B a step, b_step apart
  size_t         b_step;
  size_t         b_next; ///< From two vectors to the next two
  const df_real* from;   ///< What the sums start from, or NULL for 0
  size_t         from_row;
  df_real*       c;
  size_t         c_row;
} tile;

/// c[rows, vectors W] = from + A[rows,K] B[K, vectors W].
///
/// Each sum is taken in the order of k, whatever the shape of the block, so a
/// row gets the same bits in any company.  `rows` and `vectors` are constants
/// where this is inlined, so that the sums stay in registers.
INLINE void
tile_run(const tile* const t,
         const size_t      K,
         const size_t      rows,
         const size_t      vectors)
{
  const df_real* a = t->a;
  const df_real* b = t->b;
  vec            acc[TILE_ROWS][TILE_VECTORS];
  for (size_t r = 0U; r < rows; ++r) {
    for (size_t v = 0U; v < vectors; ++v) {
      acc[r][v] =
        t->from ? load(t->from + r * t->from_row + v * W) : fill(0.0f);
    }
  }
  for (size_t k = 0U; k < K; ++k) {
    vec w[TILE_VECTORS];
    for (size_t v = 0U; v < vectors; ++v) {
      w[v] = load(b + v / 2U * t->b_next + v % 2U * W);
    }
    for (size_t r = 0U; r < rows; ++r) {
      const df_real x = a[r * t->a_row];
      for (size_t v = 0U; v < vectors; ++v) {
        acc[r][v] += w[v] * x;
      }
    }
    a += t->a_step;
    b += t->b_step;
  }
  for (size_t r = 0U; r < rows; ++r) {
    for (size_t v = 0U; v < vectors; ++v) {
      store(t->c + r * t->c_row + v * W, acc[r][v]);
    }
  }
}

#define TILE_CASE(rows, vectors)                                               \
  case rows:                                                                   \
    tile_run(t, K, rows, vectors);                                             \
    break;

#if TILE_ROWS == 12
#define TILE_MORE(vectors)                                                     \
  TILE_CASE(7, vectors)                                                        \
  TILE_CASE(8, vectors)                                                        \
  TILE_CASE(9, vectors)                                                        \
  TILE_CASE(10, vectors)                                                       \
  TILE_CASE(11, vectors)                                                       \
  TILE_CASE(12, vectors)
#else
#define TILE_MORE(vectors)
#endif

#define TILE_ANY(name, vectors)                                                \
  static inline void name(                                                     \
    const tile* const t, const size_t K, const size_t rows)                    \
  {                                                                            \
    switch (rows) {                                                            \
      TILE_CASE(1, vectors)                                                    \
      TILE_CASE(2, vectors)                                                    \
      TILE_CASE(3, vectors)                                                    \
      TILE_CASE(4, vectors)                                                    \
      TILE_CASE(5, vectors)                                                    \
      TILE_CASE(6, vectors)                                                    \
      TILE_MORE(vectors)                                                       \
    default:                                                                   \
      break;                                                                   \
    }                                                                          \
  }

/// Blocks of 1..TILE_ROWS rows.
TILE_ANY(tile_one, 1)
TILE_ANY(tile_two, 2)

/// Few rows keep the adders waiting, so they take more columns at once.
static inline void
tile_one_row(const tile* const t, const size_t K)
{
  tile_run(t, K, 1, 8);
}

static inline void
tile_two_rows(const tile* const t, const size_t K)
{
  tile_run(t, K, 2, 4);
}

#endif // DF_TENSOR_TILE_H
