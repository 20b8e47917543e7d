#ifndef DF_ENGINE_SPEAK_H
#define DF_ENGINE_SPEAK_H

#include "core/audio/codec.h"
#include "core/base/arena.h"
#include "core/base/status.h"

#include <stdint.h>

/// Frames to sound: phases for magnitudes, overlap-add.
///
/// Frames come in order without gaps; frame g is centred at sample g hop.  A
/// real frame is what was heard and comes back exactly; a shaped one keeps the
/// heard phases; a model frame gets the
/// phases that follow from the frame before, refined over the frames in hand.

/// Most frames after the one to be spoken that help to find its phases: more do
/// not help, and cost (tests/bench/LOG.md).
#define DF_SPEAKER_AHEAD 2

typedef struct df_speaker df_speaker;

DF_NODISCARD df_status
df_speaker_make(df_arena* arena, const df_codec* codec, df_speaker** out);

/// FFT plans are not arena memory: release them.
void
df_speaker_free(df_speaker* speaker);

/// Begin anew so that samples from `from` on will be right.
void
df_speaker_begin(df_speaker* speaker, int64_t from);

/// The frame wanted next.
int64_t
df_speaker_next(const df_speaker* speaker);

/// Samples before this one are finished.
int64_t
df_speaker_ready(const df_speaker* speaker);

/// Speak the next frame as it was heard.
///
/// @param x  [window] samples around its centre
void
df_speaker_real(df_speaker* speaker, const float* x);

/// Speak the next frame with the phases that were heard and other magnitudes.
///
/// @param x       [window] samples around its centre
/// @param logmag  [bins]
void
df_speaker_shape(df_speaker* speaker, const float* x, const float* logmag);

/// Speak the next frame from magnitudes.
///
/// @param logmag  [1 + ahead, bins] of this frame and of those after it
/// @param ahead   0..DF_SPEAKER_AHEAD
/// @param seed    For phases that nothing determines
void
df_speaker_model(df_speaker*  speaker,
                 const float* logmag,
                 int          ahead,
                 uint64_t     seed);

/// Copy samples [from, from + n).  Those not finished are present estimates.
///
/// @param from  Not before ready - 4 windows, nor before where it began
/// @param n     To at most ready + window
void
df_speaker_read(const df_speaker* speaker, int64_t from, int n, float* out);

#endif // DF_ENGINE_SPEAK_H
