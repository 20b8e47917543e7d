#ifndef DF_CLI_OPTIONS_H
#define DF_CLI_OPTIONS_H

#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stdio.h>

/// Arguments of a command: options in any order between other words.

typedef enum {
  DF_OPTION_FLAG, ///< bool, no value
  DF_OPTION_TEXT, ///< const char*
  DF_OPTION_INT,  ///< int, low..high
  DF_OPTION_REAL  ///< double, low..high
} df_option_kind;

typedef struct {
  const char*    name; ///< "--seed"
  df_option_kind kind;
  void*          value; ///< Where it goes; untouched when not given
  double         low;
  double         high;
  const char*    about; ///< For --help
} df_option;

/// Read arguments, as `--name value` or `--name=value`; `--` ends options.
///
/// @param argv  [argc]; other words are moved to its front, in order
/// @param rest  Number of these words
/// @return DF_OK, or DF_E_ARG; the note names the option, what is wanted and
/// what was found.
DF_NODISCARD
df_status
df_options_read(const df_option* options,
                int              count,
                int              argc,
                char**           argv,
                int*             rest,
                df_note*         note);

/// List options with what they are about.
void
df_options_print(const df_option* options, int count, FILE* to);

#endif // DF_CLI_OPTIONS_H
