#ifndef DF_PLUGIN_LEVELS_H
#define DF_PLUGIN_LEVELS_H

#include "core/base/attr.h"

#include <stddef.h>

/// Noise levels sent ahead, one for each frame (token) of the model to come;
/// while they last they stand in for the `noise` port.

#define DF_LEVELS_MOST 1024

typedef struct {
  float level[DF_LEVELS_MOST]; ///< 0..1
  int   count;                 ///< Of the list; 0: none is in force
  int   at;                    ///< Samples played since the list began
} df_levels;

/// A list begins now, in place of any other; an empty one ends it.
///
/// @param values  [count] floats of any alignment; beyond the most they are
///                left out, what is no number counts as 0
DF_RT
void
df_levels_begin(df_levels* levels, const void* values, size_t count);

/// No list is in force from now on.
DF_RT
void
df_levels_end(df_levels* levels);

/// The levels of the next n samples.
///
/// @param frame  Samples a frame, at the host's rate, above 0
/// @param noise  Level where no list says otherwise
/// @param out    [n] written
DF_RT
void
df_levels_take(df_levels* levels, double frame, float noise, float* out, int n);

#endif // DF_PLUGIN_LEVELS_H
