#ifndef DF_TRAIN_SOURCE_H
#define DF_TRAIN_SOURCE_H

#include "core/base/status.h"
#include "core/model/model.h"
#include "core/train/batch.h"

#include <stdint.h>

/// Where a run takes its batches from: sounds, or a table of series.

typedef enum {
  DF_SOURCE_LEARN, ///< Steps of descent
  DF_SOURCE_CHECK, ///< Validation: the same for every run
  DF_SOURCE_SPREAD ///< What the spread about estimates is measured on
} df_source_use;

/// Batches of validation, in all.
#define DF_SOURCE_CHECKS 6

/// All draws follow from the config's seed, the use and the index.
typedef struct {
  void* self;

  /// Bring everything to where it is before this step.
  df_status (*refresh)(void* self, int64_t step, df_note* note);

  /// Set variance, low and high of a model's tokens.
  df_status (*measure)(void* self, df_model* model);

  /// Fill batch `index`; valid until the next call.
  const df_batch_view* (*batch)(void* self, df_source_use use, uint64_t index);

  uint64_t fingerprint; ///< A number made of all that is learned from
} df_source;

#endif // DF_TRAIN_SOURCE_H
