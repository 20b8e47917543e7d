#ifndef DF_TESTS_AUDIO_SIGNAL_H
#define DF_TESTS_AUDIO_SIGNAL_H

#include "core/base/rng.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/// Sounds made in the test, so that it needs no file.

/// The signal of tests/ref/audio.py.
static inline void
signal_golden(float* const x, const int n)
{
  uint32_t state = 12345U;
  for (int i = 0; i < n; ++i) {
    state              = 1664525U * state + 1013904223U;
    const double noise = (double)state / 4294967296.0 - 0.5;
    const double decay = exp(-(i % 700) / 200.0);
    const double tones = sin(0.11 * i) + 0.5 * sin(0.37 * i + 1.0);
    x[i]               = (float)(0.3 * decay * tones + 0.02 * noise);
  }
}

/// Chords of decaying harmonic notes, four a second, at 44.1 kHz.
static inline void
signal_notes(float* const x, const int n, const uint64_t seed)
{
  const int step = 11025;
  memset(x, 0, sizeof(*x) * (size_t)n);
  for (int start = 0, note = 0; start < n; start += step, ++note) {
    df_rng rng = df_rng_make(seed, 1U, (uint64_t)note);
    for (int voice = 0; voice < 3; ++voice) {
      const double hz = 110.0 * pow(2.0, df_rng_below(&rng, 36U) / 12.0);
      for (int h = 1; h <= 10 && h * hz < 15000.0; ++h) {
        const double turn  = 6.283185307179586 * df_rng_uniform(&rng);
        const double omega = 6.283185307179586 * hz * h / 44100.0;
        const double fall  = exp(-(1.5 + 0.5 * h) / 44100.0);
        const double c     = fall * cos(omega); // a phasor that shrinks
        const double d     = fall * sin(omega);
        double       re    = 0.08 / h * cos(turn);
        double       im    = 0.08 / h * sin(turn);
        for (int i = 0; i < 4 * step && start + i < n; ++i) {
          const double next = c * re - d * im;
          im                = d * re + c * im;
          re                = next;
          x[start + i] += (float)(i < 200 ? i / 200.0 * im : im);
        }
      }
    }
  }
}

/// A groove at 44.1 kHz: bursts of noise and a falling tone on a grid of
/// `step` samples, the figure repeating every `period` steps.
static inline void
signal_groove(float* const   x,
              const int      n,
              const int      step,
              const int      period,
              const uint64_t seed)
{
  memset(x, 0, sizeof(*x) * (size_t)n);
  for (int start = 0, at = 0; start < n; start += step, ++at) {
    df_rng       figure = df_rng_make(seed, 2U, (uint64_t)(at % period));
    df_rng       noise  = df_rng_make(seed, 3U, (uint64_t)at);
    const int    kind   = (int)df_rng_below(&figure, 4U);
    const double loud   = 0.1 + 0.3 * df_rng_uniform(&figure);
    double       last   = 0.0;
    for (int i = 0; i < 3 * step && start + i < n; ++i) {
      const double s     = i / 44100.0;
      const double white = 2.0 * df_rng_uniform(&noise) - 1.0;
      double       v     = 0.0;
      if (kind == 0) { // drum: a tone that falls
        v = exp(-12.0 * s) * sin(6.28 * (50.0 * s - 4.0 * exp(-30.0 * s)));
      } else if (kind == 1) { // snare: noise and tone
        v = exp(-20.0 * s) * (0.6 * white + 0.4 * sin(6.28 * 190.0 * s));
      } else if (kind == 2) { // hat: bright noise
        v    = 0.5 * exp(-60.0 * s) * (white - last);
        last = white;
      }
      x[start + i] += (float)(loud * v);
    }
  }
}

#endif // DF_TESTS_AUDIO_SIGNAL_H
