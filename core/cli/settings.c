#include "core/cli/settings.h"

#include <stdio.h>
#include <string.h>

df_status
df_settings_apply(df_train_config* const config,
                  const char* const      text,
                  df_note* const         note)
{
  const char* at = text;
  while (*at) {
    const size_t length = strcspn(at, ",");
    char         word[128];
    if (length >= sizeof(word)) {
      return df_note_set(note, DF_E_ARG, "--config: %.60s: too long", at);
    }
    memcpy(word, at, length);
    word[length]       = '\0';
    char* const equals = strchr(word, '=');
    if (!equals) {
      return df_note_set(
        note, DF_E_ARG, "--config: want NAME=VALUE, found \"%s\"", word);
    }
    *equals             = '\0';
    df_note         why = {{0}};
    const df_status status =
      df_train_config_set(config, word, equals + 1, &why);
    if (status) {
      return df_note_set(note, status, "--config: %.400s", why.text);
    }
    at += length + (at[length] == ',' ? 1U : 0U);
  }
  return DF_OK;
}
