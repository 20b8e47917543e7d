#ifndef DF_CLI_PINS_H
#define DF_CLI_PINS_H

#include "core/base/status.h"
#include "core/series/base.h"
#include "core/series/table.h"

/// Read known future values: a table with the names of `table`, its first row
/// the one that follows, empty where unknown.
///
/// @param out  [H,D] NAN where unknown; freed by the caller in any case
/// @return as df_table_load; DF_E_SHAPE (other names, more rows than H, other
/// times), DF_E_FINITE (see df_base_pins_check); the note says where.
DF_NODISCARD
df_status
df_pins_open(const char*     path,
             const df_table* table,
             const df_base*  base,
             double**        out,
             df_note*        note);

/// Read the levels of these, 0 exact .. 1 unknown: a table alike.
///
/// @param out  [H,D] NAN where none is given; freed by the caller in any case
/// @return as df_pins_open; DF_E_ARG (level).
DF_NODISCARD
df_status
df_pins_open_levels(const char*     path,
                    const df_table* table,
                    const df_base*  base,
                    double**        out,
                    df_note*        note);

#endif // DF_CLI_PINS_H
