#ifndef DF_DIFFUSION_GUIDANCE_H
#define DF_DIFFUSION_GUIDANCE_H

#include "core/base/attr.h"
#include "core/diffusion/schedule.h"

#include <stddef.h>
#include <stdint.h>

/// Steering a window: towards its history, and towards a goal.

/// What estimates a clean window from a noised one.
typedef struct {
  void* self;

  /// x0[T,C] from z[T,C] whose tokens are at level[T], 0..K.
  void (*predict)(void*        self,
                  int          T,
                  int          C,
                  const float* z,
                  const int*   level,
                  float*       x0);

  /// dz[T,C] = (d x0 / d z)^T dx0[T,C] at the same z and level; NULL where
  /// gradient guidance is not wanted.
  void (*vjp)(void*        self,
              int          T,
              int          C,
              const float* z,
              const int*   level,
              const float* dx0,
              float*       dz);
} df_denoiser;

/// History guidance (Song et al. 2025, arXiv:2502.06764): estimates with the
/// history shown at several levels, added with weights that sum to 1.
///
///     vanilla      x_none + w (x_clean - x_none)
///     fractional   x_clean + (w - 1) (x_part - x_none)
typedef struct {
  int    level; ///< Least level at which the history is shown, 0..K
  double weight;
} df_history_term;

/// One pull from the level `away` towards the level `toward`.
typedef struct {
  int    toward; ///< 0..K
  int    away;   ///< 0..K, K for no history
  double weight;
} df_history_pull;

/// Most terms that n pulls give.
#define DF_HISTORY_TERMS(n) (2 * (n) + 1)

/// Sum up: start from no history with weight 1, add each pull's weight at
/// `toward`, take it away at `away`, leave out what cancels.
///
/// @param terms  [DF_HISTORY_TERMS(n)] written, by rising level
/// @return How many terms, at least 1.
DF_RT int
df_history_terms(int                    K,
                 int                    n,
                 const df_history_pull* pulls,
                 df_history_term*       terms);

/// Vanilla guidance of this weight: 1 or 2 terms into terms[3].
DF_RT int
df_history_vanilla(int K, double weight, df_history_term* terms);

/// Fractional guidance, part of the history at `level`: 1..3 terms into
/// terms[5].  Level 0 is vanilla.
DF_RT int
df_history_fractional(int K, double weight, int level, df_history_term* terms);

/// out[n] = sum of weight[i] x[i][n]; a single term of weight 1 copies bit for
/// bit.
///
/// @param out  May be x[0]
DF_RT void
df_history_compose(int                    count,
                   const df_history_term* terms,
                   const float* const*    x,
                   float*                 out,
                   size_t                 n);

/// A goal: higher is better.
typedef struct {
  void* self;

  /// Value of the clean window x0[T,C]; its gradient into grad[T,C].
  double (*value)(void* self, int T, int C, const float* x0, float* grad);
} df_goal;

/// Gradient guidance: classifier guidance with exp(scale * goal) as classifier
/// (Dhariwal and Nichol 2021, arXiv:2105.05233), so that every token of the
/// window, also a later one, steers all others through the denoiser.
typedef struct {
  df_goal goal;
  double  scale;   ///< 0: none, bit for bit
  int     samples; ///< R: 1 plain; 2 and more: Monte-Carlo over R futures
} df_guide;

/// Move an estimate by the gradient g of scale * goal with respect to z:
///
///     eps' = eps - s g,  that is  x0' = x0 + (s^2 / a) g
///
/// A DDIM step then moves by exactly (a'/a s^2 - c s) g, c = sqrt(s'^2 -
/// sigma^2).  At a = 0 (where the gradient of an exact denoiser is 0 too) and
/// at level 0 the estimate stays.
///
/// @param x0  [C] changed
/// @param g   [C]
DF_RT void
df_guidance_shift(const df_schedule* schedule,
                  int                level,
                  double             scale,
                  const float*       g,
                  float*             x0,
                  int                C);

/// Gradient of a goal with respect to the noised window.
///
/// With samples = 1 it is J^T grad(x0), J the denoiser's Jacobian at z.  With R
/// samples the estimate x0 is noised again to the tokens' levels with R fresh
/// draws and denoised again, and the gradients, taken through both denoisings,
/// are averaged: tokens still uncertain then count with the spread of what they
/// may become.
///
/// @param z, level, x0  Window, its levels [T], and the estimate made from it
/// @param seed, first, row  Keys of the fresh draws (first token's number)
/// @param work  [4,T,C] scratch
/// @param g     [T,C] written
void
df_guidance_gradient(const df_guide*    guide,
                     const df_denoiser* denoiser,
                     const df_schedule* schedule,
                     int                T,
                     int                C,
                     const float*       z,
                     const int*         level,
                     const float*       x0,
                     uint64_t           seed,
                     int64_t            first,
                     int                row,
                     float*             work,
                     float*             g);

#endif // DF_DIFFUSION_GUIDANCE_H
