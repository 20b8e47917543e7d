#ifndef DF_MODEL_PRECONDITION_H
#define DF_MODEL_PRECONDITION_H

#include "core/model/config.h"
#include "core/tensor/real.h"

/// Preconditioning of each level, as core/MODEL.md has it.

/// Fill the tables of x0 = skip z + gain net.
///
/// @param variance  [C] q, > 0
/// @param skip      [K+1,C]
/// @param gain      [K+1,C]
void
df_precondition_tables(const df_model_config* config,
                       const float*           variance,
                       df_real*               skip,
                       df_real*               gain);

#endif // DF_MODEL_PRECONDITION_H
