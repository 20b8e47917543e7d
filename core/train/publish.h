#ifndef DF_TRAIN_PUBLISH_H
#define DF_TRAIN_PUBLISH_H

#include "core/base/status.h"
#include "core/train/corpus.h"
#include "core/train/trainer.h"

#include <stdbool.h>

/// Write what was learned as a model file: averaged weights, token codec, and
/// where it all comes from.

/// What only the person who trains can tell.  Never NULL.
typedef struct {
  const char* licence; ///< Of the sounds trained on
  const char* command; ///< As typed
  const char* minutes; ///< Asked for, or "" when steps were
} df_provenance;

/// Write the model of a run, finished or not.
///
/// Nothing in it depends on the clock, so that equal runs give equal bytes.
///
/// @param half  Weights in 16 bits
DF_NODISCARD
df_status
df_publish(const char*          path,
           df_trainer*          trainer,
           const df_corpus*     corpus,
           const df_provenance* provenance,
           bool                 half,
           df_note*             note);

#endif // DF_TRAIN_PUBLISH_H
