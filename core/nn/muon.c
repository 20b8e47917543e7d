#include "core/nn/muon.h"

#include "core/tensor/kernels.h"

#include <math.h>
#include <string.h>

// Matrices worked on at a time
#define ABREAST 8

// Rows of a symmetric product that are worked on at a time
#define BLOCK 48

#define ITERATIONS 5
#define A1 ((df_real)3.4445)
#define A3 ((df_real)-4.775)
#define A5 ((df_real)2.0315)

// One matrix
typedef struct {
  int    rows;
  int    cols;
  size_t offset; // In the flat block
} piece;

struct df_muon {
  int      count;
  piece*   pieces; // [count]
  size_t   wide;   // Numbers in the largest
  size_t   square; // And in the square of the largest smaller side
  df_real* work;   // [ABREAST, 2 wide + 2 square]
};

typedef struct {
  df_muon*              muon;
  const df_kernels*     kernels;
  const df_muon_config* config;
  df_real*              m;
  df_real*              theta;
  const df_real*        grad;
  int                   first; // Piece of task 0
} job;

df_status
df_muon_make(df_arena* const        arena,
             const df_params* const params,
             df_muon** const        out)
{
  df_muon made = {.count = 0};
  for (int i = 0; i < params->count; ++i) {
    made.count += params->list[i].pieces;
  }
  made.pieces = DF_TAKE(arena, (size_t)made.count, piece);
  for (int i = 0, next = 0; i < params->count; ++i) {
    const df_param* const p = &params->list[i];
    for (int at = 0; at < p->pieces; ++at, ++next) {
      const int    rows   = p->dims[0] / p->pieces;
      const int    cols   = p->dims[1];
      const size_t side   = (size_t)(rows < cols ? rows : cols);
      const size_t wide   = (size_t)rows * (size_t)cols;
      const size_t square = side * side;
      made.wide           = wide > made.wide ? wide : made.wide;
      made.square         = square > made.square ? square : made.square;
      if (made.pieces) {
        made.pieces[next] = (piece){rows, cols, p->offset + (size_t)at * wide};
      }
    }
  }
  df_muon* const muon = DF_TAKE(arena, 1U, df_muon);
  made.work = DF_TAKE(arena, ABREAST * 2U * (made.wide + made.square), df_real);
  if (!muon || !made.work || !made.pieces) {
    return df_arena_status(arena);
  }
  *muon = made;
  *out  = muon;
  return DF_OK;
}

// C [n,n] = op(X) op'(X), which is symmetric: what lies left of the diagonal
// and on it, block by block, then its mirror image
static void
symmetric(const df_kernels* const k,
          const bool              ta,
          const bool              tb,
          const int               n,
          const int               inner,
          const df_real* const    X,
          const int               ld,
          df_real* const          C)
{
  for (int from = 0; from < n; from += BLOCK) {
    const int            to   = from + BLOCK < n ? from + BLOCK : n;
    const df_real* const rows = X + (size_t)from * (ta ? 1U : (size_t)ld);
    df_real* const       c    = C + (size_t)from * (size_t)n;
    k->mm(ta, tb, to - from, to, inner, rows, ld, X, ld, (df_real)0, c, n);
  }
  for (int r = 0; r < n; ++r) {
    for (int c = r / BLOCK * BLOCK + BLOCK; c < n; ++c) {
      C[(size_t)r * (size_t)n + (size_t)c] =
        C[(size_t)c * (size_t)n + (size_t)r];
    }
  }
}

// X [rows,cols] becomes all but orthogonal; returns where it then is
static df_real*
orthogonalise(const df_kernels* const k,
              const int               rows,
              const int               cols,
              df_real*                X,
              df_real*                Y,
              df_real* const          A,
              df_real* const          B)
{
  const size_t n    = (size_t)rows * (size_t)cols;
  const bool   tall = rows > cols;
  const int    s    = tall ? cols : rows;
  const int    l    = tall ? rows : cols;
  const size_t ss   = (size_t)s * (size_t)s;

  double sum = 0.0;
  for (size_t i = 0U; i < n; ++i) {
    sum += (double)X[i] * (double)X[i];
  }
  const df_real scale = (df_real)(sum > 0.0 ? 1.0 / sqrt(sum) : 0.0);
  for (size_t i = 0U; i < n; ++i) {
    X[i] *= scale;
  }
  for (int round = 0; round < ITERATIONS; ++round) {
    symmetric(k, tall, !tall, s, l, X, cols, A);
    symmetric(k, false, false, s, s, A, s, B);
    for (size_t i = 0U; i < ss; ++i) {
      B[i] = A3 * A[i] + A5 * B[i];
    }
    for (size_t i = 0U; i < (size_t)s; ++i) {
      B[i * (size_t)s + i] += A1;
    }
    if (tall) {
      k->mm(false, false, rows, cols, s, X, cols, B, s, (df_real)0, Y, cols);
    } else {
      k->mm(false, false, rows, cols, s, B, s, X, cols, (df_real)0, Y, cols);
    }
    df_real* const swap = X;
    X                   = Y;
    Y                   = swap;
  }
  return X;
}

static void
step(void* const data, const int task)
{
  const job* const   j     = (const job*)data;
  df_muon* const     muon  = j->muon;
  const piece* const p     = &muon->pieces[j->first + task];
  const size_t       n     = (size_t)p->rows * (size_t)p->cols;
  df_real* const     m     = j->m + p->offset;
  df_real* const     theta = j->theta + p->offset;
  const size_t       each  = 2U * (muon->wide + muon->square);
  df_real* const     X     = muon->work + (size_t)task * each;
  df_real* const     Y     = X + muon->wide;
  df_real* const     A     = Y + muon->wide;
  const df_real      mu    = (df_real)j->config->momentum;
  const df_real      keep = (df_real)(1.0 - j->config->rate * j->config->decay);
  const double       side = (double)(p->rows > p->cols ? p->rows : p->cols);
  const df_real      rate = (df_real)(j->config->rate * 0.2 * sqrt(side));
  for (size_t i = 0U; i < n; ++i) {
    const df_real g = j->grad[p->offset + i] * (df_real)j->config->shrink;
    m[i]            = mu * m[i] + g;
    X[i]            = g + mu * m[i];
  }
  const df_real* const O =
    orthogonalise(j->kernels, p->rows, p->cols, X, Y, A, A + muon->square);
  for (size_t i = 0U; i < n; ++i) {
    theta[i] = keep * theta[i] - rate * O[i];
  }
}

void
df_muon_step(df_muon* const              muon,
             df_pool* const              pool,
             const df_muon_config* const config,
             df_real* const              m,
             df_real* const              theta,
             const df_real* const        grad)
{
  job j = {muon, df_kernels_best(), config, m, theta, grad, 0};
  for (; j.first < muon->count; j.first += ABREAST) {
    const int left = muon->count - j.first;
    df_pool_run(pool, left < ABREAST ? left : ABREAST, step, &j);
  }
}

double
df_muon_flops(const df_params* const params)
{
  double sum = 0.0;
  for (int i = 0; i < params->count; ++i) {
    const df_param* const p = &params->list[i];
    if (p->pieces) {
      const int    rows = p->dims[0] / p->pieces;
      const int    cols = p->dims[1];
      const double s    = rows < cols ? rows : cols;
      const double l    = rows < cols ? cols : rows;
      double       half = 0.0; // numbers of a symmetric product
      for (int from = 0; from < (int)s; from += BLOCK) {
        const double to = fmin((double)from + BLOCK, s);
        half += (to - (double)from) * to;
      }
      sum += p->pieces * ITERATIONS * 2.0 * (half * l + half * s + s * s * l);
    }
  }
  return sum;
}
