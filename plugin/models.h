#ifndef DF_PLUGIN_MODELS_H
#define DF_PLUGIN_MODELS_H

#include "core/base/attr.h"
#include "core/base/status.h"

#include <stddef.h>

/// Which model files are installed, and which one a slot means.
///
/// Models of sound lie in the bundle itself and in `dforce/models`, those of
/// series in `series` of the bundle and in `dforce/series`.
///
/// In order: `default.safetensors` of the bundle, the bundle's other
/// `*.safetensors` by name, then those in that folder below XDG_DATA_HOME
/// (~/.local/share when unset) and below each of XDG_DATA_DIRS
/// (/usr/local/share:/usr/share when unset), each folder by name.

/// Longest path, its end included.
#define DF_PATH_MAX 4096

typedef enum { DF_MODELS_AUDIO, DF_MODELS_SERIES } df_models_kind;

/// Find the file of a slot.  Reads folders; not for audio.
///
/// @param bundle  Folder of the bundle, or NULL
/// @param path    [size] set on success
/// @param note    Nullable; where to put a model
/// @return DF_OK, DF_E_NONE (fewer models) or DF_E_NOMEM.
DF_NODISCARD
df_status
df_models_find(df_models_kind kind,
               const char*    bundle,
               int            slot,
               char*          path,
               size_t         size,
               df_note*       note);

#endif // DF_PLUGIN_MODELS_H
