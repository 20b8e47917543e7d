#ifndef DF_DIFFUSION_STEP_H
#define DF_DIFFUSION_STEP_H

#include "core/base/attr.h"
#include "core/diffusion/schedule.h"

/// One token, one step down.
///
/// A step takes a token from level `from` to level `to`, given an estimate x0
/// of the clean token.  Equal levels leave it untouched, bit for bit; level 0
/// gives x0 itself, bit for bit.

/// DDIM:  z' = a' x0 + sqrt(s'^2 - sigma^2) eps + sigma w,
/// sigma = eta sqrt((1 - abar/abar') s'^2 / s^2), at most s'.
///
/// @param from  1..K
/// @param to    0..from
/// @param eta   0 deterministic .. 1 ancestral .. 1.5
/// @param z     [C] changed
/// @param x0    [C] does not overlap z
/// @param w     [C] standard normal draws; NULL allowed where eta or to is 0
DF_RT void
df_step_ddim(const df_schedule* schedule,
             int                from,
             int                to,
             double             eta,
             float*             z,
             const float*       x0,
             const float*       w,
             int                C);

/// The posterior q(z_to | z_from, x0), its mean plus its deviation times w.
///
/// @param w  [C] standard normal draws; NULL allowed where to is 0
DF_RT void
df_step_ancestral(const df_schedule* schedule,
                  int                from,
                  int                to,
                  float*             z,
                  const float*       x0,
                  const float*       w,
                  int                C);

/// Second order: extrapolates x0 along log(a/s) from the estimate before.
///
/// First order (DDIM, eta 0) in the first step, from a = 0, and to level 0.
///
/// @param before     Level at which `x0_before` was made, > from; 0 for none
/// @param x0_before  [C] NULL for none
DF_RT void
df_step_multistep(const df_schedule* schedule,
                  int                before,
                  int                from,
                  int                to,
                  float*             z,
                  const float*       x0,
                  const float*       x0_before,
                  int                C);

#endif // DF_DIFFUSION_STEP_H
