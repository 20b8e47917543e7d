#include "core/audio/phase.h"

#include "tests/audio/score.h"
#include "tests/audio/signal.h"
#include "tests/check.h"
#include "tests/golden/audio.h"

#include <stdlib.h>
#include <string.h>

#define FLOOR (-11.512925f)

typedef struct {
  df_arena  arena;
  df_phase* phase;
  df_stft*  stft;
  int       bins;
} tool;

static tool
tool_make(const int window, const int hop, const int most)
{
  tool t = {.phase = NULL, .bins = window / 2 + 1};
  CHECK(df_phase_make(&t.arena, window, hop, most, FLOOR, &t.phase) == DF_OK);
  CHECK(df_arena_allocate(&t.arena) == DF_OK);
  CHECK(df_phase_make(&t.arena, window, hop, most, FLOOR, &t.phase) == DF_OK);
  t.stft = df_phase_stft(t.phase);
  return t;
}

static void
tool_free(tool* const t)
{
  df_phase_free(t->phase);
  df_arena_free(&t->arena);
}

/// Frames of x centred at c, c + hop, ...: complex and as log-magnitudes.
static void
analyse(const tool* const  t,
        const float* const x,
        const int          n,
        const int          c,
        const int          count,
        df_complex* const  X,
        float* const       s)
{
  for (int i = 0; i < count; ++i) {
    df_complex* const to = X + (size_t)i * (size_t)t->bins;
    df_stft_at(t->stft, x, n, c + i * df_stft_hop(t->stft), to);
    df_stft_log(to, t->bins, FLOOR, s + (size_t)i * (size_t)t->bins);
  }
}

/// |A - B| / |B| over n values.
static double
apart(const df_complex* const A, const df_complex* const B, const size_t n)
{
  double d = 0.0;
  double b = 0.0;
  for (size_t i = 0; i < n; ++i) {
    const double re = (double)A[i].re - (double)B[i].re;
    const double im = (double)A[i].im - (double)B[i].im;
    d += re * re + im * im;
    b += (double)B[i].re * (double)B[i].re + (double)B[i].im * (double)B[i].im;
  }
  return sqrt(d / b);
}

/// One real-time step equals the reference in double precision.
static void
test_a_step_equals_the_reference(void)
{
  enum { N = 3840, BINS = 65 };
  static float x[N];
  df_complex   X[3 * BINS];
  float        s[3 * BINS];
  df_complex   got[BINS];
  tool         t = tool_make(128, 32, 1);
  signal_golden(x, N);
  analyse(&t, x, N, 49 * 32, 3, X, s);
  df_phase_integrate(
    t.phase, 1, X, s + BINS, NULL, s + 2 * (size_t)BINS, 1U, 0, got);
  int phased = 0;
  for (int k = 0; k < BINS; ++k) {
    const double re   = golden_integrated[2 * k];
    const double im   = golden_integrated[2 * k + 1];
    const double size = hypot(re, im);
    if (size > 0.0) { // else below the threshold: random
      CHECK_NEAR(got[k].re, re, 1e-4 * size);
      CHECK_NEAR(got[k].im, im, 1e-4 * size);
      ++phased;
    }
  }
  CHECK(phased > 20);
  tool_free(&t);
}

/// A sine goes on in phase, frame after frame, from the one real frame before.
static void
test_a_sine_goes_on_in_phase(void)
{
  enum { M = 1024, HOP = 256, FRAMES = 12, N = 8000 };
  static float      x[N];
  static df_complex X[FRAMES * (M / 2 + 1)];
  static float      s[FRAMES * (M / 2 + 1)];
  df_complex        got[M / 2 + 1];
  tool              t = tool_make(M, HOP, 1);
  for (int i = 0; i < N; ++i) {
    x[i] = (float)(0.4 * sin(0.2371 * i + 0.3));
  }
  analyse(&t, x, N, 2000, FRAMES, X, s);
  const df_complex* left = X;
  for (int f = 1; f + 1 < FRAMES; ++f) {
    const size_t row = (size_t)f * (size_t)t.bins;
    df_phase_integrate(
      t.phase, 1, left, s + row, NULL, s + row + t.bins, 1U, f, got);
    CHECK(apart(got, X + row, (size_t)t.bins) < 0.06 * f); // rad a hop
    left = got;
  }
  tool_free(&t);
}

/// Out of silence, magnitudes alone put a click where it was.
static void
test_a_click_stays_a_click(void)
{
  enum { M = 1024, HOP = 256, FRAMES = 6, N = 4096, AT = 2011 };
  static float      x[N];
  static float      y[N + M];
  static df_complex X[FRAMES * (M / 2 + 1)];
  static float      s[FRAMES * (M / 2 + 1)];
  tool              t = tool_make(M, HOP, FRAMES);
  x[AT]               = 1.0f;
  analyse(&t, x, N, AT - 605, FRAMES, X, s);
  df_phase_integrate(t.phase, FRAMES, NULL, s, NULL, NULL, 1U, 0, X);
  for (int f = 0; f < FRAMES; ++f) {
    df_stft_add(t.stft, X + f * t.bins, y + AT - 605 + f * HOP - M / 2);
  }
  double near = 0.0;
  double all  = 0.0;
  for (int i = 0; i < N; ++i) {
    all += (double)y[i] * (double)y[i];
    near += abs(i - AT) <= 8 ? (double)y[i] * (double)y[i] : 0.0;
  }
  CHECK(near > 0.8 * all);
  tool_free(&t);
}

/// Magnitudes come out as asked; what is at the floor is silent.
static void
test_magnitudes_are_kept(void)
{
  enum { M = 256, FRAMES = 4, BINS = M / 2 + 1 };
  float      s[FRAMES * BINS];
  df_complex X[FRAMES * BINS];
  tool       t = tool_make(M, M / 4, FRAMES);
  for (int i = 0; i < FRAMES * BINS; ++i) {
    s[i] = i % 5 ? -0.01f * (float)(i % 97) : FLOOR;
  }
  df_phase_integrate(t.phase, FRAMES, NULL, s, NULL, NULL, 1U, 0, X);
  for (int pass = 0; pass < 2; ++pass) {
    for (int i = 0; i < FRAMES * BINS; ++i) {
      const double size = hypot((double)X[i].re, (double)X[i].im);
      CHECK_NEAR(size, i % 5 ? exp((double)s[i]) : 0.0, 1e-6);
    }
    df_phase_refine(t.phase, FRAMES, s, NULL, true, 3, X);
  }
  tool_free(&t);
}

/// Same input, same bits; the random phases alone depend on seed and index.
static void
test_runs_are_repeatable(void)
{
  enum { M = 256, FRAMES = 3, BINS = M / 2 + 1, N = 2000 };
  static float x[N];
  df_complex   X[FRAMES * BINS];
  float        s[FRAMES * BINS];
  df_complex   a[FRAMES * BINS];
  df_complex   b[FRAMES * BINS];
  tool         t = tool_make(M, M / 4, FRAMES);
  for (int i = 0; i < N; ++i) {
    x[i] = (float)sin(0.3 * i);
  }
  analyse(&t, x, N, 800, FRAMES, X, s);
  df_phase_integrate(t.phase, FRAMES, X, s, NULL, NULL, 5U, 9, a);
  df_phase_integrate(t.phase, FRAMES, X, s, NULL, NULL, 5U, 9, b);
  CHECK(!memcmp(a, b, sizeof(a)));
  df_phase_integrate(t.phase, FRAMES, X, s, NULL, NULL, 6U, 9, b);
  CHECK(memcmp(a, b, sizeof(a)) != 0);
  CHECK(apart(a, b, FRAMES * BINS) < 0.01); // only what is 60 dB down
  tool_free(&t);
}

/// True frames in their true surroundings are left alone by refinement.
static void
test_refinement_keeps_the_truth(void)
{
  enum { M = 512, HOP = 128, FRAMES = 5, BINS = M / 2 + 1, N = 6000, C = 3000 };
  static float      x[N];
  static float      fixed[(FRAMES - 1) * HOP + M];
  static df_complex X[FRAMES * BINS];
  static df_complex Y[FRAMES * BINS];
  static float      s[FRAMES * BINS];
  df_complex        around[BINS];
  float             share[M];
  tool              t = tool_make(M, HOP, FRAMES);
  signal_notes(x, N, 8U);
  for (int f = -3; f < FRAMES + 3; ++f) {
    if (f >= 0 && f < FRAMES) {
      continue;
    }
    memset(share, 0, sizeof(share));
    df_stft_at(t.stft, x, N, C + f * HOP, around);
    df_stft_add(t.stft, around, share);
    for (int i = 0; i < M; ++i) {
      const int at = f * HOP + i;
      if (at >= 0 && at < (FRAMES - 1) * HOP + M) {
        fixed[at] += share[i];
      }
    }
  }
  analyse(&t, x, N, C, FRAMES, X, s);
  memcpy(Y, X, sizeof(X));
  df_phase_refine(t.phase, FRAMES, s, fixed, false, 10, Y);
  CHECK(apart(Y, X, FRAMES * BINS) < 1e-3);
  tool_free(&t);
}

/// Frames of notes with a gap: what two sides and refinement are worth.
static void
test_filling_uses_both_sides(void)
{
  enum { M = 2048, HOP = 512, SIDE = 3, GAP = 5, BINS = M / 2 + 1 };
  enum { ALL = 2 * SIDE + GAP, N = 44100 };
  static float      x[N];
  static df_complex X[ALL * BINS];
  static df_complex Y[ALL * BINS];
  static float      s[ALL * BINS];
  const size_t      row = (size_t)SIDE * BINS;
  tool              t   = tool_make(M, HOP, GAP);
  signal_notes(x, N, 9U);
  double one    = 0.0;
  double both   = 0.0;
  double better = 0.0;
  for (int c = 14000; c < 30000; c += 4000) {
    analyse(&t, x, N, c, ALL, X, s);
    memcpy(Y, X, sizeof(X));
    df_phase_fill(t.phase, SIDE, GAP, 0, s + row, 0, 1U, 0, Y);
    one += apart(Y + row, X + row, GAP * BINS) / 4.0;
    df_phase_fill(t.phase, SIDE, GAP, SIDE, s + row, 0, 1U, 0, Y);
    both += apart(Y + row, X + row, GAP * BINS) / 4.0;
    df_phase_fill(t.phase, SIDE, GAP, SIDE, s + row, 30, 1U, 0, Y);
    better += apart(Y + row, X + row, GAP * BINS) / 4.0;
    CHECK(!memcmp(Y, X, row * sizeof(*X))); // known ones stay
    CHECK(
      !memcmp(Y + row + GAP * BINS, X + row + GAP * BINS, row * sizeof(*X)));
  }
  (void)printf(
    "fill of 5 frames, error: one side %.2f, two %.2f, refined %.2f\n",
    one,
    both,
    better);
  CHECK(both < 0.8 * one);
  CHECK(better < 0.6 * both);
  tool_free(&t);
}

/// Whatever the magnitudes and neighbours, the result is finite.
static void
test_any_input_stays_finite(void)
{
  enum { M = 256, FRAMES = 3, BINS = M / 2 + 1, KINDS = 8 };
  const float nasty[KINDS] = {
    NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 88.0f, FLOOR, 0.0f};
  static float fixed[(FRAMES - 1) * 64 + M];
  df_complex   side[BINS];
  float        s[FRAMES * BINS];
  df_complex   X[FRAMES * BINS];
  tool         t = tool_make(M, 64, FRAMES);
  for (int v = 0; v < KINDS; ++v) {
    for (int i = 0; i < FRAMES * BINS; ++i) {
      s[i] = i % 3 ? nasty[v] : -2.0f;
    }
    for (int k = 0; k < BINS; ++k) {
      side[k] = (df_complex){nasty[v], k % 2 ? 1.0f : nasty[v]};
    }
    for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); ++i) {
      fixed[i] = nasty[v];
    }
    df_phase_integrate(t.phase, FRAMES, side, s, side, NULL, 1U, -5, X);
    df_phase_refine(t.phase, FRAMES, s, fixed, true, 3, X);
    df_phase_integrate(t.phase, 1, NULL, s, NULL, s + BINS, 1U, 0, X);
    for (int i = 0; i < FRAMES * BINS; ++i) {
      CHECK(isfinite(X[i].re) && isfinite(X[i].im));
    }
  }
  tool_free(&t);
}

static void
test_too_little_memory_is_reported(void)
{
  df_arena  arena = {NULL, 0U, 0U, false};
  df_phase* phase = NULL;
  CHECK(df_phase_make(&arena, 64, 16, 0, FLOOR, &phase) == DF_E_ARG);
  CHECK(df_phase_make(&arena, 64, 16, 4097, FLOOR, &phase) == DF_E_ARG);
  CHECK(df_phase_make(&arena, 63, 16, 1, FLOOR, &phase) == DF_E_ARG);
  CHECK(df_phase_make(&arena, 64, 16, 2, FLOOR, &phase) == DF_OK);
  const size_t want = arena.used;
  CHECK(df_arena_allocate(&arena) == DF_OK);
  for (size_t size = 0; size < want; size += 64U) {
    df_arena small = {arena.base, size, 0U, false};
    CHECK(df_phase_make(&small, 64, 16, 2, FLOOR, &phase) == DF_E_NOMEM);
    CHECK(!phase);
  }
  df_arena_free(&arena);
}

int
main(void)
{
  test_a_step_equals_the_reference();
  test_a_sine_goes_on_in_phase();
  test_a_click_stays_a_click();
  test_magnitudes_are_kept();
  test_runs_are_repeatable();
  test_refinement_keeps_the_truth();
  test_filling_uses_both_sides();
  test_any_input_stays_finite();
  test_too_little_memory_is_reported();
  return 0;
}
