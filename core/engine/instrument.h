#ifndef DF_ENGINE_INSTRUMENT_H
#define DF_ENGINE_INSTRUMENT_H

#include "core/audio/codec.h"
#include "core/base/status.h"
#include "core/model/predictor.h"

/// A model file made ready to play: packed network and token codec.
/// Read-only once loaded, so any thread and any number of engines may share it.
typedef struct df_instrument df_instrument;

/// Load and pack a model file.  Allocates; not for audio.
///
/// @return DF_OK; DF_E_NONE, DF_E_IO (file); DF_E_FORMAT, DF_E_SHAPE,
///         DF_E_FINITE (content; see note); DF_E_NOMEM.
DF_NODISCARD df_status
df_instrument_load(const char* path, df_instrument** out, df_note* note);

/// Free.  NULL is allowed.
void
df_instrument_free(df_instrument* instrument);

const df_predictor*
df_instrument_predictor(const df_instrument* instrument);

const df_codec*
df_instrument_codec(const df_instrument* instrument);

#endif // DF_ENGINE_INSTRUMENT_H
