#ifndef DF_FORECAST_CONTEXT_H
#define DF_FORECAST_CONTEXT_H

#include "core/diffusion/schedule.h"

/// Rows of which not all is known, as a network is shown them: as noisy as they
/// are unknown.
///
/// Factors f are then the mean of what is known, with a share u of their
/// variance (1 in all) unknown (df_base_unknown).  A token at level k leaves
/// 1 - abar[k] of it unknown, and its mean is a[k] z.  So the row stands at the
/// level whose 1 - abar is nearest to u, as z = f / a[k]; one that is missing
/// whole at K, as 0; one that is known whole at 0, as it is.

/// Level of a row.
///
/// @param unknown  u, 0..1
int
df_context_level(const df_schedule* schedule, double unknown);

/// Token of a row at its level.
///
/// @param f  [k] factors
/// @param z  [k] written; within +-8
void
df_context_token(const df_schedule* schedule,
                 int                level,
                 int                k,
                 const float*       f,
                 float*             z);

#endif // DF_FORECAST_CONTEXT_H
