#define _DEFAULT_SOURCE // mkstemps

#include "tests/check.h"
#include "tests/hosts/host.h"

#include "core/audio/sound.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// A change of the model while it plays alone: the new one goes on from there.
/// Arguments: dforce.so, a folder with the model in the box and chorale.flac,
/// and dforce, which trains the other model: smaller, with other frames.

#define RATE 48000
#define BLOCK 256

static float heard[11 * RATE + BLOCK];

static df_sound sound; // At least as long

static char small[] = "/tmp/dforce-change-XXXXXX.safetensors";

static void
train(const char* const dforce, const char* const presets)
{
  char      command[2048];
  const int file = mkstemps(small, 12);
  CHECK(file >= 0 && !close(file));
  CHECK((size_t)snprintf(command,
                         sizeof(command),
                         "'%s' train audio --threads 1 --steps 40 --seed 3 "
                         "--config width=64,heads=2,layers=2,mlp=128,"
                         "window=1024,hop=256,frames=4,dims=96 "
                         "--out '%s' '%s/chorale.flac' >/dev/null",
                         dforce,
                         small,
                         presets) < sizeof(command));
  CHECK(!system(command));
}

static void
forget(void)
{
  char picture[sizeof(small) + 4];
  (void)snprintf(picture, sizeof(picture), "%s.png", small);
  (void)unlink(picture);
  (void)unlink(small);
}

// Energy of second differences, which a click fills and a tone does not
static double
roughness(const float* const x, const int n)
{
  double sum = 0.0;
  for (int i = 0; i < n; ++i) {
    const float d = x[i] - 2.0f * x[i + 1] + x[i + 2];
    sum += (double)(d * d);
  }
  return sum;
}

static double
power(const float* const x, const int n)
{
  double sum = 0.0;
  for (int i = 0; i < n; ++i) {
    sum += (double)(x[i] * x[i]);
  }
  return sum / n;
}

/// The input is withheld from the 6th second on and the model, which plays
/// alone then, changed at the 8th: no click, neither then nor when the new one
/// takes over, beyond what the music has of itself, and the music goes on.
static void
test_playing(const char* const module,
             const char* const presets,
             const char* const from,
             const char* const to,
             const float       lookahead)
{
  enum { LENGTH = 11 * RATE, CHANGE = 8 * RATE, CLICK = RATE / 500 };
  df_host* const host = df_host_make_waiting(module, presets, RATE);
  *df_host_control(host, DF_PORT_LOOKAHEAD) = lookahead;
  df_host_send_path(host, 0, from);
  for (int at = 0; at < LENGTH; at += BLOCK) {
    for (int i = 0; i < BLOCK; ++i) {
      df_host_in(host, 0)[i] = sound.x[at + i];
    }
    *df_host_control(host, DF_PORT_NOISE) = at < 6 * RATE ? 0.0f : 1.0f;
    if (at == CHANGE) {
      df_host_send_path(host, 0, to);
    }
    df_host_run(host, BLOCK);
    memcpy(heard + at, df_host_out(host, 0), sizeof(float) * BLOCK);
  }
  CHECK(*df_host_control(host, DF_PORT_MODEL_STATUS) == DF_MODEL_READY);
  CHECK(*df_host_control(host, DF_PORT_LATE) == 0.0f);
  df_host_free(host);

  double usual = 0.0;
  double at[2] = {0.0, 0.0};
  for (int i = 6 * RATE + RATE / 2; i < LENGTH - RATE / 2; i += CLICK / 2) {
    const double  rough  = roughness(heard + i, CLICK);
    const int     since  = i - CHANGE;
    const int     change = since > -RATE / 50 && since < RATE / 50 ? 0
                           : since > RATE - RATE / 50 && since < RATE + RATE / 10
                             ? 1
                             : -1;
    double* const most   = change < 0 ? &usual : &at[change];
    *most                = rough > *most ? rough : *most;
  }
  const double before = power(heard + CHANGE - RATE, RATE);
  const double after  = power(heard + CHANGE + RATE + RATE / 10, RATE);
  printf(
    "%s to %s, look-ahead %.0f ms: roughest 2 ms at the change %.1f dB, as "
    "the new one takes over %.1f dB against elsewhere; level %.1f dB\n",
    from == small ? "small" : "box",
    to == small ? "small" : "box",
    (double)lookahead,
    10.0 * log10(at[0] / usual),
    10.0 * log10(at[1] / usual),
    10.0 * log10(after / before));
  CHECK(at[0] < 1.26 * usual && at[1] < 1.26 * usual);
  // 40 steps have not taught the small one to keep the level
  CHECK(fabs(10.0 * log10(after / before)) <
        (from == small || to == small ? 12.0 : 6.0));
}

int
main(const int argc, char** const argv)
{
  CHECK(argc == 4);
  char    path[512];
  char    box[512];
  df_note note = {{0}};
  (void)snprintf(path, sizeof(path), "%s/chorale.flac", argv[2]);
  CHECK(df_sound_load(path, RATE, &sound, &note) == DF_OK);
  CHECK(sound.n >= sizeof(heard) / sizeof(float));
  (void)snprintf(box, sizeof(box), "%s/default.safetensors", argv[2]);
  train(argv[3], argv[2]);
  test_playing(argv[1], argv[2], box, box, 0.0f);
  for (int ahead = 0; ahead < 2; ++ahead) {
    test_playing(argv[1], argv[2], box, small, 96.0f * (float)ahead);
    test_playing(argv[1], argv[2], small, box, 96.0f * (float)ahead);
  }
  forget();
  df_sound_free(&sound);
  return 0;
}
