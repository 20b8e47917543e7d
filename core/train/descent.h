#ifndef DF_TRAIN_DESCENT_H
#define DF_TRAIN_DESCENT_H

#include "core/base/arena.h"
#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/model/model.h"
#include "core/nn/adam.h"
#include "core/train/batch.h"
#include "core/train/checkpoint.h"
#include "core/train/config.h"

/// One step of training, knowing nothing of files: a batch goes forward
/// and backward, and the weights descend.
typedef struct df_descent df_descent;

/// Take memory and start from the model's weights.
///
/// @param model  Borrowed: its shape and variance; its weights are copied.
/// @param pool   Borrowed; NULL for one thread.
DF_NODISCARD
df_status
df_descent_make(df_arena*              arena,
                const df_train_config* config,
                const df_model*        model,
                df_pool*               pool,
                df_descent**           out);

/// Descend once.
///
/// @param view   Of config.clips clips of config.tokens tokens
/// @param rate   Learning rate
/// @param loss   Of this batch, before the step
/// @return DF_OK, or DF_E_FINITE when loss or gradient is not finite (then
/// nothing was changed).
DF_NODISCARD
df_status
df_descent_step(df_descent*          descent,
                const df_batch_view* view,
                double               rate,
                double*              loss);

/// Do all the work of a step but the step: to time it.
void
df_descent_try(df_descent* descent, const df_batch_view* view);

/// Add the squared x0 errors of the averaged weights on one batch, and the
/// squares of the tokens themselves, to the band of each token's level.
void
df_descent_errors(df_descent*          descent,
                  const df_batch_view* view,
                  double               miss[DF_TRAIN_BANDS],
                  double               size[DF_TRAIN_BANDS]);

/// Add up squared errors of the averaged weights by level and dimension.
///
/// @param squares  [K+1,C] added to
/// @param counts   [K+1] tokens, added to
void
df_descent_spread(df_descent*          descent,
                  const df_batch_view* view,
                  double*              squares,
                  double*              counts);

/// Weights as they descend, [total].
df_real*
df_descent_theta(df_descent* descent);

/// Moments, averaged weights and number of steps.
df_adam*
df_descent_adam(df_descent* descent);

/// Multiplications and additions that one step needs, as if each product were
/// done once: forward, and twice that backward.
double
df_descent_flops(const df_train_config* config, int H);

#endif // DF_TRAIN_DESCENT_H
