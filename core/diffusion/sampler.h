#ifndef DF_DIFFUSION_SAMPLER_H
#define DF_DIFFUSION_SAMPLER_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/diffusion/guidance.h"
#include "core/diffusion/schedule.h"

#include <stdint.h>

/// From noise to a whole window along a plan (plan.h), by steps (step.h).

typedef enum {
  DF_SAMPLER_DDIM,      ///< Song et al. 2020, arXiv:2010.02502, with eta
  DF_SAMPLER_ANCESTRAL, ///< Draw from q(z_to | z_from, x0); is DDIM, eta 1
  DF_SAMPLER_MULTISTEP  ///< DPM-Solver++(2M), Lu et al. 2022, arXiv:2211.01095
} df_sampler_kind;

typedef struct {
  df_sampler_kind kind;
  double          eta;   ///< DDIM only
  uint64_t        seed;  ///< Of all noise
  int64_t         first; ///< Number of the window's first token, for noise keys
  int             given_level; ///< Level at which given tokens are shown, 0..K
  int             own_level;   ///< The same for tokens this window has finished
  const df_history_term* terms; ///< History guidance, or NULL for plain
  int                    term_count;
  const df_guide*        guide; ///< Gradient guidance, or NULL for none
} df_sampler_config;

/// Buffers for windows up to [T,C]; belongs to one thread.
typedef struct df_sampler df_sampler;

/// @param schedule  Borrowed.
/// @return DF_OK, DF_E_ARG for T or C below 1, or DF_E_NOMEM.
DF_NODISCARD df_status
df_sampler_make(df_arena*          arena,
                const df_schedule* schedule,
                int                T,
                int                C,
                df_sampler**       out);

/// Sample a window along a plan.
///
/// Tokens not given start as N(0, I) and follow their column.  Given tokens
/// and, once at level 0, own ones are *history*: the denoiser sees them noised
/// afresh, with real noise, to given_level or own_level and labelled so; what
/// they hold does not change.  Each history term of the guidance shows them at
/// its level if that is higher.  Noise depends on (seed, token, level) or, for
/// history, on (seed, token, row), not on the order of work.
///
/// @param T, C   At most those of make.
/// @param plan   [rows,T] levels 0..K, never rising; the last row is all 0
/// @param given  [T] nonzero for given tokens, or NULL for none
/// @param x      [T,C] in: the given tokens, clean; out: all tokens, clean
void
df_sampler_run(df_sampler*              sampler,
               const df_sampler_config* config,
               const df_denoiser*       denoiser,
               int                      T,
               int                      C,
               int                      rows,
               const int*               plan,
               const int*               given,
               float*                   x);

#endif // DF_DIFFUSION_SAMPLER_H
