#include "tests/check.h"
#include "tests/hosts/host.h"

#include "core/audio/stft.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/// Bypass under sound: no click when it comes and goes, an engine at rest, and
/// the memory that is kept.  Arguments: dforce.so, a folder with the model in
/// the box.

enum {
  RATE  = 44100,
  BLOCK = 256,
  LOST  = 344 * BLOCK, // The model plays from here on
  TURNS = 4,
  TURN  = 61 * BLOCK, // From one toggle to the next, .35 s
  NEAR  = 4096,       // The fade of 60 ms and what the engine has planned
  N     = LOST + (TURNS + 2) * TURN,
  SEEDS = 6,
  BANDS = 7
};

typedef enum { NEVER, BEFORE, TOGGLED } bypass; // BEFORE: until the loss

static const char* module;
static const char* bundle;
static float       input[N];
static float       plain[N];
static float       toggled[N];

// Tones that swell and fade, without an attack: what is sharp is a click
static void
make_input(void)
{
  for (int i = 0; i < N; ++i) {
    const float swell = 0.6f + 0.4f * sinf(0.00031f * (float)i);
    input[i]          = 0.2f * swell *
               (sinf(0.0373f * (float)i) + 0.5f * sinf(0.0746f * (float)i) +
                0.3f * sinf(0.1119f * (float)i));
  }
}

static bool
is_enabled(const bypass when, const int t)
{
  if (when != TOGGLED) {
    return when == NEVER || t < LOST - TURN || t >= LOST;
  }
  const int turn = (t - LOST) / TURN; // on, off, on, off, on, on
  return t < LOST || turn > TURNS || turn % 2 == 0;
}

static void
play(const bypass when, const int seed, float* const out)
{
  df_host* const host = df_host_make_waiting(module, bundle, RATE);
  *df_host_control(host, DF_PORT_SEED) = (float)seed;
  for (int t = 0; t < N; t += BLOCK) {
    *df_host_control(host, DF_PORT_NOISE)   = t < LOST ? 0.0f : 1.0f;
    *df_host_control(host, DF_PORT_ENABLED) = is_enabled(when, t) ? 1.0f : 0.0f;
    memcpy(df_host_in(host, 0), input + t, BLOCK * sizeof(float));
    df_host_run(host, BLOCK);
    memcpy(out + t, df_host_out(host, 0), BLOCK * sizeof(float));
  }
  CHECK(*df_host_control(host, DF_PORT_MODEL_STATUS) == DF_MODEL_READY);
  df_host_free(host);
}

// The farthest that a sample is from the middle of its neighbours: half the
// height of a step, and little in smooth sound however loud
static float
sharpest(const float* const x, const int from, const int to)
{
  float most = 0.0f;
  for (int i = from; i < to; ++i) {
    most = fmaxf(most, fabsf(x[i] - 0.5f * (x[i - 1] + x[i + 1])));
  }
  return most;
}

/// Near a toggle, either way, the sound is no sharper than the model's own is
/// farther off; a hard switch at these places would be.
static void
test_click(void)
{
  play(NEVER, 0, plain);
  play(TOGGLED, 0, toggled);
  float own = sharpest(plain, LOST, N - 1);
  for (int k = 1; k <= TURNS; ++k) {
    const int at = LOST + k * TURN;
    own          = fmaxf(own, sharpest(toggled, at + NEAR, at + TURN - 1));
  }
  int seen = 0;
  for (int k = 1; k <= TURNS; ++k) {
    const int   at    = LOST + k * TURN;
    const float there = sharpest(toggled, at - 1, at + NEAR);
    const float hard  = 0.5f * fabsf(input[at] - plain[at]);
    (void)printf("%s: %.4f, own %.4f, hard %.4f\n",
                 is_enabled(TOGGLED, at) ? "on" : "off",
                 (double)there,
                 (double)own,
                 (double)hard);
    CHECK(memcmp(toggled + at, plain + at, TURN * sizeof(float)));
    CHECK(there <= own);
    seen += hard > own;
  }
  CHECK(seen > 0); // else this test would hear nothing
  // Once off, and the fade is over, it is the input
  const int last = LOST + 2 * TURN - NEAR;
  CHECK(!memcmp(toggled + last, input + last, NEAR * sizeof(float)));
}

// Levels by octaves from 86 Hz up of what is played from the loss on, dB
static void
weigh(const float* const x, double* const level)
{
  enum { WINDOW = 2048, STEP = 512 };
  df_arena arena = {NULL, 0U, 0U, false};
  df_stft* stft  = NULL;
  float    s[WINDOW / 2 + 1];
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_stft_make(&arena, WINDOW, STEP, &stft) == DF_OK);
    CHECK(pass || df_arena_allocate(&arena) == DF_OK);
  }
  for (int b = 0; b < BANDS; ++b) {
    level[b] = 1e-9;
    for (int at = LOST + NEAR; at <= N - WINDOW; at += STEP) {
      df_stft_log_frames(stft, x, N, at + WINDOW / 2, 1, -20.0f, s);
      for (int bin = 4 << b; bin < 8 << b; ++bin) {
        level[b] += exp(2.0 * (double)s[bin]);
      }
    }
    level[b] = 10.0 * log10(level[b]);
  }
  df_stft_free(stft);
  df_arena_free(&arena);
}

/// A bypass that ends as the loss begins takes nothing from the memory: the
/// model plays as loud in every octave as if it had heard all, but for what one
/// seed differs from another.
static void
test_memory(void)
{
  double levels[2][SEEDS][BANDS];
  double apart  = 0.0; // from the same seed without a bypass
  double spread = 0.0; // of the next seed from it
  for (int seed = 0; seed < SEEDS; ++seed) {
    for (int does = 0; does < 2; ++does) {
      play(does ? BEFORE : NEVER, seed, toggled);
      weigh(toggled, levels[does][seed]);
    }
  }
  for (int i = 0; i < SEEDS; ++i) {
    for (int b = 0; b < BANDS; ++b) {
      const double own  = levels[0][i][b];
      const double next = levels[0][(i + 1) % SEEDS][b];
      apart += (levels[1][i][b] - own) * (levels[1][i][b] - own);
      spread += (next - own) * (next - own);
    }
  }
  apart  = sqrt(apart / (BANDS * SEEDS));
  spread = sqrt(spread / (BANDS * SEEDS));
  (void)printf("octaves after a bypass: %.1f dB from those without one, "
               "other seeds %.1f\n",
               apart,
               spread);
  CHECK(apart < 1.5 * spread);
}

// Processor time of all threads but this one over a stretch, seconds
static double
others(df_host* const host, const int blocks)
{
  const clockid_t clocks[2] = {CLOCK_PROCESS_CPUTIME_ID,
                               CLOCK_THREAD_CPUTIME_ID};
  double          used      = 0.0;
  for (int end = 0; end < 2; ++end) {
    for (int c = 0; c < 2; ++c) {
      struct timespec t = {0, 0};
      CHECK(!clock_gettime(clocks[c], &t));
      const double now = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
      used += (end == c ? -now : now);
    }
    for (int k = 0; k < blocks && !end; ++k) {
      memcpy(df_host_in(host, 0), input + k * BLOCK, BLOCK * sizeof(float));
      df_host_run(host, BLOCK);
    }
  }
  return used;
}

/// The engine listens while enabled and rests when bypassed: processor time,
/// which other programs do not change, falls to less than a fiftieth.
static void
test_rest(void)
{
  df_host* const host      = df_host_make_waiting(module, bundle, RATE);
  const double   loading   = others(host, 100);
  const double   listening = others(host, 600);
  *df_host_control(host, DF_PORT_ENABLED) = 0.0f;
  const double draining                   = others(host, 100);
  const double resting                    = others(host, 600);
  (void)printf("listening %.4f s, resting %.6f s (before: %.4f, %.4f)\n",
               listening,
               resting,
               loading,
               draining);
  CHECK(listening > 0.0 && resting < listening / 50.0);
  df_host_free(host);
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  module = argv[1];
  bundle = argv[2];
  make_input();
  test_click();
  test_rest();
  test_memory();
  return 0;
}
