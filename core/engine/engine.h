#ifndef DF_ENGINE_ENGINE_H
#define DF_ENGINE_ENGINE_H

#include "core/base/status.h"
#include "core/engine/instrument.h"
#include "core/engine/settings.h"
#include "core/engine/view.h"

#include <stdbool.h>
#include <stdint.h>

/// One channel at the model's rate: listens, plans and speaks.
///
/// Samples are counted from reset.  All that is taken in becomes frames and
/// tokens; trusted tokens are remembered as they are, noisy ones are planned
/// from their level, lost ones from pure noise.  What is spoken equals what was
/// heard where that was trusted.  One thread; no allocation after make.
typedef struct df_engine df_engine;

/// @param instrument  Borrowed.
/// @param reach       Hops between the newest input and the oldest sample that
///                    will be spoken, 1..512
DF_NODISCARD df_status
df_engine_make(const df_instrument* instrument, int reach, df_engine** out);

/// NULL is allowed.
void
df_engine_free(df_engine* engine);

void
df_engine_reset(df_engine* engine);

/// Settings for what follows, clamped to their ranges.
void
df_engine_set(df_engine* engine, const df_settings* settings);

/// Samples taken since reset.
int64_t
df_engine_end(const df_engine* engine);

/// Take in n samples, of which [heard_from, heard_to) is the latest part that
/// was heard.  Losses that begin and end within them count as heard: they are
/// short, and the samples continue what was there.
///
/// @param noise  Level of the frames centred in these samples, 0..1, where
/// heard
void
df_engine_take(df_engine*   engine,
               const float* x,
               int          n,
               int          heard_from,
               int          heard_to,
               float        noise);

/// Nothing will be spoken until the next begin.
void
df_engine_rest(df_engine* engine);

/// Speaking begins with sample `from`.
void
df_engine_begin(df_engine* engine, int64_t from);

/// Finish all samples before `to`, which follows on what was spoken before.
void
df_engine_speak(df_engine* engine, int64_t to);

/// Log-magnitudes of frame g as it was heard, or as it is planned, [bins].
///
/// Plans as far as needed.
///
/// @param real  Set: it was heard
/// @return Valid until the engine is used again.
const float*
df_engine_frame(df_engine* engine, int64_t g, bool* real);

/// Copy samples as they were heard, or extrapolated at the edge of a loss.
void
df_engine_heard(const df_engine* engine, int64_t from, int n, float* out);

/// Copy samples [from, from + n): finished ones, and estimates after them.
void
df_engine_read(const df_engine* engine, int64_t from, int n, float* out);

/// What is planned now; with no tokens from reset, and rest, on.
void
df_engine_view(const df_engine* engine, df_view* out);

#endif // DF_ENGINE_ENGINE_H
