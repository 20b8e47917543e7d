#include "tests/check.h"
#include "tests/hosts/host.h"

#include "core/base/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/// From control to sound: each control is stepped in turn while the model
/// plays, and the first sample that is no longer what it was without the step
/// is looked for.  Arguments: dforce.so, a folder with the model in the box.

enum {
  RATE  = 44100,
  BLOCK = 256,
  FRAME = 1024, // a token of the model in the box
  LOST  = 344 * BLOCK,
  STEP  = 364 * BLOCK, // first place of the step
  N     = 384 * BLOCK
};

typedef struct {
  df_port port;
  float   to;
  df_port with; // Set from the start on, so that the control matters
  float   value;
} change;

static const char* module;
static const char* bundle;
static float       input[N];
static float       plain[N];
static float       stepped[N];

static void
make_input(void)
{
  for (int i = 0; i < N; ++i) {
    const float age = (float)(i % 11025) / RATE;
    input[i]        = 0.2f * expf(-4.0f * age) *
               (sinf(0.0373f * (float)i) + 0.5f * sinf(0.0746f * (float)i) +
                0.3f * sinf(0.1119f * (float)i));
  }
}

// Play all of the input; with `step` the control takes its new value at `at`
static void
play(const change* const c, const int at, const bool step, float* const out)
{
  const df_host_options o              = {.module   = module,
                                          .bundle   = bundle,
                                          .rate     = RATE,
                                          .channels = 1,
                                          .worker   = DF_HOST_INSIDE};
  df_host* const        host           = df_host_make(&o);
  *df_host_control(host, DF_PORT_WAIT) = (float)DF_WAIT_ALWAYS;
  *df_host_control(host, c->with)      = c->value;
  for (int t = 0; t < N; t += BLOCK) {
    float* const noise = df_host_control(host, DF_PORT_NOISE);
    if (t == LOST && c->with != DF_PORT_NOISE) {
      *noise = 1.0f;
    }
    if (t == at && c->port == DF_PORT_FADE) {
      *noise = 0.0f; // the fade is heard where trust returns
    }
    if (t == at && step) {
      *df_host_control(host, c->port) = c->to;
    }
    memcpy(df_host_in(host, 0), input + t, BLOCK * sizeof(float));
    df_host_run(host, BLOCK);
    memcpy(out + t, df_host_out(host, 0), BLOCK * sizeof(float));
  }
  CHECK(*df_host_control(host, DF_PORT_MODEL_STATUS) == DF_MODEL_READY);
  CHECK(*df_host_control(host, DF_PORT_LATE) == 0.0f);
  df_host_free(host);
}

// Samples from the step to the first that changes, the worst of two places,
// a hop apart: beginnings of a token and of its second half
static int
measure(const change* const c)
{
  int worst = 0;
  for (int at = STEP; at < STEP + 4 * BLOCK; at += 2 * BLOCK) {
    play(c, at, false, plain);
    play(c, at, true, stepped);
    CHECK(!memcmp(plain, stepped, (size_t)at * sizeof(float)));
    int first = at;
    while (first < N &&
           !memcmp(plain + first, stepped + first, sizeof(float))) {
      ++first;
    }
    worst = first - at > worst ? first - at : worst;
  }
  return worst;
}

/// Every control is heard within a token and a half: the hop that is being
/// filled, the hop that the engine has for its answer, and the rest of the
/// token that is planned already.
static void
test_controls(void)
{
  const df_port none      = DF_PORT_ENABLED; // as it is
  const change  changes[] = {
     {DF_PORT_NOISE, 0.0f, none, 1.0f},
     {DF_PORT_NOISE, 0.5f, none, 1.0f},
     {DF_PORT_NOISE, 1.0f, DF_PORT_NOISE, 0.0f},
     {DF_PORT_ENABLED, 0.0f, none, 1.0f},
     {DF_PORT_MIX, 0.5f, none, 1.0f},
     {DF_PORT_FADE, 100.0f, none, 1.0f},
     {DF_PORT_HORIZON, 8.0f, none, 1.0f},
     {DF_PORT_SLOPE, 2.0f, none, 1.0f},
     {DF_PORT_STEPS, 3.0f, none, 1.0f},
     {DF_PORT_GUIDANCE, 3.0f, none, 1.0f},
     {DF_PORT_RECALL, 0.0f, none, 1.0f},
     {DF_PORT_MEMORY, 0.2f, none, 1.0f},
     {DF_PORT_MEMORY_NOISE, 0.4f, none, 1.0f},
     {DF_PORT_HEAT, 0.0f, none, 1.0f},
     {DF_PORT_SEED, 5.0f, none, 1.0f},
     {DF_PORT_AIM, 1.0f, DF_PORT_AIM_LEVEL, -12.0f},
     {DF_PORT_AIM_LEVEL, -12.0f, DF_PORT_AIM, 1.0f},
     {DF_PORT_AIM_BRIGHT, -1.0f, DF_PORT_AIM, 1.0f},
  };
  int late = 0;
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); ++i) {
    const int worst = measure(&changes[i]);
    (void)printf("%-14s to %6.1f  %5d samples  %5.1f ms\n",
                 df_port_about(changes[i].port)->symbol,
                 (double)changes[i].to,
                 worst,
                 1000.0 * worst / RATE);
    // A window begins at 0, so its first sample or three change nothing
    late += worst > 4 + FRAME * 3 / 2;
  }
  CHECK(late == 0);
}

// The lag at which out follows in, by cross-correlation over a second of noise
static int
find_lag(const float* const x, const float* const y)
{
  int    lag  = -1;
  double most = 0.0;
  for (int d = 0; d < RATE * 3 / 5; ++d) {
    float sum = 0.0f;
    for (int i = 0; i < 2048; ++i) {
      sum += x[i] * y[i + d];
    }
    if ((double)sum > most) {
      most = (double)sum;
      lag  = d;
    }
  }
  return lag;
}

/// The latency told is that of the sound, for all look-aheads, and stays while
/// a loss, a noisy part and a bypass pass.
static void
test_lookahead(void)
{
  const float lookaheads[] = {0.0f, 50.0f, 250.0f, 500.0f};
  df_rng      rng          = df_rng_make(9U, 0U, 0U);
  df_rng_normal(&rng, input, N);
  for (int l = 0; l < 4; ++l) {
    const df_host_options o                   = {.module   = module,
                                                 .bundle   = bundle,
                                                 .rate     = RATE,
                                                 .channels = 1,
                                                 .worker   = DF_HOST_INSIDE};
    df_host* const        host                = df_host_make(&o);
    *df_host_control(host, DF_PORT_WAIT)      = (float)DF_WAIT_ALWAYS;
    *df_host_control(host, DF_PORT_LOOKAHEAD) = lookaheads[l];
    const float* const told = df_host_control(host, DF_PORT_LATENCY);
    for (int t = 0; t < N; t += BLOCK) {
      const int part = t / (32 * BLOCK) % 4;
      *df_host_control(host, DF_PORT_NOISE) =
        t < 64 * BLOCK || t >= N / 3 ? 0.0f : (float)part / 3.0f;
      *df_host_control(host, DF_PORT_ENABLED) =
        t > N / 4 && t < N / 3 ? 0.0f : 1.0f;
      memcpy(df_host_in(host, 0), input + t, BLOCK * sizeof(float));
      df_host_run(host, BLOCK);
      memcpy(plain + t, df_host_out(host, 0), BLOCK * sizeof(float));
      CHECK(fabsf(1000.0f * *told / RATE - lookaheads[l]) < 6.0f); // half a hop
      CHECK(t == 0 || *told == stepped[0]);
      stepped[0] = *told;
    }
    CHECK(find_lag(input + 4096, plain + 4096) == (int)*told);
    CHECK(find_lag(input + N / 2 + 4096, plain + N / 2 + 4096) == (int)*told);
    df_host_free(host);
  }
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 3);
  module = argv[1];
  bundle = argv[2];
  make_input();
  test_controls();
  test_lookahead();
  return 0;
}
