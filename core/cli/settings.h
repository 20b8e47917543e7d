#ifndef DF_CLI_SETTINGS_H
#define DF_CLI_SETTINGS_H

#include "core/base/status.h"
#include "core/train/config.h"

/// Apply "name=value,name=value" of --config.
///
/// @return as df_train_config_set; DF_E_ARG where the form is wrong.
DF_NODISCARD
df_status
df_settings_apply(df_train_config* config, const char* text, df_note* note);

#endif // DF_CLI_SETTINGS_H
