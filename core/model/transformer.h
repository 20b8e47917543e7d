#ifndef DF_MODEL_TRANSFORMER_H
#define DF_MODEL_TRANSFORMER_H

#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/model/mixer.h"

/// The mixer of the transformer: convolution, then block-causal attention, as
/// core/MODEL.md has them.  Holds the activations of all its layers.
typedef struct df_transformer df_transformer;

/// @param B, T  Largest that will be asked for.
DF_NODISCARD
df_status
df_transformer_make(df_arena*              arena,
                    const df_model_config* config,
                    int                    B,
                    int                    T,
                    df_transformer**       out);

/// @param in  [2BT,d] normed rows
/// @param x   [2BT,d] added to
void
df_transformer_forward(df_transformer* self,
                       const df_mixer* m,
                       const df_real*  in,
                       df_real*        x);

/// @param dx    [2BT,d] gradient by the result; context rows 0 in the last
/// layer
/// @param din   [2BT,d] written, apart from dx
/// @param grad  All gradients, added to
void
df_transformer_backward(df_transformer* self,
                        const df_mixer* m,
                        const df_real*  in,
                        const df_real*  dx,
                        df_real*        din,
                        df_real*        grad);

#endif // DF_MODEL_TRANSFORMER_H
