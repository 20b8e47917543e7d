#ifndef DF_CLI_PREVIEW_H
#define DF_CLI_PREVIEW_H

#include "core/base/status.h"
#include "core/train/corpus.h"
#include "core/train/report.h"

/// A held-out sound that breaks off, and how a model goes on.

typedef struct {
  df_report_sounds sounds; ///< Truth borrowed from the corpus
  float*           made;   ///< Owned
} df_preview;

/// Let the model of a file continue the first validation sound: up to 4 s are
/// heard, up to 6 s follow.
///
/// @param corpus  Borrowed as long as the preview lives
/// @return as df_instrument_load, or DF_E_NOMEM.
DF_NODISCARD
df_status
df_preview_make(const char*      model,
                const df_corpus* corpus,
                df_preview*      out,
                df_note*         note);

/// Free and zero.
void
df_preview_free(df_preview* preview);

#endif // DF_CLI_PREVIEW_H
