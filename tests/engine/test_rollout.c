#include "core/audio/sound.h"
#include "core/engine/render.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A minute alone: what the model in the box makes of a clip heard for 4 s.
///
/// Arguments: MODEL CLIP.

enum { HEARD = 4, SECONDS = 64, STRETCH = 10 };

static double
level(const float* const x, const int n)
{
  double sum = 0.0;
  for (int i = 0; i < n; ++i) {
    sum += (double)x[i] * (double)x[i];
  }
  return 10.0 * log10(sum / n + 1e-12);
}

/// It neither dies away nor swells: each ten seconds are within 9 dB of what
/// was heard, and within 6 dB of the first ten.
static void
test_level_stays(const df_instrument* const instrument,
                 const df_sound* const      clip)
{
  const int           n       = SECONDS * clip->rate;
  float* const        x       = (float*)calloc((size_t)n, sizeof(float));
  float* const        y       = (float*)calloc((size_t)n, sizeof(float));
  const df_lane_point lane[2] = {{0.0, 0.0}, {HEARD, 1.0}};
  df_render_config    config  = df_render_config_default();
  const float* const  in[1]   = {x};
  float* const        out[1]  = {y};
  CHECK(x && y && clip->n >= (size_t)(HEARD * clip->rate));
  memcpy(x, clip->x, (size_t)(HEARD * clip->rate) * sizeof(float));
  for (uint32_t seed = 0U; seed < 2U; ++seed) {
    config.settings.seed = seed;
    CHECK(df_render(
            instrument, &config, lane, 2, clip->rate, 1, n, in, out, NULL) ==
          DF_OK);
    const double heard = level(y, HEARD * clip->rate);
    const double first = level(y + HEARD * clip->rate, STRETCH * clip->rate);
    for (int from = HEARD; from + STRETCH <= SECONDS; from += STRETCH) {
      const double now = level(y + from * clip->rate, STRETCH * clip->rate);
      printf("seed %u, %2d s: %6.2f dB (heard %.2f)\n", seed, from, now, heard);
      CHECK_NEAR(now, heard, 9.0);
      CHECK_NEAR(now, first, 6.0);
    }
  }
  free(x);
  free(y);
}

int
main(const int argc, char** const argv)
{
  if (argc != 3) {
    printf("skipped: no model in the box\n");
    return CHECK_SKIP;
  }
  df_instrument* instrument = NULL;
  df_sound       clip       = {NULL, 0U, 0};
  CHECK(df_instrument_load(argv[1], &instrument, NULL) == DF_OK);
  CHECK(df_sound_load(argv[2], 0, &clip, NULL) == DF_OK);
  test_level_stays(instrument, &clip);
  df_sound_free(&clip);
  df_instrument_free(instrument);
  return 0;
}
