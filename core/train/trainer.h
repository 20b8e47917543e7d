#ifndef DF_TRAIN_TRAINER_H
#define DF_TRAIN_TRAINER_H

#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/model/model.h"
#include "core/train/checkpoint.h"
#include "core/train/config.h"
#include "core/train/source.h"

#include <stdint.h>

/// A training run: one step at a time, looked at and saved in between.

typedef struct df_trainer df_trainer;

/// Lay out everything; the model starts from config.seed.
///
/// @param config  Checked.
/// @param source  Copied; what it points to is borrowed.
/// @param pool    Borrowed; NULL for one thread.
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD
df_status
df_trainer_make(const df_train_config* config,
                const df_source*       source,
                df_pool*               pool,
                df_trainer**           out,
                df_note*               note);

/// NULL is allowed.
void
df_trainer_free(df_trainer* trainer);

/// Set how many steps the run has in all; before the first step only.
void
df_trainer_plan(df_trainer* trainer, int steps);

/// Do one step.
///
/// @param loss  Nullable; loss of this step's batch
/// @return DF_OK; DF_E_FINITE (the gradient is not finite; nothing changed),
/// DF_E_NOMEM or DF_E_IO (refreshing the corpus).
DF_NODISCARD
df_status
df_trainer_step(df_trainer* trainer, double* loss, df_note* note);

/// Judge the averaged weights on the validation clips, and log it.
///
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD
df_status
df_trainer_validate(df_trainer* trainer, df_trainer_check* out, df_note* note);

/// The config, with the number of steps planned.
const df_train_config*
df_trainer_config(const df_trainer* trainer);

/// Steps done.
int64_t
df_trainer_steps(const df_trainer* trainer);

/// Losses and checks so far.
const df_trainer_log*
df_trainer_history(const df_trainer* trainer);

/// The model with its averaged weights and the spread about their estimates.
///
/// @param out  Borrowed until the next step.
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD
df_status
df_trainer_model(df_trainer* trainer, const df_model** out);

/// Do the work of `count` steps and throw it away: to time it.
void
df_trainer_try(df_trainer* trainer, int count);

/// Write all that is needed to go on: weights, average, moments, step, losses,
/// config and a fingerprint of the source.
DF_NODISCARD
df_status
df_trainer_save(const df_trainer* trainer, const char* path, df_note* note);

/// Go on where a checkpoint was written.
///
/// @return DF_OK; DF_E_NONE, DF_E_IO, DF_E_FORMAT, DF_E_SHAPE, DF_E_FINITE
/// (file); DF_E_ARG when config or corpus are not those of the checkpoint
/// (named in the note).
DF_NODISCARD
df_status
df_trainer_resume(df_trainer* trainer, const char* path, df_note* note);

#endif // DF_TRAIN_TRAINER_H
