#ifndef DF_CLI_TABLE_H
#define DF_CLI_TABLE_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/series/table.h"

/// A table as commands ask for it.
typedef struct {
  const char* path;
  const char* frequency; ///< NULL where not given
  const char* start;     ///< NULL where not given
} df_table_request;

#define DF_TABLE_FREQUENCY_ABOUT                                               \
  "of the rows, where the table has no times: H, 5min, D, B, W, M, ME"
#define DF_TABLE_START_ABOUT                                                   \
  "time of the first row, where the table has no times (default 1970-01-01)"

/// Read it, and set its calendar as asked.
///
/// @return as df_table_load; DF_E_ARG: times of another frequency or start than
/// asked for, a start without a frequency, or what is none.
DF_NODISCARD
df_status
df_table_open(const df_table_request* asked, df_table* out, df_note* note);

/// Refuse to write over a file that is read.
///
/// @param option  That names `out`
/// @param out     NULL where not given
/// @param in      [count] NULL where not given
/// @return DF_OK or DF_E_ARG.
DF_NODISCARD
df_status
df_table_keep(const char*        option,
              const char*        out,
              const char* const* in,
              int                count,
              df_note*           note);

#endif // DF_CLI_TABLE_H
