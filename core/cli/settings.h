#ifndef DF_CLI_SETTINGS_H
#define DF_CLI_SETTINGS_H

#include "core/base/status.h"
#include "core/train/config.h"

#include <stdbool.h>

/// Apply "name=value,name=value" of --config.
///
/// @param series  Of a run on a table, not on sounds
/// @return as df_train_config_set; DF_E_ARG where the form is wrong, or the
/// run has no use for a setting.
DF_NODISCARD
df_status
df_settings_apply(df_train_config* config,
                  bool             series,
                  const char*      text,
                  df_note*         note);

/// Print the settings that there are, their values and ranges.
void
df_settings_print(const df_train_config* config, bool series);

#endif // DF_CLI_SETTINGS_H
