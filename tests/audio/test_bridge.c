#include "core/audio/bridge.h"

#include "tests/audio/score.h"
#include "tests/audio/signal.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

enum { CONTEXT = DF_BRIDGE_CONTEXT, ORDER = DF_BRIDGE_ORDER, GAP = 2205 };
enum { MS20 = 882 };

typedef struct {
  df_arena   arena;
  df_bridge* bridge;
  float      a[ORDER];
} tool;

static tool
tool_make(const int context, const int order, const int gap)
{
  tool t = {.bridge = NULL};
  CHECK(df_bridge_make(&t.arena, context, order, gap, &t.bridge) == DF_OK);
  CHECK(df_arena_allocate(&t.arena) == DF_OK);
  CHECK(df_bridge_make(&t.arena, context, order, gap, &t.bridge) == DF_OK);
  return t;
}

/// A known autoregressive process gives back its coefficients and gain.
static void
test_a_known_process_is_recovered(void)
{
  enum { N = 60000, P = 4 };
  // Two resonances, radius .98 and .9 at .3 and 1.2 rad
  const double r[2]     = {0.98, 0.9};
  const double omega[2] = {0.3, 1.2};
  double       want[P];
  const double b0 = 2.0 * r[0] * cos(omega[0]);
  const double b1 = 2.0 * r[1] * cos(omega[1]);
  const double c0 = -r[0] * r[0];
  const double c1 = -r[1] * r[1];
  want[0]         = b0 + b1;
  want[1]         = c0 + c1 - b0 * b1;
  want[2]         = -b0 * c1 - b1 * c0;
  want[3]         = -c0 * c1;

  static float x[N];
  df_rng       rng = df_rng_make(1U, 0U, 0U);
  df_rng_normal(&rng, x, N);
  double sound = 0.0;
  for (int t = 0; t < N; ++t) {
    double v = (double)x[t];
    for (int k = 0; k < P && k < t; ++k) {
      v += want[k] * (double)x[t - 1 - k];
    }
    x[t] = (float)v;
    sound += v * v;
  }
  tool  t = tool_make(N, P, 0);
  float a[P];
  CHECK(df_bridge_fit(t.bridge, x, N, a) == P);
  for (int k = 0; k < P; ++k) { // five times the spread 1/sqrt(N)
    CHECK_NEAR(a[k], want[k], 0.02);
  }
  double error = 0.0;
  for (int i = P; i < N; ++i) {
    double e = (double)x[i];
    for (int k = 0; k < P; ++k) {
      e -= (double)a[k] * (double)x[i - 1 - k];
    }
    error += e * e;
  }
  CHECK_NEAR(error / N, 1.0, 0.02); // the innovation that drove it
  CHECK(sound / error > 100.0);
  df_arena_free(&t.arena);
}

/// Tones go on in phase for 20 ms, and at their level for half a second.
static void
test_tones_are_continued(void)
{
  enum { AHEAD = 22050 };
  static float x[CONTEXT + AHEAD];
  static float truth[CONTEXT + AHEAD];
  tool         t = tool_make(CONTEXT, ORDER, 0);
  for (int i = 0; i < CONTEXT + AHEAD; ++i) {
    truth[i] = (float)(0.3 * sin(0.03 * i) + 0.2 * sin(0.21 * i + 1.0) +
                       0.1 * exp(-1e-5 * i) * sin(0.77 * i + 2.0));
  }
  memcpy(x, truth, sizeof(x));
  const int order = df_bridge_fit(t.bridge, x, CONTEXT, t.a);
  df_bridge_extend(t.a, order, x, CONTEXT, AHEAD);
  CHECK(score_snr(truth + CONTEXT, x + CONTEXT, MS20) > 60.0);
  double want = 0.0;
  double got  = 0.0;
  for (int i = CONTEXT; i < CONTEXT + AHEAD; ++i) {
    want += (double)truth[i] * (double)truth[i];
    got += (double)x[i] * (double)x[i];
  }
  CHECK_NEAR(10.0 * log10(got / want), 0.0, 1.0);
  df_arena_free(&t.arena);
}

/// The gate lets notes through and holds noise and onsets back.
static void
test_the_back_test_tells_notes_from_noise(void)
{
  enum { N = 44100 };
  static float x[N];
  tool         t = tool_make(CONTEXT, ORDER, 0);
  signal_notes(x, N, 3U);
  for (int n = 11025 + 9500; n < N; n += 11025) { // well after the last onset
    CHECK(df_bridge_backtest(t.bridge, x, n, MS20) > DF_BRIDGE_GATE + 6.0f);
  }
  df_rng rng = df_rng_make(4U, 0U, 0U);
  df_rng_normal(&rng, x, N);
  CHECK(df_bridge_backtest(t.bridge, x, N, MS20) < DF_BRIDGE_GATE - 3.0f);
  memset(x, 0, sizeof(x));
  CHECK(df_bridge_backtest(t.bridge, x, N, MS20) == -60.0f);
  x[N - 100] = 1.0f; // a click from nowhere
  CHECK(df_bridge_backtest(t.bridge, x, N, MS20) == -60.0f);
  df_arena_free(&t.arena);
}

/// Knowing both sides is better than knowing one.
static void
test_two_sides_beat_one(void)
{
  enum { N = 2 * CONTEXT + GAP };
  static float x[N];
  static float y[CONTEXT + GAP];
  tool         t    = tool_make(CONTEXT, ORDER, GAP);
  double       one  = 0.0;
  double       both = 0.0;
  for (uint64_t seed = 0; seed < 4; ++seed) { // a chord that rings, and noise
    df_rng rng = df_rng_make(seed, 6U, 0U);
    for (int i = 0; i < N; ++i) {
      x[i] = (float)(1e-3 * (df_rng_uniform(&rng) - 0.5));
    }
    for (int partial = 0; partial < 20; ++partial) {
      const double omega = 0.02 + 0.5 * df_rng_uniform(&rng);
      const double fall  = 2e-4 * df_rng_uniform(&rng);
      const double turn  = 6.28 * df_rng_uniform(&rng);
      for (int i = 0; i < N; ++i) {
        x[i] += (float)(0.05 * exp(-fall * i) * sin(omega * i + turn));
      }
    }
    const float* const gap   = x + CONTEXT;
    const float* const right = gap + GAP;
    memcpy(y, x, sizeof(*y) * CONTEXT);
    const int order = df_bridge_fit(t.bridge, y, CONTEXT, t.a);
    df_bridge_extend(t.a, order, y, CONTEXT, GAP);
    one += score_snr(gap, y + CONTEXT, GAP) / 4.0;
    df_bridge_span(t.bridge, x, CONTEXT, right, CONTEXT, y, GAP);
    both += score_snr(gap, y, GAP) / 4.0;
  }
  (void)printf("50 ms of a chord: one side %.1f dB, both %.1f dB\n", one, both);
  CHECK(both > 20.0);
  CHECK(both > one + 3.0);
  df_arena_free(&t.arena);
}

/// A short gap in a sine is closed to rounding, also near the edges.
static void
test_a_gap_in_a_sine_closes(void)
{
  enum { N = 1200, AT = 500, HOLE = 60 };
  static float x[N];
  float        y[HOLE];
  tool         t = tool_make(512, 32, HOLE);
  for (int i = 0; i < N; ++i) {
    x[i] = (float)(0.5 * sin(0.1 * i));
  }
  df_bridge_span(t.bridge, x, AT, x + AT + HOLE, N - AT - HOLE, y, HOLE);
  for (int i = 0; i < HOLE; ++i) {
    CHECK_NEAR(y[i], x[AT + i], 1e-3);
  }
  df_arena_free(&t.arena);
}

/// Silence, a constant, a square wave, NaN, huge and tiny numbers, and nearly
/// nothing: the result is finite and no louder than twice what was there.
static void
test_any_input_has_a_defined_result(void)
{
  enum { N = 2000, AHEAD = 3000, KINDS = 10 };
  static float x[N + AHEAD];
  static float y[GAP];
  static float a[200];
  tool         t   = tool_make(1024, 200, GAP);
  df_rng       rng = df_rng_make(7U, 0U, 0U);
  for (int kind = 0; kind < KINDS; ++kind) {
    for (int n = 0; n <= N; n += n < 40 ? 1 : 490) {
      float peak = 0.0f;
      for (int i = 0; i < n; ++i) {
        const float kinds[KINDS] = {0.0f,
                                    0.7f,
                                    i / 50 % 2 ? 1.0f : -1.0f,
                                    i % 7 ? 0.1f : NAN,
                                    i % 5 ? 1e30f : -INFINITY,
                                    i % 3 ? 1e-41f : -1e-41f,
                                    i % 2 ? 1e6f : -1e6f,
                                    i == n / 2 ? 1.0f : 0.0f,
                                    (float)i,
                                    (float)df_rng_uniform(&rng)};
        x[i]                     = kinds[kind];
        peak = fabsf(x[i]) <= 1e6f ? fmaxf(peak, fabsf(x[i])) : peak;
      }
      const int order = df_bridge_fit(t.bridge, x, n, a);
      CHECK(order >= 0 && order <= 200 && 3 * order <= n);
      for (int k = 0; k < 200; ++k) {
        CHECK(k < order ? isfinite(a[k]) : a[k] == 0.0f);
      }
      df_bridge_span(t.bridge, x, n, x, n / 2, y, 300);
      for (int i = 0; i < 300; ++i) {
        CHECK(fabsf(y[i]) <= 2.0f * peak);
      }
      const float snr = df_bridge_backtest(t.bridge, x, n, 100);
      CHECK(snr >= -60.0f && snr <= 120.0f);
      df_bridge_extend(a, order, x, n, AHEAD);
      for (int i = n; i < n + AHEAD; ++i) {
        CHECK(fabsf(x[i]) <= 2.0f * peak);
      }
    }
  }
  df_arena_free(&t.arena);
}

static void
test_wrong_sizes_are_refused(void)
{
  df_arena   arena = {NULL, 0U, 0U, false};
  df_bridge* b     = NULL;
  CHECK(df_bridge_make(&arena, 15, 8, 0, &b) == DF_E_ARG);
  CHECK(df_bridge_make(&arena, 65537, 8, 0, &b) == DF_E_ARG);
  CHECK(df_bridge_make(&arena, 64, 0, 0, &b) == DF_E_ARG);
  CHECK(df_bridge_make(&arena, 64, 4097, 0, &b) == DF_E_ARG);
  CHECK(df_bridge_make(&arena, 64, 8, -1, &b) == DF_E_ARG);
  float    memory[16];
  df_arena small = {memory, sizeof(memory), 0U, false};
  CHECK(df_bridge_make(&small, 64, 8, 8, &b) == DF_E_NOMEM);
}

int
main(void)
{
  test_a_known_process_is_recovered();
  test_tones_are_continued();
  test_the_back_test_tells_notes_from_noise();
  test_two_sides_beat_one();
  test_a_gap_in_a_sine_closes();
  test_any_input_has_a_defined_result();
  test_wrong_sizes_are_refused();
  return 0;
}
