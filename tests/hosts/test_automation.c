#include "tests/check.h"
#include "tests/hosts/host.h"

#include "core/audio/sound.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/// Controls that move while the model plays alone.  Arguments: dforce.so, a
/// folder with the model in the box and chorale.flac.

enum {
  RATE   = 48000,
  BLOCK  = 64,
  LOST   = 3 * RATE,
  BEGIN  = LOST + RATE / 2, // of what is judged
  LENGTH = LOST + 4 * RATE,
  STEP   = RATE / 10,
  CLICK  = RATE / 500
};

typedef enum { STILL, STEPS, RAMP } motion;

typedef struct {
  df_port port;
  float   low; // the default
  float   high;
} range;

static const char* module;
static const char* bundle;
static df_sound    sound;
static float       still[LENGTH + BLOCK];
static float       other[LENGTH + BLOCK];
static float       moved[LENGTH + BLOCK];

static float
value_at(const range* const r, const motion how, const int t)
{
  if (t < LOST || how == STILL) {
    return r->low;
  }
  if (how == STEPS) {
    return (t - LOST) / STEP % 2 ? r->high : r->low;
  }
  const float turn = (float)((t - LOST) % (2 * RATE)) / (float)RATE; // 0..2
  return r->low + (r->high - r->low) * (turn < 1.0f ? turn : 2.0f - turn);
}

// Seconds of processor time from the loss on
static double
play(const range* const r, const motion how, float* const out)
{
  df_host* const  host = df_host_make_waiting(module, bundle, RATE);
  struct timespec from = {0, 0};
  struct timespec to   = {0, 0};
  if (r->port == DF_PORT_AIM_LEVEL || r->port == DF_PORT_AIM_BRIGHT) {
    *df_host_control(host, DF_PORT_AIM) = 1.0f;
  }
  for (int t = 0; t < LENGTH; t += BLOCK) {
    if (t == LOST) {
      CHECK(!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from));
    }
    *df_host_control(host, DF_PORT_NOISE) = t < LOST ? 0.0f : 1.0f;
    *df_host_control(host, r->port)       = value_at(r, how, t);
    memcpy(df_host_in(host, 0), sound.x + t, BLOCK * sizeof(float));
    df_host_run(host, BLOCK);
    memcpy(out + t, df_host_out(host, 0), BLOCK * sizeof(float));
  }
  CHECK(!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to));
  CHECK(*df_host_control(host, DF_PORT_MODEL_STATUS) == DF_MODEL_READY);
  CHECK(*df_host_control(host, DF_PORT_LATE) == 0.0f);
  df_host_free(host);
  return (double)(to.tv_sec - from.tv_sec) +
         1e-9 * (double)(to.tv_nsec - from.tv_nsec);
}

// Energy of second differences in the roughest 2 ms, which a click fills and a
// tone does not, in parts of the energy of all samples
static double
roughest(const float* const x)
{
  double most = 0.0;
  double all  = 0.0;
  for (int i = BEGIN; i + CLICK + 2 <= LENGTH; i += CLICK / 2) {
    double sum = 0.0;
    for (int k = i; k < i + CLICK; ++k) {
      const float d = x[k] - 2.0f * x[k + 1] + x[k + 2];
      sum += (double)(d * d);
      all += (double)(x[k] * x[k]);
    }
    most = sum > most ? sum : most;
  }
  return most / all;
}

// Cut hard from one to the other every 100 ms
static void
splice(const float* const low, const float* const high, float* const out)
{
  for (int t = 0; t < LENGTH; ++t) {
    out[t] = t >= LOST && (t - LOST) / STEP % 2 ? high[t] : low[t];
  }
}

/// Each control that shapes what is planned is stepped every 100 ms: what is
/// heard is no rougher than what the model plays at either value, but for the
/// 4 dB by which attacks differ; hard cuts would be.  As a ramp, up and down
/// within 2 s, it costs so many times the processor time (told, not judged).
static void
test_moves(const range* const ranges, const int count)
{
  const double more  = 2.5;
  const double spent = play(&ranges[0], STILL, still); // all begin alike
  const double low   = roughest(still);
  int          seen  = 0;
  for (int i = 0; i < count; ++i) {
    const range* const r    = &ranges[i];
    const range        to   = {r->port, r->high, r->high};
    const double       cost = play(&to, STILL, other);
    const double       high = roughest(other);
    const double       most = low > high ? low : high;
    splice(still, other, moved);
    const double hard = roughest(moved);
    (void)play(r, STEPS, moved);
    const double steps = roughest(moved);
    const int    first =
      memcmp(moved + BEGIN, still + BEGIN, sizeof(float) * STEP);
    const double ramp = play(r, RAMP, moved);
    (void)printf("%-12s %5.2f and %5.2f in turn: roughest 2 ms %5.1f dB "
                 "against still (cut hard %5.1f); as a ramp %.2f times the "
                 "time of the dearer\n",
                 df_port_about(r->port)->symbol,
                 (double)r->low,
                 (double)r->high,
                 10.0 * log10(steps / most),
                 10.0 * log10(hard / most),
                 ramp / (spent > cost ? spent : cost));
    CHECK(first && steps < more * most);
    seen += hard > more * most;
  }
  CHECK(2 * seen > count); // else this test would hear nothing
}

int
main(const int argc, char** const argv)
{
  char    path[512];
  df_note note = {{0}};
  CHECK(argc == 3);
  module = argv[1];
  bundle = argv[2];
  (void)snprintf(path, sizeof(path), "%s/chorale.flac", bundle);
  CHECK(df_sound_load(path, RATE, &sound, &note) == DF_OK);
  CHECK(sound.n >= LENGTH);
  const range plain[] = {
    {DF_PORT_HORIZON, 16.0f, 8.0f},
    {DF_PORT_SLOPE, 1.0f, 2.0f},
    {DF_PORT_STEPS, 1.0f, 3.0f},
    {DF_PORT_GUIDANCE, 1.0f, 1.5f},
    {DF_PORT_RECALL, 1.0f, 0.5f},
    {DF_PORT_MEMORY, 6.0f, 2.0f},
    {DF_PORT_MEMORY_NOISE, 0.02f, 0.2f},
    {DF_PORT_HEAT, 1.0f, 0.5f},
    {DF_PORT_SEED, 0.0f, 1.0f},
  };
  const range goals[] = {
    {DF_PORT_AIM_LEVEL, 0.0f, -6.0f},
    {DF_PORT_AIM_BRIGHT, 0.0f, -0.5f},
  };
  test_moves(plain, 9);
  test_moves(goals, 2);
  df_sound_free(&sound);
  return 0;
}
