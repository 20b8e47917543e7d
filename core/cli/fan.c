#include "core/cli/fan.h"

#include "core/series/quantile.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define WIDTH 1200
#define HEIGHT 260 // of each chart
#define MOST 8

/// Rows shown before the forecast, in horizons.
#define BACK 4

const double df_fan_shares[DF_FAN_CURVES] = {0.05, 0.25, 0.5, 0.75, 0.95};

void
df_fan_range(df_picture_axes* const axes,
             const double* const    x,
             const int              x_count,
             const double* const    y,
             const int              y_count)
{
  double low  = (double)INFINITY;
  double high = -(double)INFINITY;
  for (int i = 0; i < x_count + y_count; ++i) {
    const double value = i < x_count ? x[i] : y[i - x_count];
    if (isfinite(value)) {
      low  = fmin(low, value);
      high = fmax(high, value);
    }
  }
  const bool   none = !(low <= high);
  const double size = none ? 0.0 : fmax(fabs(low), fabs(high));
  const bool   rest = none || !(high - low > 1e-9 * size); // draws a line
  const double room = !rest        ? 0.05 * (high - low)
                      : size > 0.0 ? 0.05 * size
                                   : 0.5;
  axes->y_low       = (none ? 0.0 : low) - room;
  axes->y_high      = (none ? 0.0 : high) + room;
}

void
df_fan_bands(df_picture* const            picture,
             const df_picture_box         box,
             const df_picture_axes* const axes,
             const int                    count,
             const double* const          t,
             const double* const          curves[DF_FAN_CURVES])
{
  df_picture_band(picture, box, axes, count, t, curves[0], curves[4], 0);
  df_picture_band(picture, box, axes, count, t, curves[1], curves[3], 0);
  df_picture_curve(picture, box, axes, count, t, curves[2], 0);
}

/// One chart; `space` holds 2 BACK + 6 times the rows, and n.
static void
draw_one(df_picture* const     picture,
         const df_picture_box  box,
         const df_table* const table,
         const double* const   paths,
         const int             n,
         const int             rows,
         const int             which,
         double* const         space)
{
  const int       back = table->rows < BACK * rows ? table->rows : BACK * rows;
  double* const   x    = space;
  double* const   y    = x + back;
  double* const   t    = y + back; // [rows], then five curves
  double* const   sort = t + 6 * rows;
  df_picture_axes axes = {table->names[which],
                          "rows from the end of the table",
                          "",
                          -(double)back,
                          rows,
                          0.0,
                          0.0,
                          false};
  const double*   curves[DF_FAN_CURVES];
  for (int i = 0; i < back; ++i) {
    const size_t row = (size_t)(table->rows - back + i);
    x[i]             = i - back + 1;
    y[i] = table->values[row * (size_t)table->series + (size_t)which];
  }
  for (int h = 0; h < rows; ++h) {
    t[h] = h + 1;
    df_quantile_sort(paths, n, rows, table->series, h, which, sort);
    for (int q = 0; q < DF_FAN_CURVES; ++q) {
      t[(q + 1) * rows + h] = df_quantile(sort, n, df_fan_shares[q]);
    }
  }
  for (int q = 0; q < DF_FAN_CURVES; ++q) {
    curves[q] = t + (q + 1) * rows;
  }
  df_fan_range(&axes, y, back, curves[0], DF_FAN_CURVES * rows);
  df_fan_bands(picture, box, &axes, rows, t, curves);
  df_picture_curve(picture, box, &axes, back, x, y, 7);
  df_picture_mark(picture, box, &axes, 0.5);
  df_picture_frame(picture, box, &axes);
}

df_status
df_fan_draw(const char* const     path,
            const df_table* const table,
            const double* const   paths,
            const int             n,
            const int             rows,
            df_note* const        note)
{
  const int     count   = table->series < MOST ? table->series : MOST;
  df_picture*   picture = NULL;
  double* const space   = (double*)malloc(
    ((2U * BACK + 6U) * (size_t)rows + (size_t)n) * sizeof(double));
  df_status status =
    space ? df_picture_make(WIDTH, HEIGHT * count, &picture) : DF_E_NOMEM;
  for (int i = 0; i < count && !status; ++i) {
    const df_picture_box box = {
      100, 40 + HEIGHT * i, WIDTH - 130, HEIGHT - 100};
    draw_one(picture, box, table, paths, n, rows, i, space);
  }
  free(space);
  return df_picture_finish(picture, status, path, note);
}
