#ifndef DF_MODEL_PREDICTOR_H
#define DF_MODEL_PREDICTOR_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/model/model.h"
#include "core/tensor/kernels.h"

#include <stdint.h>

/// The network as it runs: packed weights, cached past, no BLAS, one thread.

/// Packed weights and level tables; read-only, may be shared by threads.
typedef struct df_predictor df_predictor;

/// Pack a model.  The model is not needed afterwards.
DF_NODISCARD
df_status
df_predictor_make(df_arena*            arena,
                  const df_model*      model,
                  const df_predictor** out);

/// The same for one table of kernels, which must be one of this processor's.
DF_NODISCARD
df_status
df_predictor_make_on(df_arena*            arena,
                     const df_model*      model,
                     const df_kernels*    kernels,
                     const df_predictor** out);

/// Shape of the packed model.
const df_model_config*
df_predictor_config(const df_predictor* predictor);

/// Deviation of the clean token about its estimate at this level, [C]; 0 where
/// it was not measured.
const float*
df_predictor_spread(const df_predictor* predictor, int level);

/// Per dimension: variance q, low and high of training tokens, each [C].
const float*
df_predictor_variance(const df_predictor* predictor);
const float*
df_predictor_low(const df_predictor* predictor);
const float*
df_predictor_high(const df_predictor* predictor);

/// One remembered past with its workspace: keys and values, or GRU states.
/// Borrows the predictor.
typedef struct df_history df_history;

DF_NODISCARD
df_status
df_history_make(df_arena*           arena,
                const df_predictor* predictor,
                df_history**        out);

/// Forget everything.
void
df_history_reset(df_history* history);

/// Remember one more token, given as noised to `level`.
///
/// @param z     [C]
/// @param side  [S] its side numbers; NULL when config.side is 0
void
df_history_push(df_history*  history,
                const float* z,
                const float* side,
                int          level);

/// Remember n tokens in their order: the same bits as one after the other, at
/// less cost.
///
/// @param z      [n,C]
/// @param side   [n,S], or NULL when S is 0
/// @param level  [n] 0..K
void
df_history_push_many(df_history*  history,
                     int          n,
                     const float* z,
                     const float* side,
                     const int*   level);

/// Forget the newest n tokens, as if never pushed; n <= df_history_undo.
void
df_history_drop(df_history* history, int n);

/// How many of the newest tokens can be dropped (at most 64).
int
df_history_undo(const df_history* history);

/// Tokens pushed since reset, less dropped ones.
int64_t
df_history_count(const df_history* history);

/// Estimate the clean window that follows the remembered past.
///
/// Equals df_network_forward's block to rounding.  Changes nothing that a
/// later call can see.  A limit of `memory` hides the older rows of each layer;
/// a GRU keeps its state whole, and with 0 begins at its start.
///
/// @param H           1..config.horizon
/// @param memory      Newest context tokens that may be seen, 0..config.context
/// @param z           [H,C] window, each token at its level
/// @param side        [H,S], or NULL when S is 0
/// @param level       [H] 0..K
/// @param recall      [H,C], or NULL for none
/// @param confidence  [H], 0 where there is no recall
/// @param x0          [H,C] written; does not overlap z
void
df_history_predict(df_history*  history,
                   int          H,
                   int          memory,
                   const float* z,
                   const float* side,
                   const int*   level,
                   const float* recall,
                   const float* confidence,
                   float*       x0);

#endif // DF_MODEL_PREDICTOR_H
