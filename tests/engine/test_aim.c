#include "core/audio/bands.h"
#include "core/audio/sound.h"
#include "core/audio/stft.h"
#include "core/engine/render.h"
#include "tests/check.h"
#include "tests/engine/rig.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/// Whether the goals are heard: level and brightness of what the model makes of
/// a sound heard for three seconds.  Arguments: MODEL CLIP; without them, and
/// besides, an untrained network and sound made here.

enum { RATE = 44100, HEARD = 3 * RATE, N = 7 * RATE, M = 2048 };

static float x[N];
static float y[N];

typedef struct {
  double level;  // dB
  double bright; // Octaves
} measure;

// Means over frames from a second after trust was lost
static measure
look(void)
{
  df_arena arena = {NULL, 0U, 0U, false};
  df_stft* stft  = NULL;
  float    frame[M / 2 + 1];
  float    bands[DF_BANDS];
  int      edges[DF_BANDS + 1];
  double   power  = 0.0;
  double   amount = 0.0;
  double   colour = 0.0;
  int      frames = 0;
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(df_stft_make(&arena, M, M / 4, &stft) == DF_OK);
    CHECK(pass || df_arena_allocate(&arena) == DF_OK);
  }
  df_bands_edges(RATE, M, edges);
  for (int at = HEARD + RATE; at + M < N; at += M / 4, ++frames) {
    df_stft_log_frames(stft, y, N, at, 1, -12.0f, frame);
    df_bands_pool(RATE, M, 1, frame, bands);
    power += (double)expf(2.0f * df_bands_level(bands));
    for (int b = 0; b < DF_BANDS; ++b) {
      const double e = (double)expf(bands[b]);
      amount += e;
      colour += e * log2(0.5 * (edges[b] + edges[b + 1] - 1) * RATE / M);
    }
  }
  df_stft_free(stft);
  df_arena_free(&arena);
  return (measure){10.0 * log10(power / frames), colour / amount};
}

static measure
play(const df_instrument* const instrument,
     const float                level,
     const float                bright,
     const float                aim)
{
  const df_lane_point lane[2] = {{0.0, 0.0}, {3.0, 1.0}};
  df_render_config    c       = df_render_config_default();
  const float* const  in[1]   = {x};
  float* const        out[1]  = {y};
  c.settings.aim_level        = level;
  c.settings.aim_bright       = bright;
  c.settings.aim              = aim;
  CHECK(df_render(instrument, &c, lane, 2, RATE, 1, N, in, out, NULL) == DF_OK);
  return look();
}

/// The more the aim, the nearer is the goal; without it goals change no bit.
static void
judge(const df_instrument* const instrument)
{
  static float       plain[N];
  static const float goals[4][2] = {
    {-12.0f, 0.0f}, {6.0f, 0.0f}, {0.0f, 1.0f}, {0.0f, -1.0f}};
  // At .2 the notes that are played by chance move brightness as much
  static const float shares[2] = {0.5f, 1.0f};
  const measure      none      = play(instrument, 0.0f, 0.0f, 0.0f);
  memcpy(plain, y, sizeof(y));
  (void)play(instrument, -12.0f, 1.0f, 0.0f);
  CHECK(!memcmp(plain, y, sizeof(y)));
  for (int g = 0; g < 4; ++g) {
    measure before = none;
    for (int k = 0; k < 2; ++k) {
      const measure now = play(instrument, goals[g][0], goals[g][1], shares[k]);
      (void)printf(
        "level %+3.0f dB, bright %+2.0f, aim %.1f: %+6.2f dB, %+5.2f "
        "octaves against none\n",
        goals[g][0],
        goals[g][1],
        shares[k],
        now.level - none.level,
        now.bright - none.bright);
      if (goals[g][0] != 0.0f) {
        CHECK((now.level - before.level) * goals[g][0] > 0.0);
      } else {
        CHECK((now.bright - before.bright) * goals[g][1] > 0.0);
      }
      before = now;
    }
  }
}

int
main(const int argc, char** const argv)
{
  df_instrument* instrument = rig_instrument();
  df_note        note       = {""};
  rig_chords(x, N);
  judge(instrument);
  df_instrument_free(instrument);
  if (argc > 2) {
    df_sound sound = {NULL, 0U, 0};
    if (df_instrument_load(argv[1], &instrument, &note)) {
      (void)printf("%s: only an untrained network was judged\n", note.text);
      return 0;
    }
    CHECK(df_sound_load(argv[2], RATE, &sound, &note) == DF_OK);
    CHECK(sound.n >= HEARD);
    memset(x, 0, sizeof(x));
    memcpy(x, sound.x, HEARD * sizeof(float));
    judge(instrument);
    df_sound_free(&sound);
    df_instrument_free(instrument);
  }
  return 0;
}
