#include "core/audio/stft.h"

#include "tests/audio/signal.h"
#include "tests/check.h"
#include "tests/golden/audio.h"

#include <stdlib.h>

typedef struct {
  df_arena arena;
  df_stft* stft;
} tool;

static tool
tool_make(const int window, const int hop)
{
  tool t = {{NULL, 0U, 0U, false}, NULL};
  CHECK(df_stft_make(&t.arena, window, hop, &t.stft) == DF_OK);
  CHECK(!t.stft); // only measured
  CHECK(df_arena_allocate(&t.arena) == DF_OK);
  CHECK(df_stft_make(&t.arena, window, hop, &t.stft) == DF_OK);
  CHECK(t.stft);
  return t;
}

static void
tool_free(tool* const t)
{
  df_stft_free(t->stft);
  df_arena_free(&t->arena);
}

/// Frames equal the sums of the definition, in double, also over the ends.
static void
test_frames_equal_the_definition(void)
{
  enum { N = 3840, BINS = 65 };
  static float x[N];
  df_complex   X[BINS];
  tool         t = tool_make(128, 32);
  signal_golden(x, N);
  for (int place = 0; place < 8; place += 7) {
    const double* const want = place ? golden_frame : golden_frame_at_start;
    df_stft_at(t.stft, x, N, place * 32, X);
    for (int k = 0; k < BINS; ++k) {
      CHECK_NEAR(X[k].re, want[2 * k], 1e-7);
      CHECK_NEAR(X[k].im, want[2 * k + 1], 1e-7);
    }
  }
  tool_free(&t);
}

/// Adding up the frames of a sound gives it back.
static void
test_frames_add_up_to_the_sound(void)
{
  enum { N = 20000 };
  static const int shapes[][2] = {
    {2048, 512}, {1024, 256}, {1024, 512}, {512, 100}, {128, 32}};
  static float x[N];
  static float y[N + 8192];
  signal_notes(x, N, 7U);
  for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); ++s) {
    const int         window = shapes[s][0];
    const int         hop    = shapes[s][1];
    tool              t      = tool_make(window, hop);
    df_complex* const X =
      (df_complex*)malloc(sizeof(df_complex) * (size_t)(window / 2 + 1));
    CHECK(X);
    memset(y, 0, sizeof(y));
    int first = -(window / hop) * hop; // frames before the sound count as well
    for (int c = first; c < N + window / 2; c += hop) {
      df_stft_at(t.stft, x, N, c, X);
      if (c - window / 2 >= -4096) {
        df_stft_add(t.stft, X, y + 4096 + c - window / 2);
      }
    }
    for (int i = 0; i < N; ++i) {
      CHECK_NEAR(y[4096 + i], x[i], 1e-6); // single precision
    }
    free(X);
    tool_free(&t);
  }
}

/// A sine of amplitude 1 on a bin reads 0 dB and its own phase at the centre.
static void
test_full_scale_reads_zero_db(void)
{
  enum { M = 1024 };
  static float x[M];
  df_complex   X[M / 2 + 1];
  float        y[M / 2 + 1];
  tool         t = tool_make(M, M / 4);
  for (int i = 0; i < M; ++i) {
    x[i] = (float)cos(6.283185307179586 * 40.0 * (i - M / 2) / M + 0.5);
  }
  df_stft_analyse(t.stft, x, X);
  df_stft_log(X, M / 2 + 1, -11.5f, y);
  CHECK_NEAR(y[40], 0.0, 1e-5);
  CHECK_NEAR(atan2(X[40].im, X[40].re), 0.5, 1e-5);
  CHECK(y[200] == -11.5f); // floored
  tool_free(&t);
}

/// Whatever comes in, what comes out is finite.
static void
test_any_input_stays_finite(void)
{
  enum { M = 256 };
  const float  nasty[] = {NAN, INFINITY, -INFINITY, 1e30f, 1e6f, 1e-41f, 0.0f};
  static float x[M];
  df_complex   X[M / 2 + 1];
  float        y[M / 2 + 1];
  tool         t = tool_make(M, M / 4);
  for (size_t v = 0; v < sizeof(nasty) / sizeof(*nasty); ++v) {
    for (int i = 0; i < M; ++i) {
      x[i] = i % 3 ? nasty[v] : -nasty[v];
    }
    df_stft_analyse(t.stft, x, X);
    df_stft_log(X, M / 2 + 1, -11.5f, y);
    for (int k = 0; k <= M / 2; ++k) {
      CHECK(isfinite(X[k].re) && isfinite(X[k].im));
      CHECK(y[k] >= -11.5f && y[k] < 20.0f);
    }
  }
  X[0] = (df_complex){NAN, 0.0f};
  X[1] = (df_complex){INFINITY, -INFINITY};
  df_stft_log(X, 2, -11.5f, y);
  CHECK(y[0] == -11.5f && y[1] == -11.5f);
  tool_free(&t);
}

static void
test_wrong_sizes_are_refused(void)
{
  static const int wrong[][2] = {
    {0, 1}, {15, 4}, {14, 4}, {65538, 4}, {64, 0}, {64, 33}, {64, -1}};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); ++i) {
    df_arena arena = {NULL, 0U, 0U, false};
    df_stft* stft  = NULL;
    CHECK(df_stft_make(&arena, wrong[i][0], wrong[i][1], &stft) == DF_E_ARG);
  }
}

/// An arena too small at any size fails cleanly and leaks no plan.
static void
test_too_little_memory_is_reported(void)
{
  df_arena arena = {NULL, 0U, 0U, false};
  df_stft* stft  = NULL;
  CHECK(df_stft_make(&arena, 64, 16, &stft) == DF_OK);
  const size_t want = arena.used;
  CHECK(df_arena_allocate(&arena) == DF_OK);
  for (size_t size = 0; size < want; size += 32U) {
    df_arena small = {arena.base, size, 0U, false};
    CHECK(df_stft_make(&small, 64, 16, &stft) == DF_E_NOMEM);
    CHECK(!stft);
  }
  df_arena_free(&arena);
}

int
main(void)
{
  test_frames_equal_the_definition();
  test_frames_add_up_to_the_sound();
  test_full_scale_reads_zero_db();
  test_any_input_stays_finite();
  test_wrong_sizes_are_refused();
  test_too_little_memory_is_reported();
  return 0;
}
