#ifndef DF_SERIES_SCHEMA_H
#define DF_SERIES_SCHEMA_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/series/table.h"

/// How the tables of a model are made: how often there is a row, and what the
/// series are called.  A forecast of one that is made otherwise would be of
/// something else, and nothing in it would show that.

/// Begins as {0}.
typedef struct {
  df_unit unit;
  int     count;                ///< A row every so many units
  int     series;               ///< Names; 0 where the table had none
  char (*names)[DF_TABLE_NAME]; ///< [series] owned
} df_schema;

/// That of a table.
///
/// @param out  Freed by the caller in any case
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD
df_status
df_schema_of(const df_table* table, df_schema* out);

/// Free and zero.
void
df_schema_free(df_schema* schema);

/// A calendar for rows that come without times: as often as in tables of this
/// kind, from 1970-01-01 on, a Thursday.
df_calendar
df_schema_calendar(const df_schema* schema);

/// In words: `H,"Denver","El Paso"`.
///
/// @param out  From malloc, freed by the caller in any case
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD
df_status
df_schema_write(const df_schema* schema, char** out);

/// Read these words.
///
/// @param out  Freed by the caller in any case
/// @return DF_OK, DF_E_FORMAT or DF_E_NOMEM.
DF_NODISCARD
df_status
df_schema_read(const char* text, df_schema* out);

/// Is a table of this kind?  Names are compared where both have some.
///
/// @param path   Of the table, for the note
/// @param table  As many series as there are names, if there are any
/// @return DF_OK or DF_E_SHAPE; the note says what is wanted and found.
DF_NODISCARD
df_status
df_schema_check(const df_schema* schema,
                const char*      path,
                const df_table*  table,
                df_note*         note);

#endif // DF_SERIES_SCHEMA_H
