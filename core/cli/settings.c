#include "core/cli/settings.h"

#include <stdio.h>
#include <string.h>

/// Is there a setting of this name that only sound has a use for?
static bool
is_of_sound(const df_train_config* const config, const char* const key)
{
  df_train_field field;
  for (int i = 0; df_train_config_field(config, i, &field); ++i) {
    if (!strcmp(field.key, key)) {
      return field.sound;
    }
  }
  return false;
}

df_status
df_settings_apply(df_train_config* const config,
                  const bool             series,
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
    *equals = '\0';
    if (series && is_of_sound(config, word)) {
      return df_note_set(note,
                         DF_E_ARG,
                         "--config: %s: want a setting of tables, found one of "
                         "sound; try --help",
                         word);
    }
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

void
df_settings_print(const df_train_config* const config, const bool series)
{
  df_train_field field;
  printf("\nsettings for --config NAME=VALUE,NAME=VALUE:\n");
  for (int i = 0; df_train_config_field(config, i, &field); ++i) {
    if (!series || !field.sound) {
      printf("  %-12s %-12s %s (%s)\n",
             field.key,
             field.value,
             field.about,
             field.range);
    }
  }
}
