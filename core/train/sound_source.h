#ifndef DF_TRAIN_SOUND_SOURCE_H
#define DF_TRAIN_SOUND_SOURCE_H

#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/train/config.h"
#include "core/train/corpus.h"
#include "core/train/source.h"

/// Batches of clips from a corpus of sounds.
typedef struct df_sound_source df_sound_source;

/// @param corpus  Tokenised; borrowed, and refreshed as a run goes on
/// @param pool    Borrowed; NULL for one thread
/// @return DF_OK, DF_E_ARG (config; see note) or DF_E_NOMEM.
DF_NODISCARD
df_status
df_sound_source_make(const df_train_config* config,
                     df_corpus*             corpus,
                     df_pool*               pool,
                     df_sound_source**      out,
                     df_note*               note);

/// NULL is allowed.
void
df_sound_source_free(df_sound_source* source);

/// The source as trainers know it.  Borrows.
df_source
df_sound_source_of(df_sound_source* source);

#endif // DF_TRAIN_SOUND_SOURCE_H
