#ifndef DF_ENGINE_AIM_H
#define DF_ENGINE_AIM_H

#include "core/audio/codec.h"
#include "core/base/arena.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stdint.h>

/// Goal guidance: steers planned tokens towards a loudness and a brightness.
///
/// Of a token's pooled bands p (bands.h), c_b the octave of a band's middle,
///
///     level  L = 1/2 ln sum exp(2 p_b)
///     bright B = sum c_b exp(p_b) / sum exp(p_b)
///
/// and the goal is to be so far above the L and B that were heard.  With the
/// deviations d of an estimate x0 about what it may become, V = diag(d^2), and
/// H the gradients of L and B by the token, through the codec's basis,
///
///     x0' = x0 + aim V H^T (H V H^T + R)^-1 (wanted - found)
///
/// which is gradient guidance (df_guidance_shift: x0' = x0 + s^2/a g, where
/// s^2/a times the denoiser's Jacobian is V; Efron 2011) by a Gaussian goal of
/// variance R.  So a token moves the more the less is known of it, and where
/// nothing is open nothing moves.
typedef struct df_aim df_aim;

DF_NODISCARD df_status
df_aim_make(df_arena* arena, const df_codec* codec, df_aim** out);

/// Forget what was heard.
void
df_aim_reset(df_aim* aim);

/// @param level   dB above what was heard
/// @param bright  Octaves above it
/// @param share   0..1: `aim` in the equation; 0: none
void
df_aim_set(df_aim* aim, float level, float bright, float share);

/// A token was heard: its pooled bands [DF_BANDS].  What counts as heard is
/// their mean over the last two seconds.
void
df_aim_hear(df_aim* aim, const float* bands);

/// Whether estimates are steered: something was heard, and the share is not 0.
bool
df_aim_active(const df_aim* aim);

/// How far bands may go beyond the loudest, and the level under the softest,
/// that was heard: nats, 0 or more.
float
df_aim_room(const df_aim* aim);

/// Steer one estimate; a df_stream_steer.
///
/// @param self       A df_aim
/// @param deviation  [C]
/// @param x0         [C] changed
void
df_aim_apply(void* self, const float* deviation, float* x0);

#endif // DF_ENGINE_AIM_H
