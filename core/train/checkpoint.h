#ifndef DF_TRAIN_CHECKPOINT_H
#define DF_TRAIN_CHECKPOINT_H

#include "core/base/status.h"
#include "core/nn/adam.h"
#include "core/train/config.h"

#include <stdint.h>

/// A training run in a file, and the record it keeps of itself.
///
/// The file is safetensors: "theta", "m", "v", "average", "losses", "checks",
/// and the config in its metadata.  All draws of a run follow from its seed and
/// the number of the step, so nothing else is needed to go on as if it had
/// never stopped.

/// Bands of equal width over the noise levels.
#define DF_TRAIN_BANDS 6

/// One look at the validation clips.
typedef struct {
  int64_t step;
  /// Squared x0 error of the averaged weights over the square of the tokens
  /// (whose mean in training is 0), by noise band, low noise first; 1 is what
  /// knowing nothing costs.
  double band[DF_TRAIN_BANDS];
} df_trainer_check;

/// What happened so far; arrays are owned, from malloc.
typedef struct {
  float*            losses; ///< [loss_count] of each step
  int               loss_count;
  int               loss_room;
  df_trainer_check* checks; ///< [check_count] oldest first
  int               check_count;
  int               check_room;
} df_trainer_log;

/// Make room for so many losses and checks.
DF_NODISCARD
df_status
df_trainer_log_reserve(df_trainer_log* log, int losses, int checks);

/// Write a run, replacing an older checkpoint at once.
///
/// @param fingerprint  Of the corpus
/// @param theta        [adam->total]
DF_NODISCARD
df_status
df_checkpoint_save(const char*            path,
                   const df_train_config* config,
                   uint64_t               fingerprint,
                   const df_real*         theta,
                   const df_adam*         adam,
                   const df_trainer_log*  log,
                   df_note*               note);

/// Read a run; `config->steps` becomes that of the file, the rest must agree.
///
/// @return DF_OK; DF_E_NONE, DF_E_IO, DF_E_FORMAT, DF_E_SHAPE, DF_E_FINITE
/// (file); DF_E_ARG when config or corpus are others (named in the note);
/// DF_E_NOMEM.
DF_NODISCARD
df_status
df_checkpoint_load(const char*      path,
                   df_train_config* config,
                   uint64_t         fingerprint,
                   df_real*         theta,
                   df_adam*         adam,
                   df_trainer_log*  log,
                   df_note*         note);

#endif // DF_TRAIN_CHECKPOINT_H
