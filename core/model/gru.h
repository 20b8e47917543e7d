#ifndef DF_MODEL_GRU_H
#define DF_MODEL_GRU_H

#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/model/mixer.h"

/// The mixer of the GRU: one cell a layer, run along the context and, from
/// there, along each window block, as core/MODEL.md has it.  Back-propagation
/// goes through all steps of both.  Holds the activations of all its layers.
typedef struct df_recurrence df_recurrence;

/// @param B, T  Largest that will be asked for.
DF_NODISCARD
df_status
df_recurrence_make(df_arena*              arena,
                   const df_model_config* config,
                   int                    B,
                   int                    T,
                   df_recurrence**        out);

/// @param in  [2BT,d] normed rows
/// @param x   [2BT,d] added to
void
df_recurrence_forward(df_recurrence*  self,
                      const df_mixer* m,
                      const df_real*  in,
                      df_real*        x);

/// @param dx    [2BT,d] gradient by the result; context rows 0 in the last
/// layer
/// @param din   [2BT,d] written, apart from dx
/// @param grad  All gradients, added to
void
df_recurrence_backward(df_recurrence*  self,
                       const df_mixer* m,
                       const df_real*  in,
                       const df_real*  dx,
                       df_real*        din,
                       df_real*        grad);

#endif // DF_MODEL_GRU_H
