#ifndef DF_DIFFUSION_PATTERNS_H
#define DF_DIFFUSION_PATTERNS_H

#include "core/base/rng.h"

/// Which token is at which level while training.
///
/// A clip of T tokens is cut in blocks of H (the windows).  Each block draws
/// one pattern: *pyramid* (token j at about (j + u) / W of the range, u in
/// 0..1, W in H/2..2H: the levels that a rolling window meets), *independent*
/// (every token uniform in 1..K), or else one *common* level, uniform in 1..K.
/// In some blocks a stretch at the right end is *known*: level 0 and no loss.
/// The context has one level for the clip, or one for each token, between 0 and
/// `context_most`; or it is dropped, all pure noise, so that the network also
/// learns to do without a past (history guidance needs that).
typedef struct {
  double pyramid;      ///< Share of blocks, 0.5
  double independent;  ///< Share of blocks, 0.2; the rest is common
  double known;        ///< Share of blocks with a known right end, 0.4
  double context_most; ///< Highest context level as a share of K, 0.2
  double context_each; ///< Share of clips with a level for each token, 1/3
  double context_none; ///< Share of clips without context, 0.1
} df_pattern_config;

/// The recipe's mixture, the numbers above.
df_pattern_config
df_pattern_config_default(void);

/// Draw the levels of one clip; the same `rng` gives the same levels.
///
/// @param K              1..4096
/// @param T              A multiple of H
/// @param context_level  [T] written, 0..K
/// @param window_level   [T] written, 0..K
/// @param loss_mask      [T] written, 1, or 0 where the token is known
void
df_pattern_draw(const df_pattern_config* config,
                df_rng*                  rng,
                int                      K,
                int                      T,
                int                      H,
                int*                     context_level,
                int*                     window_level,
                float*                   loss_mask);

#endif // DF_DIFFUSION_PATTERNS_H
