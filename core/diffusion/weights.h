#ifndef DF_DIFFUSION_WEIGHTS_H
#define DF_DIFFUSION_WEIGHTS_H

#include "core/base/attr.h"
#include "core/diffusion/forcing.h"
#include "core/diffusion/schedule.h"

/// How much the squared error of a token counts, by its level and its past's.
///
/// With C = clip, SNR = a^2 / s^2, S = min(SNR, C) / C, R = SNR / C and A the
/// running mean of S over the tokens before (A_1 = S_1, A_t = gamma A_{t-1} +
/// (1 - gamma) S_t; the first token sees 0),
///
///     F^c = 1 - (1 - gamma A)(1 - S),   F = 1 - (1 - gamma A)(1 - R)
///
///     objective   min-SNR               fused
///     noise       min(SNR, C) / SNR     F^c / F
///     x0          min(SNR, C)           C F^c
///     v           min(SNR, C)/(SNR+1)   C F^c / (C F + 1)
///
/// The weight belongs to the squared error of the network's own output.
/// Sources: Hang et al. 2023, arXiv:2303.09556; Chen et al. 2024, appendix B.1
/// (gamma inside F as in the code they ran).

typedef struct {
  df_objective objective; ///< NOISE, X0 or V
  double       clip;      ///< C, 5
  double       gamma;     ///< 0..1, fused only; 0 gives min-SNR
} df_weight_config;

/// Min-SNR weight of one token.
///
/// @param snr  0..INFINITY
DF_RT double
df_weight_min_snr(const df_weight_config* config, double snr);

/// Fused weight of one token.
///
/// @param past  A of the tokens before, 0..1
DF_RT double
df_weight_fused(const df_weight_config* config, double snr, double past);

/// Fused weights of one sequence.
///
/// @param level   [T] 0..K
/// @param weight  [T] written
DF_RT void
df_weight_sequence(const df_weight_config* config,
                   const df_schedule*      schedule,
                   const int*              level,
                   float*                  weight,
                   int                     T);

/// Weight of a squared x0 error under Wiener preconditioning:
/// min(1 / s^2, most), that of the network's own output but near no noise.
///
/// @param noise  s, 0..1
/// @param most   Above 0; min(1, 5 s^2) / s^2 is `most` 5
DF_RT double
df_weight_wiener(double noise, double most);

#endif // DF_DIFFUSION_WEIGHTS_H
