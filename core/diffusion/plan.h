#ifndef DF_DIFFUSION_PLAN_H
#define DF_DIFFUSION_PLAN_H

#include "core/base/attr.h"

/// Which token is at which level after which pass: the scheduling matrix.
///
/// A matrix M[rows,H] of steps 0..S: S is pure noise, 0 clean; row m is the
/// state before pass m, the first row is all S, the last all 0.
///
///     full            M[m,t] = S - m
///     pyramid(u)      M[m,t] = clip(S + floor(t u) - m, 0, S)
///     autoregressive  pyramid(S)
///     trapezoid(u)    as pyramid, with min(t, H-1-t) for t: both ends first
///
/// u = 0 is full, u = 1 the paper's pyramid, u >= S one token after another,
/// 0 < u < 1 moves tokens in groups of about 1/u.  Source: Chen et al. 2024,
/// arXiv:2407.01392, section 3.3 and appendix B.1.

typedef enum {
  DF_PLAN_FULL,
  DF_PLAN_PYRAMID,
  DF_PLAN_AUTOREGRESSIVE,
  DF_PLAN_TRAPEZOID
} df_plan_kind;

/// Rows of a matrix: S + floor(lag of the last token) + 1.
///
/// @param S  1..4096
/// @param H  1..
/// @param u  0..4096; PYRAMID and TRAPEZOID only
DF_RT int
df_plan_rows(df_plan_kind kind, int S, int H, double u);

/// Fill matrix[rows,H] with steps 0..S.
DF_RT void
df_plan_fill(df_plan_kind kind, int S, int H, double u, int* matrix);

/// The levels that S steps of K pass through: ladder[S+1], from 0 to K.
///
/// ladder[i] - 1 is the r_i = trunc(-1 + i K / S) of the papers' code.
DF_RT void
df_plan_ladder(int K, int S, int* ladder);

/// Replace each of count steps 0..S by its level 0..K.
///
/// @param matrix  [count] may be a whole plan
/// @param ladder  [S+1] of df_plan_ladder
DF_RT void
df_plan_levels(int* matrix, int count, const int* ladder);

#endif // DF_DIFFUSION_PLAN_H
