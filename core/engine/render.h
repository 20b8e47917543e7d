#ifndef DF_ENGINE_RENDER_H
#define DF_ENGINE_RENDER_H

#include "core/base/status.h"
#include "core/engine/instrument.h"
#include "core/engine/settings.h"

#include <stdbool.h>
#include <stdint.h>

/// A whole recording under a noise lane, without a host.
///
/// What a voice plays, less its latency; with `meet` each gap (noise 1 between
/// trusted parts) is filled from both sides afterwards (fill.h).

/// A point of the noise lane: from `time` on the level is `noise`.
typedef struct {
  double time;  ///< Seconds, rising
  double noise; ///< 0..1
} df_lane_point;

typedef struct {
  df_settings settings;
  float       fade;      ///< 0.001..0.2 s
  float       mix;       ///< 0..1
  double      lookahead; ///< Seconds, rounded up to hops; at most 256 of them
  bool        conceal;   ///< Dropouts are lost by themselves
  bool        meet;      ///< Fill gaps from both sides
  int         block;     ///< Samples a call, 1..65536; does not change a sample
} df_render_config;

df_render_config
df_render_config_default(void);

/// Read "0:0 3.0:1 8.0:0": times in seconds, rising, and levels 0..1.
///
/// @param points  [most] written
/// @param count   Set
/// @return DF_OK, or DF_E_ARG; the note names the word, wanted and found.
DF_NODISCARD df_status
df_lane_read(const char*    text,
             df_lane_point* points,
             int            most,
             int*           count,
             df_note*       note);

/// Render.
///
/// @param x         [channels][n] at `rate`; channels 1 or 2
/// @param y         [channels][n] written; not x
/// @return DF_OK, DF_E_ARG (see note) or DF_E_NOMEM.
DF_NODISCARD df_status
df_render(const df_instrument*    instrument,
          const df_render_config* config,
          const df_lane_point*    points,
          int                     count,
          double                  rate,
          int                     channels,
          int64_t                 n,
          const float* const*     x,
          float* const*           y,
          df_note*                note);

#endif // DF_ENGINE_RENDER_H
