#ifndef DF_FORECAST_MODEL_H
#define DF_FORECAST_MODEL_H

#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/model/model.h"
#include "core/model/predictor.h"
#include "core/series/base.h"
#include "core/series/schema.h"
#include "core/series/table.h"

#include <stdbool.h>

/// A series model: the linear base, and a network for its tokens, in one file.
///
/// The file is that of core/model/file.h; the base adds its arrays and its
/// settings (`series.*`), and `series.network`: 1, or 0 where validation found
/// that the network does not help; `series.table` says what tables it is for
/// (core/series/schema.h).  Read-only once made.
typedef struct {
  df_base*            base;
  const df_predictor* predictor;
  int                 network; ///< 1: half of the paths are the network's
  df_schema           schema;  ///< As read; {0} of a model just made
  df_arena            arena;
} df_forecast_model;

/// Pack a network beside a base, which stays the caller's until this succeeds.
DF_NODISCARD
df_status
df_forecast_model_make(df_base*           base,
                       const df_model*    network,
                       bool               use,
                       df_forecast_model* out);

/// Write both.
///
/// @param table  What tables the model is for
/// @param texts  More words for the metadata
/// @return as df_model_save.
DF_NODISCARD
df_status
df_forecast_model_save(const char*      path,
                       df_base*         base,
                       const df_model*  network,
                       bool             use,
                       const df_schema* table,
                       const df_text*   texts,
                       int              text_count,
                       df_note*         note);

/// Read both.
///
/// @param out  Zeroed or written; freed by the caller in any case
/// @return DF_OK; DF_E_NONE, DF_E_IO, DF_E_FORMAT, DF_E_SHAPE, DF_E_FINITE
/// (file, see note); DF_E_NOMEM.
DF_NODISCARD
df_status
df_forecast_model_load(const char* path, df_forecast_model* out, df_note* note);

/// Is a table one for this model: as many series, of the same names where both
/// have some, at its frequency?
///
/// @param path  Of the table, for the note
/// @return DF_OK or DF_E_SHAPE; the note says what is wanted and found.
DF_NODISCARD
df_status
df_forecast_model_check(const df_forecast_model* model,
                        const char*              path,
                        const df_table*          table,
                        df_note*                 note);

/// Free, the base too, and zero.
void
df_forecast_model_free(df_forecast_model* model);

#endif // DF_FORECAST_MODEL_H
