#ifndef DF_CLI_FAN_H
#define DF_CLI_FAN_H

#include "core/base/status.h"
#include "core/series/table.h"

/// Draw fan charts of the first series (8 at most): their newest rows, and
/// median, 50 % and 90 % bands of what is to come.
///
/// @param paths  [n,rows,series] from the end of the table on
/// @return DF_OK, DF_E_NOMEM or DF_E_IO.
DF_NODISCARD
df_status
df_fan_draw(const char*     path,
            const df_table* table,
            const double*   paths,
            int             n,
            int             rows,
            df_note*        note);

#endif // DF_CLI_FAN_H
