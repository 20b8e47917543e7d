#ifndef DF_ENGINE_WATCH_H
#define DF_ENGINE_WATCH_H

#include "core/base/attr.h"

#include <stdbool.h>
#include <stdint.h>

/// Notices dropouts: samples that are no numbers, and runs of exact zeros that
/// cut a sound off.
///
/// A run is known only when it is DF_WATCH_RUN samples long, so all that passes
/// is delayed by so many.  Zeros that a sound has died away to, below -70 dBFS
/// or 40 dB under its loudest of the last seconds, are silence and not lost.
/// So is what goes on for longer than ten seconds.  Zeros where the host says
/// that it has lost samples are a dropout without more ado.

#define DF_WATCH_RUN 32

typedef struct {
  float   x[2][DF_WATCH_RUN]; ///< Samples on their way, a ring
  float   noise[DF_WATCH_RUN];
  bool    lost[DF_WATCH_RUN];
  int     at;          ///< Oldest of them
  int     zeros;       ///< Length of the present run
  int     hold;        ///< Samples still given up after a bad one
  int64_t said;        ///< ... in which zeros are what the host has lost
  bool    cut;         ///< The run began within a sound
  bool    gone;        ///< The run is a dropout
  int64_t run;         ///< Samples lost in a row
  int64_t most;        ///< ... that are still a dropout
  float   recent;      ///< Peak, of the last 10 ms or so
  float   usual;       ///< ... of the last 2 s or so
  float   keep_recent; ///< By which they decay each sample
  float   keep_usual;
} df_watch;

/// @param rate  Samples a second, above 0
DF_RT df_watch
df_watch_make(double rate);

/// The host has lost this many samples from the next one on: zeros that begin
/// there are lost, however few, and whatever was heard just before, until a
/// sound comes or the number is reached.  Where no sound has been heard for
/// seconds there is nothing to carry on, and they are silence.
DF_RT void
df_watch_declare(df_watch* watch, int64_t samples);

/// Exchange a sample for the one DF_WATCH_RUN before it, and its noise level,
/// which is 1 where it is lost.
///
/// @param on        False: nothing is lost; what is no number becomes 0
/// @param channels  1 or 2; all fall silent together
/// @param x         [channels] any in, finite out
/// @param noise     0..1
DF_RT void
df_watch_next(df_watch* watch, bool on, int channels, float* x, float* noise);

#endif // DF_ENGINE_WATCH_H
