#include "plugin/levels.h"

#include "tests/check.h"

#include <math.h>

/// Each level lasts a frame, also one of broken length, however the samples are
/// asked for; then the port counts again.
static void
test_frames(void)
{
  const float list[3]   = {0.25f, 1.0f, 0.5f};
  const int   blocks[3] = {1, 7, 400};
  for (int b = 0; b < 3; ++b) {
    df_levels levels = {{0.0f}, 0, 0};
    float     out[400];
    df_levels_begin(&levels, list, 3U);
    for (int at = 0; at < 400; at += blocks[b]) {
      const int n = at + blocks[b] < 400 ? blocks[b] : 400 - at;
      df_levels_take(&levels, 100.5, 0.75f, out + at, n);
    }
    for (int i = 0; i < 400; ++i) {
      const int frame = (int)(i / 100.5);
      CHECK(out[i] == (frame < 3 ? list[frame] : 0.75f));
    }
  }
}

/// Wild lists are brought into their ranges; an empty one ends the one before.
static void
test_wild(void)
{
  static float list[DF_LEVELS_MOST + 5];
  df_levels    levels = {{0.0f}, 0, 0};
  float        out[4];
  list[0] = NAN;
  list[1] = -3.0f;
  list[2] = INFINITY;
  df_levels_begin(&levels, list, DF_LEVELS_MOST + 5U);
  CHECK(levels.count == DF_LEVELS_MOST);
  df_levels_take(&levels, 1.0, 0.5f, out, 4);
  CHECK(out[0] == 0.0f && out[1] == 0.0f && out[2] == 1.0f && out[3] == 0.0f);
  df_levels_begin(&levels, list, 0U);
  df_levels_take(&levels, 1.0, 0.5f, out, 4);
  CHECK(out[0] == 0.5f && out[3] == 0.5f);
}

int
main(void)
{
  test_frames();
  test_wild();
  return 0;
}
