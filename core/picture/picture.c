#include "core/picture/picture.h"

#include "core/base/file.h"

#include <cairo.h>

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#endif

#ifdef SANITIZED
// Fontconfig keeps what it read of the fonts until the process ends
const char*
__lsan_default_suppressions(void);

__attribute__((visibility("default"))) const char*
__lsan_default_suppressions(void)
{
  return "leak:libfontconfig\n";
}
#endif

#define SIDE_MAX 16384
#define LETTER 12.0

struct df_picture {
  cairo_surface_t* surface;
  cairo_t*         cairo;
};

/// Colours that stay apart for the colour-blind (Okabe and Ito 2008).
static const uint32_t colours[8] = {0x0072b2U,
                                    0xd55e00U,
                                    0x009e73U,
                                    0xcc79a7U,
                                    0x56b4e9U,
                                    0xe69f00U,
                                    0x000000U,
                                    0x999999U};

static void
set_colour(cairo_t* const cairo, const int colour)
{
  const uint32_t rgb = colours[colour & 7];
  cairo_set_source_rgb(cairo,
                       (double)(rgb >> 16U) / 255.0,
                       (double)((rgb >> 8U) & 255U) / 255.0,
                       (double)(rgb & 255U) / 255.0);
}

df_status
df_picture_make(const int width, const int height, df_picture** const out)
{
  *out = NULL;
  if (width < 1 || width > SIDE_MAX || height < 1 || height > SIDE_MAX) {
    return DF_E_ARG;
  }
  df_picture* const self = (df_picture*)calloc(1U, sizeof(df_picture));
  if (!self) {
    return DF_E_NOMEM;
  }
  self->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  self->cairo   = cairo_create(self->surface);
  if (cairo_status(self->cairo) != CAIRO_STATUS_SUCCESS) {
    df_picture_free(self);
    return DF_E_NOMEM;
  }
  cairo_set_source_rgb(self->cairo, 1.0, 1.0, 1.0);
  cairo_paint(self->cairo);
  cairo_select_font_face(self->cairo,
                         "sans-serif",
                         CAIRO_FONT_SLANT_NORMAL,
                         CAIRO_FONT_WEIGHT_NORMAL);
  *out = self;
  return DF_OK;
}

void
df_picture_free(df_picture* const picture)
{
  if (picture) {
    cairo_destroy(picture->cairo);
    cairo_surface_destroy(picture->surface);
    free(picture);
  }
}

void
df_picture_text(df_picture* const picture,
                const double      x,
                const double      y,
                const double      size,
                const char* const text)
{
  set_colour(picture->cairo, 6);
  cairo_set_font_size(picture->cairo, size);
  cairo_move_to(picture->cairo, x, y);
  cairo_show_text(picture->cairo, text);
}

void
df_picture_label(df_picture* const picture,
                 const double      x,
                 const double      y,
                 const char* const text,
                 const int         colour)
{
  set_colour(picture->cairo, colour);
  cairo_set_font_size(picture->cairo, LETTER);
  cairo_move_to(picture->cairo, x, y);
  cairo_show_text(picture->cairo, text);
}

static double
place_x(const df_picture_box         box,
        const df_picture_axes* const axes,
        const double                 x)
{
  return box.x + box.w * (x - axes->x_low) / (axes->x_high - axes->x_low);
}

static double
place_y(const df_picture_box         box,
        const df_picture_axes* const axes,
        const double                 y)
{
  const double part = axes->y_log
                        ? log(y / axes->y_low) / log(axes->y_high / axes->y_low)
                        : (y - axes->y_low) / (axes->y_high - axes->y_low);
  return box.y + box.h * (1.0 - part);
}

/// A step of 1, 2 or 5 times a power of ten that gives four to nine ticks.
static double
tick_step(const double range)
{
  const double ten  = pow(10.0, floor(log10(range / 4.0)));
  const double many = range / ten; // 4..40
  return many >= 20.0 ? 5.0 * ten : many >= 8.0 ? 2.0 * ten : ten;
}

/// Write the number of a tick, with as many digits as tell it from the next.
///
/// @param text  [32]
static void
write_tick(const double value, const double step, char* const text)
{
  const double rounded = fabs(value) < 1e-9 * step ? 0.0 : value;
  const double most    = fmax(fabs(rounded) / step, 1.0);
  const int    digits  = (int)fmin(fmax(2.0 + log10(most), 6.0), 17.0);
  (void)snprintf(text, 32U, "%.*g", digits, rounded);
}

static void
tick_x(cairo_t* const               cairo,
       const df_picture_box         box,
       const df_picture_axes* const axes,
       const double                 x,
       const double                 step)
{
  char                 text[32];
  cairo_text_extents_t size;
  write_tick(x, step, text);
  cairo_text_extents(cairo, text, &size);
  const double at = floor(place_x(box, axes, x)) + 0.5;
  cairo_move_to(cairo, at, box.y + box.h);
  cairo_line_to(cairo, at, box.y + box.h + 4.0);
  cairo_stroke(cairo);
  cairo_move_to(cairo, at - size.width / 2.0, box.y + box.h + 6.0 + LETTER);
  cairo_show_text(cairo, text);
}

/// @return How far left of the box it reaches
static double
tick_y(cairo_t* const               cairo,
       const df_picture_box         box,
       const df_picture_axes* const axes,
       const double                 y,
       const double                 step)
{
  char                 text[32];
  cairo_text_extents_t size;
  write_tick(y, step, text);
  cairo_text_extents(cairo, text, &size);
  const double at = floor(place_y(box, axes, y)) + 0.5;
  cairo_move_to(cairo, box.x - 4.0, at);
  cairo_line_to(cairo, box.x, at);
  cairo_stroke(cairo);
  cairo_move_to(cairo, box.x - 7.0 - size.x_advance, at + LETTER * 0.35);
  cairo_show_text(cairo, text);
  return 7.0 + size.x_advance;
}

/// @return How far left of the box they reach
static double
ticks_y(cairo_t* const               cairo,
        const df_picture_box         box,
        const df_picture_axes* const axes)
{
  double most = 0.0;
  if (axes->y_log) {
    static const double parts[] = {1.0, 2.0, 5.0};
    for (double ten = pow(10.0, floor(log10(axes->y_low))); ten <= axes->y_high;
         ten *= 10.0) {
      for (int i = 0; i < 3; ++i) {
        const double y = ten * parts[i];
        if (y >= axes->y_low * 0.999 && y <= axes->y_high * 1.001) {
          most = fmax(most, tick_y(cairo, box, axes, y, ten));
        }
      }
    }
    return most;
  }
  const double step  = tick_step(axes->y_high - axes->y_low);
  const double first = ceil(axes->y_low / step - 1e-9);
  for (int i = 0; (first + i) * step <= axes->y_high + 1e-9 * step; ++i) {
    most = fmax(most, tick_y(cairo, box, axes, (first + i) * step, step));
  }
  return most;
}

void
df_picture_frame(df_picture* const            picture,
                 const df_picture_box         box,
                 const df_picture_axes* const axes)
{
  cairo_t* const       cairo = picture->cairo;
  cairo_text_extents_t size;
  set_colour(cairo, 6);
  cairo_set_line_width(cairo, 1.0);
  cairo_set_font_size(cairo, LETTER);
  cairo_rectangle(cairo,
                  floor(box.x) - 0.5,
                  floor(box.y) - 0.5,
                  floor(box.w) + 1.0,
                  floor(box.h) + 1.0);
  cairo_stroke(cairo);

  const double step  = tick_step(axes->x_high - axes->x_low);
  const double first = ceil(axes->x_low / step - 1e-9);
  for (int i = 0; (first + i) * step <= axes->x_high + 1e-9 * step; ++i) {
    tick_x(cairo, box, axes, (first + i) * step, step);
  }
  const double left = fmax(ticks_y(cairo, box, axes) + 5.0, 42.0);

  cairo_text_extents(cairo, axes->x_name, &size);
  cairo_move_to(
    cairo, box.x + box.w - size.width, box.y + box.h + 10.0 + 2.0 * LETTER);
  cairo_show_text(cairo, axes->x_name);
  cairo_save(cairo);
  cairo_move_to(cairo, box.x - left, box.y + box.h);
  cairo_rotate(cairo, -1.5707963267948966);
  cairo_show_text(cairo, axes->y_name);
  cairo_restore(cairo);
  df_picture_text(picture, box.x, box.y - 7.0, LETTER + 1.0, axes->title);
}

/// Keep what is drawn within a box, until cairo_restore.
static void
clip_to(cairo_t* const cairo, const df_picture_box box)
{
  cairo_save(cairo);
  cairo_rectangle(cairo, box.x, box.y, box.w, box.h);
  cairo_clip(cairo);
  cairo_new_path(cairo);
}

void
df_picture_curve(df_picture* const            picture,
                 const df_picture_box         box,
                 const df_picture_axes* const axes,
                 const int                    count,
                 const double* const          x,
                 const double* const          y,
                 const int                    colour)
{
  cairo_t* const cairo = picture->cairo;
  clip_to(cairo, box);
  bool open = false;
  for (int i = 0; i < count; ++i) {
    const double px = place_x(box, axes, x[i]);
    const double py = place_y(box, axes, y[i]);
    if (!isfinite(px) || !isfinite(py)) {
      open = false;
    } else if (open) {
      cairo_line_to(cairo, px, py);
    } else {
      cairo_move_to(cairo, px, py);
      open = true;
    }
  }
  set_colour(cairo, colour);
  cairo_set_line_width(cairo, 1.5);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke(cairo);
  cairo_restore(cairo);
}

void
df_picture_band(df_picture* const            picture,
                const df_picture_box         box,
                const df_picture_axes* const axes,
                const int                    count,
                const double* const          x,
                const double* const          low,
                const double* const          high,
                const int                    colour)
{
  cairo_t* const cairo = picture->cairo;
  clip_to(cairo, box);
  for (int i = 0; i < count; ++i) {
    cairo_line_to(cairo, place_x(box, axes, x[i]), place_y(box, axes, low[i]));
  }
  for (int i = count - 1; i >= 0; --i) {
    cairo_line_to(cairo, place_x(box, axes, x[i]), place_y(box, axes, high[i]));
  }
  cairo_close_path(cairo);
  cairo_push_group(cairo);
  set_colour(cairo, colour);
  cairo_fill(cairo);
  cairo_pop_group_to_source(cairo);
  cairo_paint_with_alpha(cairo, 0.25);
  cairo_restore(cairo);
}

void
df_picture_mark(df_picture* const            picture,
                const df_picture_box         box,
                const df_picture_axes* const axes,
                const double                 x)
{
  cairo_t* const cairo = picture->cairo;
  const double   at    = floor(place_x(box, axes, x)) + 0.5;
  cairo_set_source_rgb(cairo, 0.34, 0.71, 0.91);
  cairo_set_line_width(cairo, 1.5);
  cairo_move_to(cairo, at, box.y);
  cairo_line_to(cairo, at, box.y + box.h);
  cairo_stroke(cairo);
}

static uint32_t
byte_of(const double part)
{
  return (uint32_t)(255.0 * fmin(fmax(part, 0.0), 1.0) + 0.5);
}

/// Black, blue-violet, red, orange, white: brightness grows all the way.
static uint32_t
heat_colour(const double part)
{
  const uint32_t red   = byte_of(2.2 * part - 0.25);
  const uint32_t green = byte_of(2.2 * part - 0.95);
  const uint32_t blue =
    byte_of(part < 0.35 ? 1.6 * part
                        : fmax(0.56 - 1.6 * (part - 0.35), 4.0 * part - 3.0));
  return red << 16U | green << 8U | blue;
}

void
df_picture_heat(df_picture* const    picture,
                const df_picture_box box,
                const int            columns,
                const int            rows,
                const float* const   values,
                const float          low,
                const float          high)
{
  cairo_surface_flush(picture->surface);
  unsigned char* const data = cairo_image_surface_get_data(picture->surface);
  const int stride          = cairo_image_surface_get_stride(picture->surface);
  const int width           = cairo_image_surface_get_width(picture->surface);
  const int height          = cairo_image_surface_get_height(picture->surface);
  const int left            = (int)fmax(box.x, 0.0);
  const int top             = (int)fmax(box.y, 0.0);
  const int right           = (int)fmin(box.x + box.w, (double)width);
  const int bottom          = (int)fmin(box.y + box.h, (double)height);
  for (int py = top; py < bottom; ++py) {
    const double up  = 1.0 - ((double)py + 0.5 - box.y) / box.h;
    const int    row = (int)fmin(up * rows, (double)rows - 1.0);
    for (int px = left; px < right; ++px) {
      const double along  = ((double)px + 0.5 - box.x) / box.w;
      const int    column = (int)fmin(along * columns, (double)columns - 1.0);
      const float  value  = values[(size_t)column * (size_t)rows + (size_t)row];
      const double part   = (double)((value - low) / (high - low));
      const uint32_t rgb  = heat_colour(isfinite(part) ? part : 0.0);
      memcpy(data + (size_t)py * (size_t)stride + 4U * (size_t)px, &rgb, 4U);
    }
  }
  cairo_surface_mark_dirty(picture->surface);
}

/// Bytes that grow as cairo writes them.
typedef struct {
  unsigned char* data;
  size_t         size;
  size_t         room;
} bytes;

static cairo_status_t
append(void* const self, const unsigned char* const data, const unsigned length)
{
  bytes* const to = (bytes*)self;
  if (to->room - to->size < length) {
    const size_t         room  = 2U * to->room + length;
    unsigned char* const grown = (unsigned char*)realloc(to->data, room);
    if (!grown) {
      return CAIRO_STATUS_NO_MEMORY;
    }
    to->data = grown;
    to->room = room;
  }
  memcpy(to->data + to->size, data, length);
  to->size += length;
  return CAIRO_STATUS_SUCCESS;
}

df_status
df_picture_finish(df_picture* const picture,
                  const df_status   drawn,
                  const char* const path,
                  df_note* const    note)
{
  bytes     png    = {NULL, 0U, 0U};
  df_status status = drawn;
  if (!status && cairo_surface_write_to_png_stream(
                   picture->surface, append, &png) != CAIRO_STATUS_SUCCESS) {
    status = DF_E_NOMEM;
  }
  status = status
             ? df_note_set(note, status, "%s: %s", path, df_status_text(status))
             : df_file_replace(path, png.data, png.size, note);
  free(png.data);
  df_picture_free(picture);
  return status;
}
