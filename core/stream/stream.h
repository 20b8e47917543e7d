#ifndef DF_STREAM_STREAM_H
#define DF_STREAM_STREAM_H

#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/model/predictor.h"

#include <stdbool.h>
#include <stdint.h>

/// The live window: a remembered past, then H tokens growing out of noise.
///
/// One object for audio, series and plans.  Token numbers count from reset.
/// `position` is the number of the next token to be returned.  Use:
///
///     push   a token that was observed becomes the next remembered one
///     pin    a token at or after position is known, wholly or as a noisy one
///     advance  denoise until token `position` is clean, remember it, return it
///     drop   forget the newest tokens (they turned out otherwise)
///
/// While advancing, token r (counted from the first one generated in this run)
/// is finished at hop t_r = H floor(r/H) + slope (r mod H) for slope <= 1
/// (0: a block at once, 1: the rolling pyramid) and t_r = r, in the last
/// H/slope hops (at least one), for slope > 1.  Its level falls linearly from
/// K, rounded up.  The first advance after a push bursts from pure noise to the
/// levels of hop 0.  Each hop then costs `steps` passes, whatever the length of
/// the past.  Below slope 1 tokens are finished ahead of their hop: they are
/// remembered at once, held until their turn, and forgotten if the window
/// restarts; the window is the H tokens after them.
///
/// All noise depends on the seed, the number of the token and its level only:
/// the same pushes, pins and settings give the same bytes, whatever else was
/// asked in between.  Estimates are kept between the predictor's low and high.
typedef struct {
  int      horizon;        ///< H, 1..config.horizon
  float    slope;          ///< 0..4
  int      steps;          ///< Passes a hop, 1..8
  float    eta;            ///< 0 DDIM .. 1 ancestral (1.5 most)
  float    guidance;       ///< History guidance weight, 1 = plain
  float    guidance_level; ///< 1: vanilla (against none); below: fractional
  float    memory_noise;   ///< Level declared for remembered own tokens, 0..0.5
  int      memory;         ///< Newest context tokens seen, 1..config.context
  uint64_t seed;
} df_stream_settings;

typedef struct df_stream df_stream;

/// Applied to each token as it becomes clean, before it is remembered; not to
/// tokens pinned at level 0.
///
/// @param x0  [C] may be changed
typedef void (*df_stream_finish)(void* self, float* x0);

/// Called for each estimate of a token that is not yet clean.
///
/// @param deviation  [C] of the clean token about its estimate: the model's
///                   spread, or where none was measured that of a Wiener filter
/// @param x0         [C] may be changed
typedef void (*df_stream_steer)(void* self, const float* deviation, float* x0);

/// Settings of the recipe: horizon 16, slope 1, steps 1, eta 1, guidance 1, ...
df_stream_settings
df_stream_settings_default(const df_model_config* config);

/// Knows nothing of side numbers (core/forecast samples with them).
///
/// @param finish  Nullable; called from advance with `self`.
/// @return DF_OK, DF_E_ARG for a model with side numbers, or DF_E_NOMEM.
DF_NODISCARD df_status
df_stream_make(df_arena*           arena,
               const df_predictor* predictor,
               df_stream_finish    finish,
               void*               self,
               df_stream**         out);

/// As just made; settings stay.
void
df_stream_reset(df_stream* stream);

/// Change settings, from the next pass on; values are clamped to their ranges.
/// A changed horizon or slope restarts the unfinished window from noise.
void
df_stream_set(df_stream* stream, const df_stream_settings* settings);

/// Have estimates steered from the next pass on; NULL: not any more.
void
df_stream_guide(df_stream* stream, df_stream_steer steer, void* self);

int64_t
df_stream_position(const df_stream* stream);

/// Observe token `position` at level 0: remember it; the window restarts.
///
/// @param x0  [C] clean token
void
df_stream_push(df_stream* stream, const float* x0);

/// Declare token `index` known up to `level` (0 exactly .. K not at all).
///
/// The window gives it that level until the schedule is lower, then denoises
/// it on.  A second pin replaces the first.
///
/// A pin stays until its token is returned, through restarts too.
///
/// @param index  position .. position + 2 config.horizon - 1
/// @return DF_OK, or DF_E_ARG for index or level.
DF_NODISCARD df_status
df_stream_pin(df_stream* stream, int64_t index, const float* x0, int level);

/// Give token `index` its recall input; forgotten when the token is passed.
///
/// @param index       position .. position + 2 config.horizon - 1
/// @param recall      [C]
/// @param confidence  0..1; 0 for none
/// @return DF_OK, or DF_E_ARG for index.
DF_NODISCARD df_status
df_stream_recall(df_stream*   stream,
                 int64_t      index,
                 const float* recall,
                 float        confidence);

/// Finish token `position`, remember it (at memory_noise; pinned at level 0:
/// as it is) and move on.
///
/// @param x0  [C] the clean token
void
df_stream_advance(df_stream* stream, float* x0);

/// Settings, steering or recall are about to change: plan anew what they may
/// still change.
///
/// Tokens finished ahead of their hop are void, and the window restarts.  Where
/// there are none it goes back to where it was before the newest advance, but
/// for pins that came since: to advance again costs `steps` passes.  Nothing is
/// done before the second advance of a window: the first is a burst, and one a
/// token is enough.
///
/// @param newest  The token returned last may still change
/// @return It will: `position` is one less.
bool
df_stream_replan(df_stream* stream, bool newest);

/// Forget the newest n remembered tokens and restart the window;
/// n <= df_stream_undo.
void
df_stream_drop(df_stream* stream, int n);

int
df_stream_undo(const df_stream* stream);

/// Present state of the window, tokens position .. position + H - 1.
///
/// @param level  [H] 0..K, or NULL
/// @param x0     [H,C] present estimates of the clean tokens, or NULL
/// @return H; before the first advance the levels are K and estimates 0, but
///         those of pins.
int
df_stream_peek(const df_stream* stream, int* level, float* x0);

#endif // DF_STREAM_STREAM_H
