#ifndef DF_CLI_FAN_H
#define DF_CLI_FAN_H

#include "core/base/status.h"
#include "core/picture/picture.h"
#include "core/series/table.h"

/// Curves of a fan, and the shares of the samples below them: the ends of the
/// bands and the median between.
#define DF_FAN_CURVES 5
extern const double df_fan_shares[DF_FAN_CURVES];

/// Let a chart hold these values, where they are finite, with a margin.
void
df_fan_range(df_picture_axes* axes,
             const double*    x,
             int              x_count,
             const double*    y,
             int              y_count);

/// Draw the bands and the median of a forecast.
///
/// @param t       [count]
/// @param curves  [count] each
void
df_fan_bands(df_picture*            picture,
             df_picture_box         box,
             const df_picture_axes* axes,
             int                    count,
             const double*          t,
             const double* const    curves[DF_FAN_CURVES]);

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
