#include "tests/stream/scene.h"

enum { C = 2, H = 8, N = 12 };

/// Planning a token again with nothing changed gives it again, bit for bit, and
/// all that follow, for the cost of its passes.
static void
test_same(void)
{
  static const float slopes[] = {1.0f, 2.0f, 4.0f};
  const float        known[C] = {0.5f, -0.25f};
  for (int k = 0; k < 3; ++k) {
    float x[2][N * C];
    for (int again = 0; again < 2; ++again) {
      scene s;
      begin(&s, C, H, slopes[k], 2);
      feed(&s, 0, 4);
      CHECK(df_stream_pin(s.stream, 9, known, 20) == DF_OK);
      for (int n = 0; n < N; ++n) {
        pull(&s, 1, x[again] + n * C);
        if (again && n > 0) {
          mock_forget();
          CHECK(df_stream_replan(s.stream, true));
          CHECK(df_stream_position(s.stream) == 4 + n);
          CHECK(!df_stream_replan(s.stream, true));
          CHECK(df_stream_position(s.stream) == 4 + n);
          pull(&s, 1, x[1] + n * C);
          CHECK(mock.predicts == 2 && mock.pushes == 1);
        }
      }
      end(&s);
    }
    CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
  }
}

/// A setting that comes, or a pin, after a token was planned counts for it as
/// if it had come before.
static void
test_change(void)
{
  static const float slopes[] = {1.0f, 3.0f};
  const float        known[C] = {0.5f, -0.25f};
  for (int k = 0; k < 2; ++k) {
    float x[3][N * C];
    for (int late = 0; late < 3; ++late) { // not at all, in time, too late
      scene s;
      begin(&s, C, H, slopes[k], 1);
      feed(&s, 0, 4);
      pull(&s, 6, x[late]);
      if (late == 2) {
        pull(&s, 1, x[2] + 6 * C);
      }
      if (late) {
        CHECK(df_stream_pin(s.stream, 13, known, 30) == DF_OK);
        CHECK(df_stream_replan(s.stream, late == 2) == (late == 2));
        s.settings.eta      = 0.25f;
        s.settings.guidance = 2.0f;
        df_stream_set(s.stream, &s.settings);
      }
      pull(&s, N - 6, x[late] + 6 * C);
      end(&s);
    }
    CHECK(!memcmp(x[1], x[2], sizeof(x[1])));
    CHECK(!memcmp(x[0], x[1], 6 * C * sizeof(float)));
    CHECK(memcmp(x[0] + 6 * C, x[1] + 6 * C, C * sizeof(float)));
  }
}

/// Below slope 1 tokens are finished ahead of their hop.  They too follow the
/// change, from the newest returned one on or from the next.
static void
test_ahead(void)
{
  static const float slopes[] = {0.0f, 0.5f};
  for (int k = 0; k < 2; ++k) {
    for (int newest = 0; newest < 2; ++newest) {
      float x[2][N * C];
      for (int change = 0; change < 2; ++change) {
        scene s;
        begin(&s, C, H, slopes[k], 1);
        feed(&s, 0, 4);
        pull(&s, 3, x[change]);
        if (change) {
          CHECK(df_stream_replan(s.stream, newest != 0) == (newest != 0));
          CHECK(df_stream_position(s.stream) == 7 - newest);
          s.settings.eta = 0.25f;
          df_stream_set(s.stream, &s.settings);
        }
        pull(&s, N - 3, x[change] + (change ? 3 - newest : 3) * C);
        CHECK(df_stream_position(s.stream) == 4 + N - (change && newest));
        end(&s);
      }
      const int first = 3 - newest;
      CHECK(!memcmp(x[0], x[1], (size_t)(first * C) * sizeof(float)));
      CHECK(memcmp(x[0] + first * C, x[1] + first * C, C * sizeof(float)));
    }
  }
}

/// There is nothing to plan again before a window's second advance.
static void
test_first(void)
{
  scene s;
  float x[N * C];
  begin(&s, C, H, 1.0f, 1);
  CHECK(!df_stream_replan(s.stream, true));
  pull(&s, 1, x);
  CHECK(!df_stream_replan(s.stream, true) && df_stream_position(s.stream) == 1);
  pull(&s, 1, x);
  feed(&s, 0, 1);
  CHECK(!df_stream_replan(s.stream, true) && df_stream_position(s.stream) == 3);
  pull(&s, 2, x);
  df_stream_drop(s.stream, 1);
  CHECK(!df_stream_replan(s.stream, true) && df_stream_position(s.stream) == 4);
  pull(&s, 2, x);
  s.settings.horizon = 4;
  df_stream_set(s.stream, &s.settings);
  CHECK(!df_stream_replan(s.stream, true) && df_stream_position(s.stream) == 6);
  pull(&s, 2, x);
  df_stream_reset(s.stream);
  CHECK(!df_stream_replan(s.stream, true) && df_stream_position(s.stream) == 0);
  end(&s);
}

int
main(void)
{
  test_same();
  test_change();
  test_ahead();
  test_first();
  return 0;
}
