#include "core/cli/options.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static df_status
read_value(const df_option* const option,
           const char* const      text,
           df_note* const         note)
{
  if (option->kind == DF_OPTION_TEXT) {
    memcpy(option->value, &text, sizeof(text));
    return DF_OK;
  }
  char*        end    = NULL;
  const double number = strtod(text, &end);
  const bool   whole  = option->kind == DF_OPTION_INT;
  if (end == text || *end || !(number >= option->low) ||
      !(number <= option->high) || (whole && number != floor(number))) {
    return df_note_set(note,
                       DF_E_ARG,
                       "%s: want a%s number %.10g..%.10g, found \"%.60s\"",
                       option->name,
                       whole ? " whole" : "",
                       option->low,
                       option->high,
                       text);
  }
  if (whole) {
    const int value = (int)number;
    memcpy(option->value, &value, sizeof(value));
  } else {
    memcpy(option->value, &number, sizeof(number));
  }
  return DF_OK;
}

/// The option that a word names, up to its end or to '='.
static const df_option*
find_option(const df_option* const options,
            const int              count,
            const char* const      word,
            const size_t           length)
{
  for (int i = 0; i < count; ++i) {
    if (strlen(options[i].name) == length &&
        !strncmp(options[i].name, word, length)) {
      return &options[i];
    }
  }
  return NULL;
}

df_status
df_options_read(const df_option* const options,
                const int              count,
                const int              argc,
                char** const           argv,
                int* const             rest,
                df_note* const         note)
{
  *rest     = 0;
  bool over = false;
  for (int i = 0; i < argc; ++i) {
    char* const word = argv[i];
    if (over || word[0] != '-' || !word[1]) {
      argv[(*rest)++] = word;
      continue;
    }
    if (!strcmp(word, "--")) {
      over = true;
      continue;
    }
    const char* const equals = strchr(word, '=');
    const size_t      length = equals ? (size_t)(equals - word) : strlen(word);
    const df_option* const option = find_option(options, count, word, length);
    if (!option) {
      return df_note_set(
        note, DF_E_ARG, "%.80s: unknown option; try --help", word);
    }
    if (option->kind == DF_OPTION_FLAG) {
      const bool yes = true;
      if (equals) {
        return df_note_set(note, DF_E_ARG, "%s: takes no value", option->name);
      }
      memcpy(option->value, &yes, sizeof(yes));
      continue;
    }
    if (!equals && i + 1 >= argc) {
      return df_note_set(note, DF_E_ARG, "%s: missing value", option->name);
    }
    const df_status status =
      read_value(option, equals ? equals + 1 : argv[++i], note);
    if (status) {
      return status;
    }
  }
  return DF_OK;
}

void
df_options_print(const df_option* const options,
                 const int              count,
                 FILE* const            to)
{
  static const char* const kinds[] = {"", " TEXT", " N", " X"};
  for (int i = 0; i < count; ++i) {
    char head[40];
    (void)snprintf(
      head, sizeof(head), "%s%s", options[i].name, kinds[options[i].kind]);
    (void)fprintf(to, "  %-20s %s\n", head, options[i].about);
  }
}
