#ifndef DF_TRAIN_SERIES_SOURCE_H
#define DF_TRAIN_SERIES_SOURCE_H

#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/series/base.h"
#include "core/train/config.h"
#include "core/train/source.h"

/// Batches from a table: stretches of rows, each seen from several origins.
///
/// A clip is T rows; a window of H tokens starts at every H-th of them, as seen
/// from there.  The context is clean in half of the clips, else every token of
/// it has a level of its own; every token of a window has its own, uniform in
/// 1..K.  A row of the context that is not known whole is at its own level
/// (core/forecast/context.h) or above.  The first window of a clip, which sees
/// no context, does not count.
typedef struct df_series_source df_series_source;

/// Settings for a network beside a base: a small GRU.
df_train_config
df_series_config_default(void);

/// The same beside this base.
df_train_config
df_series_config(const df_base* base, uint64_t seed);

/// Make model.token, side, horizon, context and tokens those of the base.
void
df_series_config_fit(df_train_config* config, const df_base* base);

/// @param view  Of the rows to learn from; borrowed
/// @param pool  Borrowed; NULL for one thread
/// @return DF_OK, DF_E_SHAPE (too few rows for a clip; see note) or DF_E_NOMEM.
DF_NODISCARD
df_status
df_series_source_make(const df_train_config* config,
                      const df_base*         base,
                      const df_base_view*    view,
                      df_pool*               pool,
                      df_series_source**     out,
                      df_note*               note);

/// NULL is allowed.
void
df_series_source_free(df_series_source* source);

/// The source as trainers know it.  Borrows.
df_source
df_series_source_of(df_series_source* source);

#endif // DF_TRAIN_SERIES_SOURCE_H
