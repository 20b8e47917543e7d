#include "core/diffusion/plan.h"

#include <math.h>
#include <stddef.h>

/// Passes that token t waits before its first step.
static int
lag(const df_plan_kind kind, const int S, const int H, const double u, int t)
{
  if (kind == DF_PLAN_FULL) {
    return 0;
  }
  if (kind == DF_PLAN_AUTOREGRESSIVE) {
    return t * S;
  }
  if (kind == DF_PLAN_TRAPEZOID && H - 1 - t < t) {
    t = H - 1 - t;
  }
  return (int)floor(t * u + 1e-9); // 10 tokens at 0.1 are one, not 0.999...
}

int
df_plan_rows(const df_plan_kind kind, const int S, const int H, const double u)
{
  const int last = kind == DF_PLAN_TRAPEZOID ? (H - 1) / 2 : H - 1;
  return S + lag(kind, S, H, u, last) + 1;
}

void
df_plan_fill(const df_plan_kind kind,
             const int          S,
             const int          H,
             const double       u,
             int* const         matrix)
{
  const int rows = df_plan_rows(kind, S, H, u);
  for (int m = 0; m < rows; ++m) {
    int* const row = matrix + (size_t)m * (size_t)H;
    for (int t = 0; t < H; ++t) {
      const int step = S + lag(kind, S, H, u, t) - m;
      row[t]         = step < 0 ? 0 : step > S ? S : step;
    }
  }
}

void
df_plan_ladder(const int K, const int S, int* const ladder)
{
  for (int i = 0; i <= S; ++i) {
    ladder[i] = (i * K - S) / S + 1; // C divides towards zero, as trunc does
  }
}

void
df_plan_levels(int* const matrix, const int count, const int* const ladder)
{
  for (int i = 0; i < count; ++i) {
    matrix[i] = ladder[matrix[i]];
  }
}
