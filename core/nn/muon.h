#ifndef DF_NN_MUON_H
#define DF_NN_MUON_H

#include "core/base/arena.h"
#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/nn/params.h"
#include "core/tensor/real.h"

/// Descent for the matrices within layers: momentum, made orthogonal.
///
///     m <- mu m + g
///     O = orthogonal(g + mu m)
///     theta <- theta - rate (0.2 sqrt(max(out, in)) O + decay theta)
///
/// orthogonal(G) = U V^T of G = U S V^T, all but exactly (the singular values
/// come out in 0.68..1.14 or so) by five Newton-Schulz iterations
///
///     X <- a X + (b A + c A A) X,   A = X X^T,   X_0 = G / |G|
///
/// on the smaller side, with (a, b, c) = (3.4445, -4.775, 2.0315).  So no
/// direction of a matrix learns slower for being rare, and the root mean square
/// of a step is 0.2 rate, about that of Adam.  Source: Jordan et al. 2024,
/// Muon; the factor is that of Liu et al. 2025, arXiv:2502.16982.

/// Workspace; one thread (and its pool).
typedef struct df_muon df_muon;

/// @param params  Borrowed; those with `pieces` above 0 will be stepped
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD df_status
df_muon_make(df_arena* arena, const df_params* params, df_muon** out);

typedef struct {
  double rate;     ///< >= 0
  double momentum; ///< mu, 0..1, less than 1
  double decay;    ///< >= 0
  double shrink;   ///< Factor on the gradient
} df_muon_config;

/// One step for all tensors with `pieces` above 0.
///
/// @param m      [total] momentum, changed
/// @param theta  [total] changed
/// @param grad   [total] read; finite
void
df_muon_step(df_muon*              muon,
             df_pool*              pool,
             const df_muon_config* config,
             df_real*              m,
             df_real*              theta,
             const df_real*        grad);

/// Multiplications and additions in the products of one step; of a symmetric
/// product only those that are made.
double
df_muon_flops(const df_params* params);

#endif // DF_NN_MUON_H
