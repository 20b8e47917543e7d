#ifndef DF_SERIES_NAMES_H
#define DF_SERIES_NAMES_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/series/table.h"

#include <stddef.h>

/// Names of series, as CSV has them.

/// Bytes of a name within quotes, at most, with its zero.
#define DF_NAMES_QUOTED (2 * DF_TABLE_NAME + 1)

/// Has each series a name of its own, in UTF-8?
///
/// @param path    For the notes
/// @param names   [count] of the first line's columns from `column` on
/// @param column  1 is the first
/// @return DF_OK; DF_E_FORMAT: a name that is none, broken UTF-8 or that of
/// another column, or numbers in place of a header; DF_E_NOMEM.
DF_NODISCARD
df_status
df_names_check(const char* path,
               const char (*names)[DF_TABLE_NAME],
               int      count,
               int      column,
               df_note* note);

/// Write a name within quotes, those in it twice.
///
/// @param out  [DF_NAMES_QUOTED]
/// @return Bytes written, without the zero.
size_t
df_names_quote(const char* name, char* out);

/// Read such a name.
///
/// @param text  Begins with a quote
/// @param out   [DF_TABLE_NAME]
/// @return What follows its last quote; NULL where it is none.
const char*
df_names_unquote(const char* text, char* out);

#endif // DF_SERIES_NAMES_H
