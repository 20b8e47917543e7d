#include "tests/stream/scene.h"

/// A token pinned at level 0 is seen as it is and returned as it is.
static void
test_exact_pins(void)
{
  static const float slopes[] = {0.0f, 0.5f, 1.0f, 4.0f};
  for (int i = 0; i < 4; ++i) {
    enum { C = 3, H = 8 };
    scene s;
    float x[2 * H * C];
    float known[C] = {0.25f, -3.5f, 1.0f / 3.0f};
    begin(&s, C, H, slopes[i], 1);
    s.add = 0.5f; // finish must leave it alone
    feed(&s, 0, 4);
    CHECK(df_stream_pin(s.stream, 4 + 5, known, 0) == DF_OK);
    int   level[H];
    float seen[H * C];
    CHECK(df_stream_peek(s.stream, level, seen) == H);
    CHECK(level[5] == 0 && !memcmp(seen + 5 * C, known, sizeof(known)));
    CHECK(level[4] == K && seen[4 * C] == 0.0f);
    CHECK(df_stream_pin(s.stream, 4 + 1, known, 0) == DF_OK);
    pull(&s, 1, x);
    // A known token is part of the window until its turn
    CHECK(slopes[i] < 1.0f || mock.pushes == 1 + 4);
    pull(&s, 9, x + C);
    CHECK(!memcmp(x + C, known, sizeof(known)));
    CHECK(!memcmp(x + 5 * C, known, sizeof(known)));
    CHECK(mock.levels[0][5] == 0 && mock.first[0][5] == known[0]);
    CHECK(s.finished >= 8);
    end(&s);
  }
}

/// A token known in part keeps its level until the schedule is lower, stands
/// there with real noise, and is then denoised on.
static void
test_noisy_pins(void)
{
  enum { C = 64, H = 8, at = 6, level = 24 };
  scene s;
  float known[C];
  float x[8 * C];
  for (int c = 0; c < C; ++c) {
    known[c] = 2.0f;
  }
  begin(&s, C, H, 1.0f, 1);
  CHECK(df_stream_pin(s.stream, at, known, level) == DF_OK);
  pull(&s, 8, x);
  int last = level;
  for (int m = 0; m < 8; ++m) { // the burst: token 0 is still at the front
    const int schedule = 8 * (H + at - m) < K ? 8 * (H + at - m) : K;
    const int want     = schedule < level ? schedule : level;
    CHECK(mock.levels[m][at] == want && want <= last);
    last = want;
  }
  CHECK(mock.levels[0][at] == level);
  const double a   = df_schedule_signal(s.predictor.schedule, level);
  const double b   = df_schedule_noise(s.predictor.schedule, level);
  const double eps = ((double)mock.first[0][at] - a * 2.0) / b;
  CHECK(fabs(eps) > 1e-3 && fabs(eps) < 5.0);
  // It was heard: the mean of 64 dimensions is well off 0, and not copied
  double mean = 0.0;
  double same = 0.0;
  for (int c = 0; c < C; ++c) {
    mean += (double)x[at * C + c] / C;
    same += x[at * C + c] == 2.0f ? 1.0 : 0.0;
  }
  CHECK(mean > 0.5 && same < 2.0);
  end(&s);
}

/// Invariant 27 for the stream: as the declared level rises the answer moves
/// from the observation to the prediction.
static void
test_declared_level(void)
{
  enum { C = 64, H = 4, R = 30 };
  double last = 3.0;
  for (int level = 0; level <= K; level += 16) {
    double mean = 0.0;
    scene  s;
    begin(&s, C, H, 1.0f, 8);
    for (int r = 0; r < R; ++r) {
      float known[C];
      float past[C];
      float x[C];
      for (int c = 0; c < C; ++c) {
        known[c] = 2.0f;
        past[c]  = -1.0f;
      }
      s.settings.seed = (uint64_t)r;
      df_stream_reset(s.stream);
      df_stream_set(s.stream, &s.settings);
      df_stream_push(s.stream, past);
      CHECK(df_stream_pin(s.stream, 1, known, level) == DF_OK);
      pull(&s, 1, x);
      for (int c = 0; c < C; ++c) {
        mean += (double)x[c] / (C * R);
      }
    }
    if (level == 0) {
      CHECK_NEAR(mean, 2.0, 1e-9); // sum of 1920 shares
    }
    CHECK(mean < last);
    last = mean;
    end(&s);
  }
  // Prediction 0.9 times the past, four standard errors of 1920 draws
  CHECK_NEAR(last, -0.9, 4.0 * sqrt(0.19 / (C * R)));
}

/// A pin at level K says nothing, bit for bit; a second pin replaces the first;
/// pins out of reach or off the scale are refused.
static void
test_pin_rules(void)
{
  enum { C = 2, H = 6 };
  scene s;
  float x[2][12 * C];
  for (int i = 0; i < 2; ++i) {
    const float known[C] = {3.0f, 1.0f};
    begin(&s, C, H, 1.0f, 2);
    feed(&s, 0, 3);
    for (int j = 0; i && j < 12; ++j) {
      CHECK(df_stream_pin(s.stream, 3 + j, known, K) == DF_OK);
    }
    pull(&s, 12, x[i]);
    if (i == 0) {
      end(&s);
    }
  }
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));

  const float one[C] = {1.0f, 1.0f};
  const float two[C] = {2.0f, 2.0f};
  CHECK(df_stream_pin(s.stream, 14, one, 0) == DF_E_ARG);
  CHECK(df_stream_pin(s.stream, 15 + 2 * H, one, 0) == DF_E_ARG);
  CHECK(df_stream_pin(s.stream, 15, one, -1) == DF_E_ARG);
  CHECK(df_stream_pin(s.stream, 15, one, K + 1) == DF_E_ARG);
  CHECK(df_stream_recall(s.stream, 14, one, 1.0f) == DF_E_ARG);
  CHECK(df_stream_pin(s.stream, 17, one, 0) == DF_OK); // while running
  CHECK(df_stream_pin(s.stream, 17, two, 0) == DF_OK);
  pull(&s, 3, x[0]);
  CHECK(!memcmp(x[0] + 2 * C, two, sizeof(two)));
  end(&s);
}

/// Below slope 1 a token finished ahead of its hop can still be pinned, and
/// what was finished after it is kept.
static void
test_pin_finished_token(void)
{
  enum { C = 2, H = 8 };
  scene s;
  float x[H * C];
  float held[H * C];
  begin(&s, C, H, 0.0f, 1);
  feed(&s, 0, 2);
  pull(&s, 1, x);
  int level[H];
  CHECK(df_stream_peek(s.stream, level, held) == H);
  for (int j = 0; j < H - 1; ++j) {
    CHECK(level[j] == 0);
  }
  const float known[C] = {0.5f, -0.5f};
  CHECK(df_stream_pin(s.stream, 2 + 4, known, 0) == DF_OK);
  pull(&s, H - 1, x + C);
  for (int j = 1; j < H; ++j) { // held[0] is token 1 of the block
    const float* const want = j == 4 ? known : held + (ptrdiff_t)(j - 1) * C;
    CHECK(!memcmp(x + (ptrdiff_t)j * C, want, sizeof(known)));
  }
  end(&s);
}

/// Pins outlive a drop and a push, and end with their token.
static void
test_pins_survive(void)
{
  enum { C = 1, H = 8 };
  scene       s;
  const float known = 2.5f;
  float       x[10];
  begin(&s, C, H, 1.0f, 1);
  feed(&s, 0, 3);
  pull(&s, 2, x);
  CHECK(df_stream_pin(s.stream, 9, &known, 0) == DF_OK);
  df_stream_drop(s.stream, 2);
  feed(&s, 3, 4);
  pull(&s, 6, x); // tokens 4 .. 9
  CHECK(x[5] == known && x[4] != known);
  df_stream_drop(s.stream, 1);
  pull(&s, 1, x); // 9 again, no longer known
  CHECK(x[0] != known);
  end(&s);
}

int
main(void)
{
  test_exact_pins();
  test_noisy_pins();
  test_declared_level();
  test_pin_rules();
  test_pin_finished_token();
  test_pins_survive();
  return 0;
}
