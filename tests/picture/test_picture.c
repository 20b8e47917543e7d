#include "core/picture/picture.h"

#include "tests/check.h"

#include <cairo.h>

#include <string.h>
#include <unistd.h>

static const df_picture_box  box = {60.0, 40.0, 200.0, 100.0};
static const df_picture_axes axes =
  {"Title", "s", "level", 0.0, 10.0, 0.01, 1.0, true};

/// Red, green and blue of a pixel of a PNG file.
static unsigned
pixel(const char* const path, const int x, const int y)
{
  cairo_surface_t* const png = cairo_image_surface_create_from_png(path);
  CHECK(cairo_surface_status(png) == CAIRO_STATUS_SUCCESS);
  CHECK(x < cairo_image_surface_get_width(png));
  CHECK(y < cairo_image_surface_get_height(png));
  unsigned rgb = 0U;
  memcpy(&rgb,
         cairo_image_surface_get_data(png) +
           y * cairo_image_surface_get_stride(png) + 4 * x,
         4U);
  cairo_surface_destroy(png);
  return rgb & 0xffffffU;
}

/// A heat map puts row 0 below, column 0 left, low dark and high bright.
static void
test_heat_places_values(const char* const path)
{
  const float values[6] = {0.0f, 1.0f, 0.5f, NAN, 9.0f, -9.0f};
  df_picture* picture   = NULL;
  CHECK(df_picture_make(300, 200, &picture) == DF_OK);
  df_picture_heat(picture, box, 3, 2, values, 0.0f, 1.0f);
  CHECK(df_picture_finish(picture, DF_OK, path, NULL) == DF_OK);
  CHECK(pixel(path, 61, 138) == 0U);         // column 0, row 0: low
  CHECK(pixel(path, 61, 41) == 0xffffffU);   // column 0, row 1: high
  CHECK(pixel(path, 160, 41) == 0U);         // NaN is drawn as low
  CHECK(pixel(path, 259, 138) == 0xffffffU); // above high
  CHECK(pixel(path, 259, 41) == 0U);         // below low
  CHECK(pixel(path, 290, 190) == 0xffffffU); // outside: white
  const unsigned middle = pixel(path, 160, 138);
  CHECK(middle >> 16U > 100U && (middle & 255U) < 100U);
}

/// A curve goes through its points, on a logarithmic axis too.
static void
test_curve_goes_through(const char* const path)
{
  const double x[5]    = {0.0, 5.0, NAN, 5.0, 10.0};
  const double y[5]    = {0.1, 0.1, 0.5, 0.5, 50.0};
  df_picture*  picture = NULL;
  CHECK(df_picture_make(300, 200, &picture) == DF_OK);
  df_picture_curve(picture, box, &axes, 5, x, y, 0);
  df_picture_frame(picture, box, &axes);
  df_picture_mark(picture, box, &axes, 8.0);
  df_picture_label(picture, 100.0, 190.0, "label", 3);
  CHECK(df_picture_finish(picture, DF_OK, path, NULL) == DF_OK);
  CHECK(pixel(path, 100, 90) != 0xffffffU); // 0.1 is half way up
  CHECK(pixel(path, 100, 80) == 0xffffffU);
  CHECK(pixel(path, 270, 30) == 0xffffffU); // cut off at the box
  CHECK(pixel(path, 220, 60) != 0xffffffU); // the mark
}

/// Ticks of a range far from 0 have each their own number.
static void
test_ticks_differ(const char* const path)
{
  static const df_picture_box  far  = {160.0, 40.0, 120.0, 100.0};
  static const df_picture_axes high = {
    "", "", "", 0.0, 10.0, 1e9, 1e9 + 4.0, false};
  df_picture* picture = NULL;
  int         other   = 0; // pixels of the numbers of two neighbours
  CHECK(df_picture_make(300, 200, &picture) == DF_OK);
  df_picture_frame(picture, far, &high);
  CHECK(df_picture_finish(picture, DF_OK, path, NULL) == DF_OK);
  for (int y = 112; y < 118; ++y) { // ticks at 115 and 90
    for (int x = 120; x < 150; ++x) {
      other += pixel(path, x, y) != pixel(path, x, y - 25) ? 1 : 0;
    }
  }
  CHECK(other > 0);
}

/// Sizes and places that cannot be are refused.
static void
test_refusals(void)
{
  df_picture* picture = NULL;
  df_note     note    = {{0}};
  CHECK(df_picture_make(0, 10, &picture) == DF_E_ARG && !picture);
  CHECK(df_picture_make(10, 1 << 20, &picture) == DF_E_ARG && !picture);
  CHECK(df_picture_make(10, 10, &picture) == DF_OK);
  CHECK(df_picture_finish(picture, DF_OK, "/nowhere/a.png", &note) == DF_E_IO);
  CHECK(strstr(note.text, "/nowhere/a.png"));
  CHECK(df_picture_finish(NULL, DF_E_NOMEM, "b.png", &note) == DF_E_NOMEM);
  CHECK(!strcmp(note.text, "b.png: out of memory"));
  df_picture_free(NULL);
}

int
main(void)
{
  char path[64];
  (void)snprintf(path, sizeof(path), "picture-%ld.tmp.png", (long)getpid());
  test_heat_places_values(path);
  test_curve_goes_through(path);
  test_ticks_differ(path);
  test_refusals();
  (void)unlink(path);
  return 0;
}
