#ifndef DF_TRAIN_BATCH_H
#define DF_TRAIN_BATCH_H

#include "core/base/arena.h"
#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/diffusion/schedule.h"
#include "core/model/network.h"
#include "core/tensor/real.h"
#include "core/train/take.h"

#include <stdint.h>

/// Clips made ready for one step: noised twice (as context and as window), with
/// their recall and their weights in the loss.

/// T tokens of a take.
typedef struct {
  const df_take* take;
  int            from; ///< 0..take->count - T
} df_clip;

typedef struct {
  df_network_input input;
  int              C;
  const float*     clean;   ///< [B,T,C]
  const float*     weight;  ///< [B,T] of a squared error; 0: does not count
  int              counted; ///< Tokens with a weight
} df_batch_view;

/// Memory for batches up to a size.
typedef struct df_batch df_batch;

/// How a batch is drawn.
typedef struct {
  int      H;    ///< Window, divides T
  double   drop; ///< Share of blocks without recall, 0..1
  double   rate; ///< Tokens a second
  uint64_t seed;
  uint64_t stream; ///< Keeps training and validation apart
  uint64_t index;  ///< Number of the batch
} df_batch_draw;

/// Take memory for B clips of T tokens.
DF_NODISCARD
df_status
df_batch_make(df_arena*              arena,
              const df_model_config* config,
              int                    B,
              int                    T,
              df_batch**             out);

/// Fill a batch.  The same draw and clips give the same numbers, whatever the
/// pool.
///
/// @param clips  [B]
/// @return What was filled in, until the next call.
const df_batch_view*
df_batch_fill(df_batch*            batch,
              const df_schedule*   schedule,
              const df_batch_draw* draw,
              const df_clip*       clips,
              df_pool*             pool);

/// Weighted mean squared error over all that counts, and its gradient.
///
///     loss = 1 / (counted C) sum weight[t] |x0[t] - clean[t]|^2
///
/// @param x0   [B,T,C] estimate
/// @param dx0  [B,T,C] written, or NULL
double
df_batch_loss(const df_batch_view* view, const df_real* x0, df_real* dx0);

#endif // DF_TRAIN_BATCH_H
