#ifndef DF_MODEL_NETWORK_H
#define DF_MODEL_NETWORK_H

#include "core/base/arena.h"
#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/model/model.h"

/// The network on whole clips, forward and backward: training, and the
/// reference for the cached path (predictor.h).
///
/// A clip of T tokens appears twice.  The *context* stream holds every token
/// at the small level at which it would be remembered.  The *window* stream is
/// cut into T/H blocks of H tokens, each token at its own level; a block sees
/// the context stream before its first token (at most config.context back) and
/// itself in both directions.  No block sees another, so all train at once.
/// Context attends causally to itself, at most config.context back.
typedef struct {
  int            B;             ///< Clips
  int            T;             ///< Tokens a clip, a multiple of H
  int            H;             ///< Window, 1..config.horizon
  const df_real* context;       ///< [B,T,C] noised
  const int*     context_level; ///< [B,T] 0..K
  const df_real* window;        ///< [B,T,C] noised
  const int*     window_level;  ///< [B,T] 0..K
  const df_real* recall;        ///< [B,T,C], or NULL for none
  const df_real* confidence;    ///< [B,T] 0..1; 0 where recall is dropped
  const df_real* context_side;  ///< [B,T,S] side numbers; NULL when S is 0
  const df_real* window_side;   ///< [B,T,S] as context_side
} df_network_input;

/// Activations for clips up to a size; changes, one thread (and its pool).
typedef struct df_network df_network;

/// @param B, T  Largest B and T that will be asked for.
/// @param pool  Borrowed; NULL for one thread.
DF_NODISCARD df_status
df_network_make(df_arena*       arena,
                const df_model* model,
                int             B,
                int             T,
                df_pool*        pool,
                df_network**    out);

/// Estimate the clean window: x0[B,T,C], preconditioning included.
void
df_network_forward(df_network*             network,
                   const df_real*          theta,
                   const df_network_input* input,
                   df_real*                x0);

/// Add gradients of the forward call just made.
///
/// @param dx0      [B,T,C] gradient of a loss by x0
/// @param grad     [params.total], added to
/// @param dwindow  [B,T,C] gradient by window, or NULL
void
df_network_backward(df_network*             network,
                    const df_real*          theta,
                    const df_network_input* input,
                    const df_real*          dx0,
                    df_real*                grad,
                    df_real*                dwindow);

#endif // DF_MODEL_NETWORK_H
