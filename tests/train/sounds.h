#ifndef DF_TESTS_TRAIN_SOUNDS_H
#define DF_TESTS_TRAIN_SOUNDS_H

#include "core/audio/sound.h"
#include "core/base/rng.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>

/// Made-up music for tests: plucked notes of a scale on a steady beat.

#define SOUNDS_RATE 8000

/// Write `seconds` of it, drawn from `seed`, as a WAV file.
static inline void
sounds_write(const char* const path, const double seconds, const uint64_t seed)
{
  static const double scale[5] = {220.0, 261.63, 329.63, 392.0, 440.0};
  const size_t        n        = (size_t)(seconds * SOUNDS_RATE);
  float* const        x        = (float*)calloc(n, sizeof(float));
  df_rng              rng      = df_rng_make(seed, 0U, 0U);
  CHECK(x);
  for (size_t at = 0U; at < n; at += SOUNDS_RATE / 4) {
    const double hz = scale[df_rng_below(&rng, 5U)];
    for (size_t i = at; i < n; ++i) {
      const double t = (double)(i - at) / SOUNDS_RATE;
      x[i] += (float)(0.2 * exp(-5.0 * t) *
                      (sin(6.283185307179586 * hz * t) +
                       0.4 * sin(12.566370614359172 * hz * t)));
    }
  }
  CHECK(df_sound_save(path, x, n, 1, SOUNDS_RATE, DF_SOUND_FLOAT, NULL) ==
        DF_OK);
  free(x);
}

#endif // DF_TESTS_TRAIN_SOUNDS_H
