#ifndef DF_DIFFUSION_FORCING_H
#define DF_DIFFUSION_FORCING_H

#include "core/base/attr.h"
#include "core/diffusion/schedule.h"

/// Noising a window token by token, and what a network may predict of it.
///
/// With z = a x0 + s eps the network's output m can stand for
///
///     noise    m = eps
///     x0       m = x0
///     v        m = a eps - s x0            (Salimans and Ho 2022)
///     wiener   x0 = skip z + gain m        (per dimension, see df_wiener)
///
/// Noise from x0 is taken as (z - a x0) / s, which stays finite at a = 0.

typedef enum {
  DF_PREDICT_NOISE, ///< Says nothing of x0 where a = 0: there x0 is taken as 0
  DF_PREDICT_X0,
  DF_PREDICT_V,
  DF_PREDICT_WIENER
} df_objective;

/// Noise a window, each token to its own level.
///
/// @param out  [B,T,C] noised window; may be x0 itself
/// @param x0   [B,T,C] clean window
/// @param eps  [B,T,C] standard normal draws
/// @param k    [B,T]   level of each token, 0..K; level 0 copies bit for bit
DF_RT void
df_forcing_noise(const df_schedule* schedule,
                 float*             out,
                 const float*       x0,
                 const float*       eps,
                 const int*         k,
                 int                B,
                 int                T,
                 int                C);

/// Wiener preconditioning of one dimension with variance q:
///
///     skip = a q / (a^2 q + s^2),   gain = sqrt(q s^2 / (a^2 q + s^2))
///
/// skip z is the best linear estimate of x0 and gain the deviation of what it
/// misses, so the network's target has variance 1 and a network of 0 filters.
///
/// @param q  > 0
DF_RT void
df_wiener(double signal, double noise, double q, double* skip, double* gain);

/// What the network should have answered for one token.
///
/// @param target  [C] written
/// @param x0      [C] clean token
/// @param eps     [C] its noise
/// @param q       [C] variances, WIENER only, else may be NULL
/// @param level   0..K; WIENER at level 0 gives 0 (nothing is left to learn)
DF_RT void
df_forcing_target(const df_schedule* schedule,
                  df_objective       objective,
                  float*             target,
                  const float*       x0,
                  const float*       eps,
                  const float*       q,
                  int                level,
                  int                C);

/// Clean estimate of one token from the network's answer.
///
/// @param x0  [C] written; may be m
/// @param m   [C] network output
/// @param z   [C] noised token at `level`
DF_RT void
df_forcing_x0(const df_schedule* schedule,
              df_objective       objective,
              float*             x0,
              const float*       m,
              const float*       z,
              const float*       q,
              int                level,
              int                C);

/// Noise estimate of one token from the network's answer; at level 0 it is 0
/// for X0 and WIENER.
///
/// @param eps  [C] written; may be m
DF_RT void
df_forcing_eps(const df_schedule* schedule,
               df_objective       objective,
               float*             eps,
               const float*       m,
               const float*       z,
               const float*       q,
               int                level,
               int                C);

#endif // DF_DIFFUSION_FORCING_H
