#ifndef DF_PICTURE_PICTURE_H
#define DF_PICTURE_PICTURE_H

#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>

/// Pictures as PNG files: axes, curves, heat maps, words.  One thread each.
typedef struct df_picture df_picture;

/// A rectangle in pixels from the upper left corner.
typedef struct {
  double x;
  double y;
  double w;
  double h;
} df_picture_box;

/// What the sides of a box mean.
typedef struct {
  const char* title;
  const char* x_name;
  const char* y_name;
  double      x_low;
  double      x_high;
  double      y_low; ///< At the lower side; > 0 when logarithmic
  double      y_high;
  bool        y_log; ///< Logarithmic upwards
} df_picture_axes;

/// Sides of a picture, 1..16384 pixels, white.
///
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD
df_status
df_picture_make(int width, int height, df_picture** out);

/// NULL is allowed.
void
df_picture_free(df_picture* picture);

/// Write words with their left end at x and their base line at y.
///
/// @param size  Height of the letters, pixels
void
df_picture_text(df_picture* picture,
                double      x,
                double      y,
                double      size,
                const char* text);

/// Draw a frame, ticks, numbers and names around a box.  Draw it last.
void
df_picture_frame(df_picture*            picture,
                 df_picture_box         box,
                 const df_picture_axes* axes);

/// Draw y over x as a line, cut off at the box; not finite points break it.
///
/// @param colour  0..7
void
df_picture_curve(df_picture*            picture,
                 df_picture_box         box,
                 const df_picture_axes* axes,
                 int                    count,
                 const double*          x,
                 const double*          y,
                 int                    colour);

/// Fill between two curves over x, faintly; all points are finite.
void
df_picture_band(df_picture*            picture,
                df_picture_box         box,
                const df_picture_axes* axes,
                int                    count,
                const double*          x,
                const double*          low,
                const double*          high,
                int                    colour);

/// Write a short name in the colour of a curve: the legend.
void
df_picture_label(df_picture* picture,
                 double      x,
                 double      y,
                 const char* text,
                 int         colour);

/// Draw a line from the upper to the lower side at x.
void
df_picture_mark(df_picture*            picture,
                df_picture_box         box,
                const df_picture_axes* axes,
                double                 x);

/// Fill a box with values, black (low) over red to white (high).
///
/// @param values  [columns, rows]; row 0 at the lower side
void
df_picture_heat(df_picture*    picture,
                df_picture_box box,
                int            columns,
                int            rows,
                const float*   values,
                float          low,
                float          high);

/// Write the PNG, replacing an older file at once, and free the picture.
///
/// @param drawn  How drawing went: but for DF_OK nothing is written, and the
///               note says so
/// @return `drawn`; DF_OK, DF_E_NOMEM or DF_E_IO.
DF_NODISCARD
df_status
df_picture_finish(df_picture* picture,
                  df_status   drawn,
                  const char* path,
                  df_note*    note);

#endif // DF_PICTURE_PICTURE_H
