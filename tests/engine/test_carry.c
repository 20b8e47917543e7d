#include "core/engine/carry.h"

#include "core/audio/bridge.h"
#include "tests/audio/signal.h"
#include "tests/check.h"

#include <stdlib.h>

enum { RATE = 44100, AHEAD = 500, PAST = 16384 };

static float x[PAST + 2 * RATE];
static float y[PAST + 2 * RATE];
static float predictor[DF_BRIDGE_ORDER];

static df_carry*
make(df_arena* const arena)
{
  df_carry* carry = NULL;
  CHECK(df_carry_make(arena, RATE, &carry) == DF_OK);
  CHECK(df_arena_allocate(arena) == DF_OK);
  CHECK(df_carry_make(arena, RATE, &carry) == DF_OK);
  return carry;
}

static int
fit(const float* const from, const int n)
{
  df_arena   arena  = {NULL, 0U, 0U, false};
  df_bridge* bridge = NULL;
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_bridge_make(
            &arena, DF_BRIDGE_CONTEXT, DF_BRIDGE_ORDER, 0, &bridge) == DF_OK);
    CHECK(pass || df_arena_allocate(&arena) == DF_OK);
  }
  const int order = df_bridge_fit(bridge, from, n, predictor);
  df_arena_free(&arena);
  return order;
}

static void
carry_on(df_carry* const carry, const int at, const int n)
{
  memcpy(y, x, sizeof(x));
  const float* lines[1] = {y + at};
  df_carry_begin(carry, lines, 1);
  for (int i = 0; i < n; ++i) {
    y[at + i] = df_carry_next(carry, y + at + i, i);
  }
}

/// A tone goes on in phase by the predictor told, 10 ms and more.
static void
test_tone(void)
{
  df_arena        arena = {NULL, 0U, 0U, false};
  df_carry* const carry = make(&arena);
  for (int i = 0; i < PAST + RATE; ++i) {
    x[i] = (float)(0.3 * sin(0.05 * i) + 0.1 * sin(0.31 * i + 1.0));
  }
  df_carry_tell(carry, predictor, fit(x, PAST - 3000)); // some time ago
  carry_on(carry, PAST, RATE);
  for (int i = 0; i < AHEAD; ++i) {
    CHECK_NEAR(y[PAST + i], x[PAST + i], 0.01);
  }
  for (int i = RATE / 10; i < RATE; ++i) {
    CHECK(y[PAST + i] == 0.0f); // and in the end it is still
  }
  df_arena_free(&arena);
}

/// Told nothing, it goes on smoothly from where the sound was, and dies away
/// within 20 ms.
static void
test_alone(void)
{
  df_arena        arena = {NULL, 0U, 0U, false};
  df_carry* const carry = make(&arena);
  for (int i = 0; i < PAST + RATE; ++i) {
    x[i] = (float)(0.3 * sin(0.02 * i));
  }
  carry_on(carry, PAST, RATE);
  for (int i = 0; i < 50; ++i) {
    CHECK_NEAR(y[PAST + i], x[PAST + i], 0.02);
  }
  CHECK(y[PAST + RATE / 50] == 0.0f);
  df_arena_free(&arena);
}

/// A predictor of another sound is not trusted: a drum does not ring on.
static void
test_stale(void)
{
  df_arena        arena = {NULL, 0U, 0U, false};
  df_carry* const carry = make(&arena);
  for (int i = 0; i < PAST; ++i) {
    x[i] = (float)(0.3 * sin(0.3 * i) + 0.2 * sin(0.41 * i));
  }
  df_carry_tell(carry, predictor, fit(x, PAST));
  df_rng rng = df_rng_make(1U, 1U, 1U);
  for (int i = PAST - 2000; i < PAST; ++i) {
    const float white = (float)(df_rng_uniform(&rng) - 0.5);
    x[i]              = white * expf(-(float)(i - PAST + 2000) / 700.0f);
  }
  carry_on(carry, PAST, RATE);
  double before = 0.0;
  double after  = 0.0;
  for (int i = 0; i < 400; ++i) {
    before += (double)(y[PAST - 400 + i] * y[PAST - 400 + i]);
    after += (double)(y[PAST + i] * y[PAST + i]);
  }
  CHECK(after < before);
  CHECK(y[PAST + RATE / 50] == 0.0f);
  df_arena_free(&arena);
}

/// Two lines of opposite sign, which have no mean, are carried on as one is.
static void
test_opposed(void)
{
  static float    z[PAST + RATE];
  df_arena        arena = {NULL, 0U, 0U, false};
  df_carry* const carry = make(&arena);
  for (int i = 0; i < PAST + RATE; ++i) {
    x[i] = (float)(0.3 * sin(0.02 * i));
    z[i] = -x[i];
  }
  const float* const lines[2] = {x + PAST, z + PAST};
  df_carry_begin(carry, lines, 2);
  for (int i = 0; i < 50; ++i) {
    const float next = df_carry_next(carry, z + PAST + i, i);
    CHECK_NEAR(next, z[PAST + i], 0.02);
    z[PAST + i] = next;
  }
  df_arena_free(&arena);
}

/// Silence stays silent, and whatever the predictor, the sound hardly grows.
static void
test_odd(void)
{
  df_arena        arena = {NULL, 0U, 0U, false};
  df_carry* const carry = make(&arena);
  memset(x, 0, sizeof(x));
  carry_on(carry, PAST, AHEAD);
  for (int i = 0; i < AHEAD; ++i) {
    CHECK(y[PAST + i] == 0.0f);
  }
  for (int loud = 0; loud < 2; ++loud) {
    const float peak = loud ? 1e6f : 0.01f;
    for (int i = 0; i < PAST; ++i) {
      x[i] = i % 2 ? peak : -peak;
    }
    for (int k = 0; k < DF_BRIDGE_ORDER; ++k) {
      predictor[k] = loud ? 2.0f : NAN;
    }
    df_carry_tell(carry, predictor, DF_BRIDGE_ORDER);
    carry_on(carry, PAST, AHEAD);
    for (int i = 0; i < AHEAD; ++i) {
      CHECK(fabsf(y[PAST + i]) <= 2.0f * peak); // finite too
    }
  }
  df_arena_free(&arena);
}

/// However dull the sound, what carries it on when nothing was told dies away,
/// also while it fades.
static void
test_dull(void)
{
  df_arena        arena = {NULL, 0U, 0U, false};
  df_carry* const carry = make(&arena);
  for (int tones = 1; tones <= 12; ++tones) {
    for (int i = 0; i < PAST + RATE; ++i) {
      double sum = 0.0;
      for (int k = 1; k <= tones; ++k) {
        sum += sin(0.011 * k * i + k) / k;
      }
      x[i] = (float)(0.2 * sum);
    }
    float peak = 0.0f;
    for (int i = PAST - DF_CARRY_PAST; i < PAST; ++i) {
      peak = fmaxf(peak, fabsf(x[i]));
    }
    carry_on(carry, PAST, RATE / 50);
    CHECK(!df_carry_good(carry));
    float late = 0.0f;
    for (int i = RATE / 100; i < RATE / 50; ++i) {
      late = fmaxf(late, fabsf(y[PAST + i]));
    }
    CHECK(late < 0.1f * peak);
  }
  df_arena_free(&arena);
}

int
main(void)
{
  test_tone();
  test_dull();
  test_alone();
  test_stale();
  test_opposed();
  test_odd();
  return 0;
}
