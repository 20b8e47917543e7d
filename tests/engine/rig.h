#ifndef DF_TESTS_ENGINE_RIG_H
#define DF_TESTS_ENGINE_RIG_H

#include "core/engine/instrument.h"

/// A small instrument for tests: a codec fitted to made-up chords and an
/// untrained network, which is the Wiener filter of its tokens.

#define RIG_RATE 44100

/// Chords of decaying harmonics, four a second, that repeat every two seconds;
/// n samples at RIG_RATE.
void
rig_chords(float* x, int n);

/// Write the model file.
void
rig_save(const char* path);

/// Write, load and delete it.
df_instrument*
rig_instrument(void);

/// Judge recorded sounds by a trained model; says so where there is none.
///
/// @param paths  [count] of sounds
/// @param x      [most] the sound, 0 behind its end, when `judge` is called
/// @param judge  Told the file's name and how many samples are the sound's
void
rig_recorded(const char* model,
             int         count,
             char**      paths,
             float*      x,
             int         most,
             void (*judge)(const df_instrument*, const char* name, int n));

#endif // DF_TESTS_ENGINE_RIG_H
