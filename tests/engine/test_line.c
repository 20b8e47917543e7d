#include "core/engine/line.h"

#include "tests/check.h"

#define SIZE 8U

/// Samples are found again by their time, the newest in one piece.
static void
test_place(void)
{
  float line[2U * SIZE] = {0.0f};
  for (int t = 0; t < 21; ++t) {
    df_line_put(line, SIZE, t, (float)t);
  }
  for (int t = 13; t < 21; ++t) {
    CHECK(df_line_get(line, SIZE, t) == (float)t);
    CHECK(df_line_newest(line, SIZE, 21)[t - 21] == (float)t);
  }
}

/// What is kept lies before 0; the rest is silence, at any time of the line.
static void
test_restart(void)
{
  for (int end = 0; end < 20; ++end) {
    for (size_t kept = 0U; kept <= SIZE; ++kept) {
      float line[2U * SIZE] = {0.0f};
      for (int t = 0; t < end; ++t) {
        df_line_put(line, SIZE, t, (float)(1 + t));
      }
      df_line_restart(line, SIZE, end, kept);
      for (int t = 1; t <= (int)SIZE; ++t) {
        const float was = end - t >= 0 ? (float)(1 + end - t) : 0.0f;
        CHECK(df_line_get(line, SIZE, -t) == ((int)kept >= t ? was : 0.0f));
        CHECK(df_line_newest(line, SIZE, 0)[-t] == df_line_get(line, SIZE, -t));
      }
    }
  }
}

int
main(void)
{
  test_place();
  test_restart();
  return 0;
}
