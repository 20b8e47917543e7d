#ifndef DF_ENGINE_VOICE_H
#define DF_ENGINE_VOICE_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/engine/link.h"

/// The audio thread's side: what is played, sample by sample.
///
/// Where the noise lane is 0 the input passes bit for bit, `lookahead` hops
/// later.  Where it leaves 0 for 1 the input is followed by its autoregressive
/// extrapolation to the end of the hop, then by the engine's audio; where it
/// returns, engine and input cross-fade.  Gaps of up to 50 ms are filled from
/// both sides where the look-ahead reaches some 40 ms further.  A mono engine's
/// sound gets the stereo picture of what was heard before.  The same code plays
/// in a host (the door leads through rings to another thread) and in a file
/// render (the door calls the link at once); samples depend on neither block
/// size nor door.

/// The way to the engine.
typedef struct {
  void* self;
  /// Hand over a job.  False: refused for now (queue full); the hop is lost.
  bool (*submit)(void* self, const df_job* job);
  /// Take the oldest result, NULL if there is none; valid until the next call.
  /// With `wait`, block until there is one (offline only).
  const df_result* (*fetch)(void* self, bool wait);
} df_door;

/// What a voice is told at every call.
typedef struct {
  df_settings settings;
  float       fade;    ///< 0.001..0.2 s, cross-fade at the joins
  float       mix;     ///< 0..1 dry to wet
  bool        conceal; ///< Dropouts are lost by themselves; watched voices only
  bool idle; ///< Nothing more is wanted: the engine rests once all is played;
             ///< after it, it hears the newest hops of what it missed
  bool wait; ///< Offline: block until the engine has answered
} df_voice_controls;

/// What a voice tells after every call.
typedef struct {
  uint32_t late;  ///< Hops whose audio came late, since reset
  float    load;  ///< Engine time / real time, smoothed
  float    level; ///< Noise level now being played, 0..1
} df_voice_meters;

typedef struct df_voice df_voice;

/// @param rate       Host's rate, Hz; @param hop, model_rate  of the model
/// @param channels   1 or 2
/// @param lookahead  0..256 hops
/// @param watched    Look for dropouts (watch.h): DF_WATCH_RUN more samples of
///                   latency
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD df_status
df_voice_make(df_arena*  arena,
              double     rate,
              double     model_rate,
              int        hop,
              int        channels,
              int        lookahead,
              bool       watched,
              df_door    door,
              df_voice** out);

/// Delay of the dry signal in samples: constant.
DF_RT int
df_voice_latency(const df_voice* voice);

/// As just made.  Results still on their way are recognised as stale by the
/// door's owner, who empties its queues first.
DF_RT void
df_voice_reset(df_voice* voice);

/// As just made, but what of the input is still to come out does so: when the
/// transport starts, hosts that make up for latency have sent its beginning
/// already.
DF_RT void
df_voice_restart(df_voice* voice);

/// The host says that it has lost samples from the next one on: zeros there are
/// a dropout, however short (df_watch_declare).  Watched voices only.
DF_RT void
df_voice_xrun(df_voice* voice, int64_t samples);

/// Play n samples.
///
/// Input that is not finite, or beyond +-1e6, is taken as 0.  Output is finite.
///
/// @param in, out  [channels][n]; in place allowed
/// @param noise    Lane values 0..1: noise[i * stride]; stride 0 for a constant
DF_RT void
df_voice_run(df_voice*                voice,
             const df_voice_controls* controls,
             const float* const*      in,
             float* const*            out,
             const float*             noise,
             int                      stride,
             int                      n);

DF_RT df_voice_meters
df_voice_read(const df_voice* voice);

/// What the engine planned when it last answered; changes with `answers`, a
/// count of its answers.  Valid until the next call.
DF_RT const df_view*
df_voice_view(const df_voice* voice, uint32_t* answers);

#endif // DF_ENGINE_VOICE_H
