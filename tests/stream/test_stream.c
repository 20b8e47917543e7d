#include "tests/stream/scene.h"

/// Position counts what was pushed and returned, less what was dropped.
static void
test_position(void)
{
  for (int i = 0; i < 4; ++i) {
    static const float slopes[] = {0.0f, 0.4f, 1.0f, 3.0f};
    scene              s;
    float              x[20 * 2];
    begin(&s, 2, 8, slopes[i], 2);
    CHECK(df_stream_position(s.stream) == 0 && df_stream_undo(s.stream) == 0);
    feed(&s, 0, 5);
    CHECK(df_stream_position(s.stream) == 5 && df_stream_undo(s.stream) == 5);
    pull(&s, 20, x);
    CHECK(df_stream_position(s.stream) == 25);
    CHECK(df_stream_undo(s.stream) == 25);
    df_stream_drop(s.stream, 7);
    CHECK(df_stream_position(s.stream) == 18);
    pull(&s, 1, x);
    feed(&s, 0, 1);
    CHECK(df_stream_position(s.stream) == 20);
    df_stream_reset(s.stream);
    CHECK(df_stream_position(s.stream) == 0 && df_stream_undo(s.stream) == 0);
    end(&s);
  }
}

/// Every label that the network saw is the plan's, from the first pass of the
/// burst on: pyramid at slope 1, full sequence block by block at 0, one token
/// after another at slope H.
static void
test_levels_follow_plan(void)
{
  static const struct {
    int          H;
    float        slope;
    int          steps;
    df_plan_kind kind;
    double       lag; // passes a token, for the pyramid
    int          S;   // passes of one token
  } cases[] = {
    {8, 1.0f, 1, DF_PLAN_PYRAMID, 1.0, 8},
    {8, 1.0f, 2, DF_PLAN_PYRAMID, 2.0, 16},
    {8, 2.0f, 2, DF_PLAN_PYRAMID, 2.0, 8},
    {8, 0.0f, 1, DF_PLAN_FULL, 0.0, 8},
    {8, 0.0f, 4, DF_PLAN_FULL, 0.0, 32},
    {4, 4.0f, 8, DF_PLAN_AUTOREGRESSIVE, 0.0, 8},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    enum { N = 32 }; // tokens
    const int  H      = cases[i].H;
    const int  S      = cases[i].S;
    const bool blocks = cases[i].kind == DF_PLAN_FULL;
    const int  tokens = blocks ? H : N;
    const int  rows   = df_plan_rows(cases[i].kind, S, tokens, cases[i].lag);
    int* const plan   = (int*)calloc((size_t)(rows * tokens), sizeof(int));
    int        ladder[K + 1];
    CHECK(plan);
    df_plan_fill(cases[i].kind, S, tokens, cases[i].lag, plan);
    df_plan_ladder(K, S, ladder);
    df_plan_levels(plan, rows * tokens, ladder);

    scene s;
    float x[N];
    begin(&s, 1, H, cases[i].slope, cases[i].steps);
    feed(&s, 0, 3);
    pull(&s, N - H, x);
    CHECK(mock.predicts > 2 * S && mock.predicts < MOCK_LOG);
    for (int m = 0; m < mock.predicts; ++m) {
      // The window begins at the first token that is not yet clean
      int first = 0;
      while (!blocks && plan[m * tokens + first] == 0) {
        ++first;
      }
      for (int h = 0; h < H; ++h) {
        const int want =
          blocks ? plan[m % S * H + h] : plan[m * tokens + first + h];
        CHECK(mock.levels[m][h] == want);
      }
    }
    free(plan);
    end(&s);
  }
}

/// Levels fall by the formula for slopes between, never rise, and reach 0 in
/// time; peek shows them.
static void
test_levels_between(void)
{
  static const float slopes[] = {0.3f, 0.5f, 0.9f, 1.3f, 3.7f};
  for (int i = 0; i < 5; ++i) {
    enum { H = 10, N = 40 };
    const double slope = (double)slopes[i];
    scene        s;
    float        x[1];
    begin(&s, 1, H, slopes[i], 1);
    for (int hop = 0; hop < N; ++hop) {
      pull(&s, 1, x);
      int level[H];
      CHECK(df_stream_peek(s.stream, level, NULL) == H);
      for (int j = 0; j < H; ++j) {
        const int    r    = hop + 1 + j;
        const double t    = slope > 1.0 ? r : r / H * H + slope * (r % H);
        const double fall = slope > 1.0 ? H / slope : H;
        const double want = K * fmin(fmax((t - hop) / fall, 0.0), 1.0);
        // The last tokens of peek may not have joined the window yet
        CHECK(level[j] == (int)ceil(want - 1e-3) || level[j] == K);
        CHECK(j > 0 || level[j] < K || slope > 3.0);
      }
    }
    end(&s);
  }
}

/// The same seed gives the same bytes, peeks or not; another seed others.
static void
test_seed(void)
{
  enum { C = 3, H = 6, N = 25 };
  static const float slopes[] = {0.0f, 0.7f, 1.0f, 2.5f};
  for (int k = 0; k < 4; ++k) {
    float x[3][N * C];
    for (int i = 0; i < 3; ++i) {
      scene s;
      begin(&s, C, H, slopes[k], 2);
      s.settings.seed = i < 2 ? 9U : 10U;
      df_stream_set(s.stream, &s.settings);
      feed(&s, 0, 7);
      for (int n = 0; n < N; ++n) {
        int   level[H];
        float seen[H * C];
        for (int p = 0; p < i; ++p) {
          CHECK(df_stream_peek(s.stream, level, seen) == H);
          df_stream_set(s.stream, &s.settings); // unchanged: nothing happens
        }
        pull(&s, 1, x[i] + (ptrdiff_t)n * C);
      }
      end(&s);
    }
    CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
    CHECK(memcmp(x[0], x[2], sizeof(x[0])));
  }
}

/// A hop costs `steps` predictions of H rows and one push, early and late; the
/// burst H steps.
static void
test_cost(void)
{
  enum { C = 1, H = 8 };
  static const float slopes[] = {0.0f, 1.0f, 2.0f};
  for (int k = 0; k < 3; ++k) {
    scene s;
    float x[C];
    begin(&s, C, H, slopes[k], 3);
    feed(&s, 0, 4);
    mock_forget();
    pull(&s, 1, x);
    CHECK(mock.predicts == (slopes[k] > 1.0f ? 4 : 8) * 3);
    for (int hop = 1; hop < 2000; ++hop) {
      mock_forget();
      pull(&s, 1, x);
      CHECK(mock.predicts == 3 && mock.rows == 3 * H && mock.resets == 0);
      CHECK(mock.pushes <= H && (slopes[k] < 1.0f || mock.pushes == 1));
    }
    end(&s);
  }
}

/// Dropping what was generated and pushing what came instead equals never
/// having generated it, bit for bit.
static void
test_drop(void)
{
  enum { C = 2, H = 8, N = 12 };
  static const float slopes[] = {0.0f, 0.6f, 1.0f, 3.0f};
  for (int k = 0; k < 4; ++k) {
    for (int guided = 0; guided < 2; ++guided) {
      float x[2][N * C];
      for (int i = 0; i < 2; ++i) {
        scene s;
        begin(&s, C, H, slopes[k], 1);
        s.settings.guidance       = guided ? 2.0f : 1.0f;
        s.settings.guidance_level = 0.5f;
        df_stream_set(s.stream, &s.settings);
        feed(&s, 0, 6);
        if (i) {
          float lost[N * C];
          pull(&s, 9, lost);
          df_stream_drop(s.stream, 9);
          CHECK(df_stream_position(s.stream) == 6);
          int level[H];
          CHECK(df_stream_peek(s.stream, level, NULL) == H);
          for (int j = 0; j < H; ++j) {
            CHECK(level[j] == K);
          }
        }
        feed(&s, 6, 9);
        pull(&s, N, x[i]);
        end(&s);
      }
      CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
    }
  }
}

/// finish is called once for each token, before it is returned, remembered
/// and shown.
static void
test_finish(void)
{
  enum { C = 2, H = 6, N = 30 };
  static const float slopes[] = {0.0f, 0.5f, 1.0f, 2.0f};
  for (int k = 0; k < 4; ++k) {
    float x[2][N * C];
    for (int i = 0; i < 2; ++i) {
      scene s;
      begin(&s, C, H, slopes[k], 2);
      s.add = i ? 1.0f : 0.0f;
      for (int n = 0; n < N; ++n) {
        pull(&s, 1, x[i] + n * C);
        CHECK(s.finished >= n + 1 && s.finished <= n + H);
      }
      CHECK(slopes[k] < 1.0f || s.finished == N);
      end(&s);
    }
    CHECK(slopes[k] < 1.0f || x[1][0] == x[0][0] + 1.0f);
    CHECK(x[1][2] != x[0][2]);
  }
}

/// Estimates stay between low and high, those of noisy tokens too; so does
/// what is returned.
static void
test_clamp(void)
{
  enum { C = 4, H = 6 };
  scene s;
  begin(&s, C, H, 1.0f, 1);
  for (int c = 0; c < C; ++c) {
    s.predictor.low[c]  = -0.2f;
    s.predictor.high[c] = 0.1f;
  }
  const float loud[C] = {5.0f, -5.0f, 5.0f, -5.0f};
  df_stream_push(s.stream, loud);
  int reached = 0;
  for (int n = 0; n < 20; ++n) {
    float x[C];
    float seen[H * C];
    pull(&s, 1, x);
    CHECK(df_stream_peek(s.stream, NULL, seen) == H);
    for (int i = 0; i < H * C; ++i) {
      CHECK(seen[i] >= -0.2f && seen[i] <= 0.1f);
    }
    for (int c = 0; c < C; ++c) {
      CHECK(x[c] >= -0.2f && x[c] <= 0.1f);
      reached += x[c] == 0.1f;
    }
  }
  CHECK(reached > 0);
  end(&s);
}

/// Own tokens are remembered at memory_noise with real noise, labelled so;
/// observed and exactly known ones as they are.
static void
test_memory_noise(void)
{
  enum { C = 1, H = 4, N = 400, level = 26 }; // 0.4 of 64
  scene s;
  float x[N];
  begin(&s, C, H, 1.0f, 1);
  s.settings.memory_noise = 0.4f;
  df_stream_set(s.stream, &s.settings);
  feed(&s, 0, 2);
  const float known = 0.75f;
  CHECK(df_stream_pin(s.stream, 5, &known, 0) == DF_OK);
  pull(&s, N, x);
  CHECK(mock.pushes == N + 2 && mock.push_level[0] == 0);
  float seen[1];
  token(0, C, seen);
  CHECK(mock.push_first[0] == seen[0]);
  CHECK(mock.push_level[2 + 3] == 0 && mock.push_first[2 + 3] == known);
  const double a     = df_schedule_signal(s.predictor.schedule, level);
  const double b     = df_schedule_noise(s.predictor.schedule, level);
  double       power = 0.0;
  for (int n = 0; n < N; ++n) {
    if (n != 3) {
      CHECK(mock.push_level[2 + n] == level);
      const double eps =
        ((double)mock.push_first[2 + n] - a * (double)x[n]) / b;
      power += eps * eps / (N - 1);
    }
  }
  CHECK_NEAR(power, 1.0, 4.0 * sqrt(2.0 / N)); // four standard errors
  end(&s);
}

/// Noise belongs to the token and its level, not to when it is generated: one
/// token after another, dropped ones come back bit for bit.
static void
test_noise_belongs_to_token(void)
{
  enum { C = 3, H = 4 };
  scene s;
  float x[8 * C];
  float again[4 * C];
  begin(&s, C, H, 4.0f, 4);
  feed(&s, 0, 3);
  pull(&s, 8, x);
  df_stream_drop(s.stream, 4);
  pull(&s, 4, again);
  CHECK(!memcmp(again, x + 4 * C, sizeof(again)));
  end(&s);
}

/// Guidance 1 is plain, bit for bit and at no cost, whatever its level; with no
/// history guidance of any weight is plain; else it acts.
static void
test_guidance(void)
{
  enum { C = 2, H = 6, N = 12 };
  float x[4][N * C];
  int   cost[4];
  for (int i = 0; i < 4; ++i) {
    static const float weights[] = {1.0f, 1.0f, 2.0f, 2.0f};
    static const float at[]      = {1.0f, 0.3f, 1.0f, 0.3f};
    scene              s;
    begin(&s, C, H, 1.0f, 1);
    s.settings.guidance       = weights[i];
    s.settings.guidance_level = at[i];
    df_stream_set(s.stream, &s.settings);
    feed(&s, 0, 5);
    mock_forget();
    pull(&s, N, x[i]);
    cost[i] = mock.predicts;
    end(&s);
  }
  CHECK(!memcmp(x[0], x[1], sizeof(x[0])));
  CHECK(cost[1] == cost[0] && cost[2] == 2 * cost[0] && cost[3] == 3 * cost[0]);
  CHECK(memcmp(x[0], x[2], sizeof(x[0])));
  CHECK(memcmp(x[3], x[2], sizeof(x[0])));

  for (int i = 0; i < 2; ++i) {
    scene s;
    begin(&s, C, H, 1.0f, 1);
    s.settings.guidance = i ? 3.0f : 1.0f;
    df_stream_set(s.stream, &s.settings);
    pull(&s, 1, x[i]);
    end(&s);
  }
  CHECK(!memcmp(x[0], x[1], C * sizeof(float)));
}

/// Each token meets its own recall, until it is passed.
static void
test_recall(void)
{
  enum { C = 2, H = 5, N = 9 };
  static const float slopes[] = {0.0f, 1.0f};
  for (int k = 0; k < 2; ++k) {
    scene s;
    float x[(N + 1) * C];
    begin(&s, C, H, slopes[k], 1);
    feed(&s, 0, 2);
    for (int i = 0; i < N; ++i) {
      const float recall[C] = {0.01f * (float)i, -0.02f * (float)i};
      CHECK(df_stream_recall(s.stream, 2 + i, recall, 1.0f) == DF_OK);
    }
    pull(&s, N + 1, x);
    for (int i = 0; i < N; ++i) {
      CHECK(x[i * C] == 0.01f * (float)i && x[i * C + 1] == -0.02f * (float)i);
    }
    CHECK(x[N * C] != 0.0f); // no recall: its own
    df_stream_drop(s.stream, 3);
    pull(&s, 1, x);
    CHECK(x[0] != 0.01f * (float)(N - 2)); // forgotten with its token
    end(&s);
  }
}

/// Settings of any kind are brought to their ranges; a new horizon or slope
/// starts the window again, a new eta does not.
static void
test_settings(void)
{
  enum { C = 2, H = 8 };
  scene s;
  float x[30 * C];
  int   level[H];
  begin(&s, C, H, 1.0f, 1);
  pull(&s, 3, x);
  s.settings.eta = 0.3f;
  df_stream_set(s.stream, &s.settings);
  CHECK(df_stream_peek(s.stream, level, NULL) == H && level[0] == K / H);
  s.settings.horizon = 4;
  df_stream_set(s.stream, &s.settings);
  CHECK(df_stream_peek(s.stream, level, NULL) == 4 && level[0] == K);
  pull(&s, 3, x);
  s.settings.slope = 0.5f;
  df_stream_set(s.stream, &s.settings);
  CHECK(df_stream_peek(s.stream, level, NULL) == 4 && level[0] == K);

  const df_stream_settings wild[] = {
    {-5, NAN, -3, NAN, NAN, NAN, NAN, -7, 1U},
    {9999, INFINITY, 9999, INFINITY, INFINITY, 9.0f, 9.0f, 9999, 2U},
    {0, -INFINITY, 0, -1.0f, -1.0f, -1.0f, -1.0f, 0, 3U},
  };
  for (int i = 0; i < 3; ++i) {
    df_stream_set(s.stream, &wild[i]);
    feed(&s, 0, 3);
    pull(&s, 20, x);
    for (int n = 0; n < 20 * C; ++n) {
      CHECK(isfinite(x[n]));
    }
    CHECK(mock.memory >= 1 && mock.memory <= 64);
    const int got = df_stream_peek(s.stream, level, NULL);
    CHECK(got == (i == 1 ? H : 1));
  }
  end(&s);
}

/// A stream that does not fit says so, at every size.
static void
test_refusals(void)
{
  scene s;
  begin(&s, 2, 4, 1.0f, 1);
  df_stream* stream = NULL;
  df_arena   small  = {NULL, 0U, 0U, false};
  CHECK(df_stream_make(&small, &s.predictor, NULL, NULL, &stream) == DF_OK);
  CHECK(!stream);
  const size_t need = small.used;
  CHECK(df_arena_allocate(&small) == DF_OK);
  for (size_t size = 0; size < need; size += 4096U) {
    small.size   = size;
    small.used   = 0U;
    small.failed = false;
    CHECK(df_stream_make(&small, &s.predictor, NULL, NULL, &stream) ==
          DF_E_NOMEM);
    CHECK(!stream);
  }
  small = (df_arena){small.base, need + 64U, 0U, false};
  CHECK(df_stream_make(&small, &s.predictor, NULL, NULL, &stream) == DF_OK);
  float x[2];
  df_stream_advance(stream, x); // without finish
  CHECK(isfinite(x[0]));
  df_arena_free(&small);
  end(&s);
}

int
main(void)
{
  test_position();
  test_levels_follow_plan();
  test_levels_between();
  test_seed();
  test_cost();
  test_drop();
  test_finish();
  test_clamp();
  test_memory_noise();
  test_noise_belongs_to_token();
  test_guidance();
  test_recall();
  test_settings();
  test_refusals();
  return 0;
}
