#include "tests/check.h"
#include "tests/hosts/host.h"

#include "core/base/rng.h"
#include "core/engine/link.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/// From control to sound: each control is stepped in turn while the model
/// plays, and the first sample that is no longer what it was without the step
/// is looked for.  Arguments: dforce.so, a folder with the model in the box.

enum {
  RATE   = 44100, // of the model in the box
  HOP    = 512,
  FRAME  = 1024, // a token
  LITTLE = 64,   // a small block, at that rate: the first samples of a window
                 // are next to 0, and a converter of rates takes some
  BLOCK = 256,
  STEP  = 182,         // hop
  LOST  = 300 * BLOCK, // at that rate
  AFTER = 20 * BLOCK,  // heard after a step
  N     = 384 * BLOCK,
  LONG  = 230000
};

// Port 0 is no control: there is none
typedef struct {
  df_port port;
  float   value;
} setting;

typedef struct {
  df_port port;
  float   to;
  setting with[2]; // From the start on, so that the control matters
  setting early;   // Takes its value a hop before
  int     more;    // Hops that it may take beyond a token
} change;

static const char* module;
static const char* bundle;
static int         rate; // of the host
static float       input[LONG];
static float       plain[2][LONG];
static float       stepped[LONG];

static void
make_input(void)
{
  for (int i = 0; i < LONG; ++i) {
    const float age = (float)(i % 11025) / RATE;
    input[i]        = 0.2f * expf(-4.0f * age) *
               (sinf(0.0373f * (float)i) + 0.5f * sinf(0.0746f * (float)i) +
                0.3f * sinf(0.1119f * (float)i));
  }
}

static void
set(df_host* const host, const setting* const s)
{
  if (s->port) {
    *df_host_control(host, s->port) = s->value;
  }
}

static void
step(df_host* const host, const df_port port, const float to)
{
  char path[512];
  (void)snprintf(path, sizeof(path), "%s/default.safetensors", bundle);
  if (port == DF_PORT_MODEL) { // the same file is read again
    df_host_send_path(host, 0, path);
  } else {
    *df_host_control(host, port) = to;
  }
}

// Where a hop of the model begins
static int
place(const int hop)
{
  return (int)df_link_boundary(hop, HOP, rate, RATE);
}

// Play n samples of the input; the control takes its new value where a hop
// begins, if it does
static void
play(const change* const c,
     const int           hop,
     const bool          does,
     const int           n,
     float* const        out)
{
  const int      early = place(hop - 1);
  const int      at    = place(hop);
  df_host* const host  = df_host_make_waiting(module, bundle, rate);
  set(host, &c->with[0]);
  set(host, &c->with[1]);
  const int lost = LOST / BLOCK * rate / RATE * BLOCK;
  for (int t = 0; t < n;) {
    float* const noise = df_host_control(host, DF_PORT_NOISE);
    if (t == lost && c->with[0].port != DF_PORT_NOISE) {
      *noise = 1.0f;
    }
    if (t == at && c->port == DF_PORT_FADE) {
      *noise = 0.0f; // the fade is heard where trust returns
    }
    if (t == early) {
      set(host, &c->early);
    }
    if (t == at && does) {
      step(host, c->port, c->to);
    }
    const int stop = t < early ? early : t < at ? at : n;
    const int left = BLOCK - t % BLOCK;
    const int m    = stop - t < left ? stop - t : left;
    memcpy(df_host_in(host, 0), input + t, (size_t)m * sizeof(float));
    df_host_run(host, (uint32_t)m);
    memcpy(out + t, df_host_out(host, 0), (size_t)m * sizeof(float));
    t += m;
  }
  CHECK(*df_host_control(host, DF_PORT_MODEL_STATUS) == DF_MODEL_READY);
  CHECK(*df_host_control(host, DF_PORT_LATE) == 0.0f);
  df_host_free(host);
}

// Whether two changes sound alike until the step
static bool
begin_alike(const change* const a, const change* const b)
{
  return a->port != DF_PORT_FADE && b->port != DF_PORT_FADE &&
         !memcmp(a->with, b->with, sizeof(a->with)) &&
         !memcmp(&a->early, &b->early, sizeof(a->early));
}

// Samples from a step at the beginning of a hop to the first of n that changes.
// What sounds without the step is played anew only where it is another.
static int
find_change(const change* const c,
            const change* const before,
            const int           hop,
            const int           n,
            float* const        still)
{
  const int at = place(hop);
  if (!before || !begin_alike(c, before)) {
    play(c, hop, false, n, still);
  }
  play(c, hop, true, n, stepped);
  CHECK(!memcmp(still, stepped, (size_t)at * sizeof(float)));
  int first = at;
  while (first < n && !memcmp(still + first, stepped + first, sizeof(float))) {
    ++first;
  }
  return first - at;
}

static void
print(const change* const c, const int samples)
{
  (void)printf("%-12s to %6.1f %6d samples %7.1f ms",
               df_port_about(c->port)->symbol,
               (double)c->to,
               samples,
               1000.0 * samples / rate);
  for (int i = 0; i < 2 && c->with[i].port; ++i) {
    (void)printf("  from %s %.1f on",
                 df_port_about(c->with[i].port)->symbol,
                 (double)c->with[i].value);
  }
  if (c->early.port) {
    (void)printf("  %s to %.1f a hop before",
                 df_port_about(c->early.port)->symbol,
                 (double)c->early.value);
  }
  (void)printf("\n");
}

/// Every control is heard within a token: the hop that is being filled, and the
/// hop that the engine has for its answer.  A token of which half is spoken is
/// planned again, but not twice from noise: after a horizon or a slope, and
/// below slope 1 after any control, another that changes within the same token
/// waits for the next, a hop more.  The places of the step, where hops begin,
/// are the worst.
static void
test_controls(void)
{
  const change changes[] = {
    {.port = DF_PORT_NOISE, .to = 0.0f},
    {.port = DF_PORT_NOISE, .to = 0.5f},
    {.port = DF_PORT_NOISE, .to = 1.0f, .with = {{DF_PORT_NOISE, 0.0f}}},
    {.port = DF_PORT_ENABLED, .to = 0.0f},
    {.port = DF_PORT_ENABLED, .to = 1.0f, .with = {{DF_PORT_ENABLED, 0.0f}}},
    {.port = DF_PORT_MIX, .to = 0.5f},
    {.port = DF_PORT_FADE, .to = 100.0f},
    {.port = DF_PORT_HORIZON, .to = 8.0f},
    {.port = DF_PORT_SLOPE, .to = 2.0f},
    {.port = DF_PORT_STEPS, .to = 3.0f},
    {.port = DF_PORT_GUIDANCE, .to = 3.0f},
    {.port = DF_PORT_RECALL, .to = 0.0f},
    {.port = DF_PORT_MEMORY, .to = 0.2f},
    {.port = DF_PORT_MEMORY_NOISE, .to = 0.4f},
    {.port = DF_PORT_HEAT, .to = 0.0f},
    {.port = DF_PORT_SEED, .to = 5.0f},
    {.port = DF_PORT_AIM, .to = 1.0f, .with = {{DF_PORT_AIM_LEVEL, -12.0f}}},
    {.port = DF_PORT_AIM_LEVEL, .to = -12.0f, .with = {{DF_PORT_AIM, 1.0f}}},
    {.port = DF_PORT_AIM_BRIGHT, .to = -1.0f, .with = {{DF_PORT_AIM, 1.0f}}},
    {.port = DF_PORT_HEAT, .to = 0.0f, .with = {{DF_PORT_SLOPE, 0.0f}}},
    {.port = DF_PORT_RECALL, .to = 0.0f, .with = {{DF_PORT_SLOPE, 0.5f}}},
    {.port = DF_PORT_GUIDANCE, .to = 3.0f, .with = {{DF_PORT_SLOPE, 4.0f}}},
    {.port = DF_PORT_STEPS, .to = 3.0f, .with = {{DF_PORT_HORIZON, 2.0f}}},
    {.port = DF_PORT_HEAT, .to = 0.0f, .with = {{DF_PORT_LOOKAHEAD, 100.0f}}},
    {.port = DF_PORT_AIM,
     .to   = 1.0f,
     .with = {{DF_PORT_AIM_LEVEL, -12.0f}, {DF_PORT_SLOPE, 0.5f}}},
    {.port = DF_PORT_AIM_LEVEL,
     .to   = -12.0f,
     .with = {{DF_PORT_AIM, 1.0f}, {DF_PORT_SLOPE, 0.5f}}},
    {.port = DF_PORT_AIM_BRIGHT,
     .to   = -1.0f,
     .with = {{DF_PORT_AIM, 1.0f}, {DF_PORT_SLOPE, 0.5f}}},
    {.port = DF_PORT_HEAT, .to = 0.0f, .early = {DF_PORT_RECALL, 0.0f}},
    {.port  = DF_PORT_HEAT,
     .to    = 0.0f,
     .early = {DF_PORT_HORIZON, 8.0f},
     .more  = 1},
    {.port  = DF_PORT_SLOPE,
     .to    = 2.0f,
     .early = {DF_PORT_SLOPE, 1.5f},
     .more  = 1},
    {.port  = DF_PORT_AIM_LEVEL,
     .to    = -12.0f,
     .with  = {{DF_PORT_AIM, 1.0f}, {DF_PORT_SLOPE, 0.5f}},
     .early = {DF_PORT_HEAT, 0.0f},
     .more  = 1},
  };
  int late = 0;
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); ++i) {
    const change* const before = i ? &changes[i - 1] : NULL;
    int                 worst  = 0;
    for (int half = 0; half < 2; ++half) {
      const int hop = STEP + half;
      const int n =
        find_change(&changes[i], before, hop, place(hop) + AFTER, plain[half]);
      worst = n > worst ? n : worst;
    }
    print(&changes[i], worst);
    const int most = FRAME + LITTLE + changes[i].more * HOP;
    late += worst > most * rate / RATE;
  }
  CHECK(late == 0);
}

/// While the model plays, what needs another engine is heard when that has
/// listened for a second, or it could not go on from there.
static void
test_others(void)
{
  const change changes[] = {
    {.port = DF_PORT_AUTO, .to = 1.0f},
    {.port = DF_PORT_LOOKAHEAD, .to = 100.0f},
    {.port = DF_PORT_MODEL, .to = 0.0f},
  };
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); ++i) {
    const int n = find_change(
      &changes[i], NULL, STEP, place(STEP) + rate * 5 / 4, plain[0]);
    print(&changes[i], n);
    CHECK(n > rate / 2 && n < rate + rate / 4);
  }
}

/// In trusted sound `auto` conceals what is lost a small block later.
static void
test_auto(void)
{
  enum { HOLE = 220, DELAY = 32 };
  const change c = {
    .port = DF_PORT_AUTO, .to = 1.0f, .with = {{DF_PORT_NOISE, 0.0f}}};
  const int hop = 182 * RATE / rate;
  const int at  = place(hop);
  memset(input + at + LITTLE, 0, HOLE * sizeof(float));
  for (int does = 0; does < 2; ++does) {
    play(&c, STEP, does, at + AFTER, stepped);
    int zeros = 0;
    for (int i = at + LITTLE; i < at + LITTLE + HOLE + DELAY; ++i) {
      zeros += stepped[i] == 0.0f ? 1 : 0;
    }
    CHECK(does ? zeros < HOLE / 10 : zeros >= HOLE);
  }
  (void)printf("auto, in trusted sound: a loss %d samples later is filled\n",
               LITTLE);
  make_input();
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
    df_host* const host = df_host_make_waiting(module, bundle, RATE);
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
      memcpy(plain[0] + t, df_host_out(host, 0), BLOCK * sizeof(float));
      CHECK(fabsf(1000.0f * *told / RATE - lookaheads[l]) < 6.0f); // half a hop
      CHECK(t == 0 || *told == stepped[0]);
      stepped[0] = *told;
    }
    CHECK(find_lag(input + 4096, plain[0] + 4096) == (int)*told);
    CHECK(find_lag(input + N / 2 + 4096, plain[0] + N / 2 + 4096) ==
          (int)*told);
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
  const int rates[3] = {RATE, 48000, 96000};
  for (int i = 0; i < 3; ++i) {
    rate = rates[i];
    (void)printf("host at %d Hz\n", rate);
    test_controls();
  }
  rate = RATE;
  test_others();
  test_auto();
  test_lookahead();
  return 0;
}
