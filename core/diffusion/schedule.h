#ifndef DF_DIFFUSION_SCHEDULE_H
#define DF_DIFFUSION_SCHEDULE_H

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>

/// How much signal and how much noise a token holds at each level.
///
/// Levels are integers k in 0..K: 0 is exactly clean, K is the noisiest.  At
/// level k
///
///     z_k = a[k] x_0 + s[k] eps,   eps ~ N(0, I),   a^2 + s^2 = 1,
///
/// with a = sqrt(abar), and in diffusion forcing every token of a window has a
/// level of its own.  Papers and their code number the noisy levels 0..K-1 and
/// write -1 for clean: their index i is our level i + 1, everywhere.
///
/// Sources: Chen et al. 2024, arXiv:2407.01392; linear: Ho et al. 2020,
/// arXiv:2006.11239; cosine: Nichol and Dhariwal 2021, arXiv:2102.09672;
/// sigmoid: Jabri et al. 2022, arXiv:2212.11972; zero-terminal: Lin et al.
/// 2023, arXiv:2305.08891.

typedef enum {
  DF_SCHEDULE_LINEAR,  ///< beta from 1e-4 to 2e-2, times 1000/K
  DF_SCHEDULE_COSINE,  ///< abar = cos^2, offset 0.008, beta at most 0.999
  DF_SCHEDULE_SIGMOID, ///< abar logistic from -3 to 3, beta at most 0.999
  DF_SCHEDULE_ANGLE    ///< a : s = shift cos(pi u/2) : sin(pi u/2), u = k/K
} df_schedule_kind;

typedef struct {
  df_schedule_kind kind;
  int              levels; ///< K, 1..4096
  double           shift;  ///< ANGLE only: signal scale, > 0 (0.5: half the
                           ///< levels are spent at high noise)
  bool zero_terminal;      ///< Rescale so that a[K] = 0 (ANGLE: always is)
} df_schedule_config;

/// One level of the ANGLE schedule, exact at both ends.
///
/// @param shift   > 0
/// @param levels  K
/// @param k       Clamped to 0..K
void
df_schedule_angle(double shift, int levels, int k, double* a, double* s);

/// Tables of a, s and abar in double.  Read-only once made, so any thread may
/// share it.
typedef struct df_schedule df_schedule;

/// Compute the tables.
///
/// @param arena   Owns the result, which lives as long as it does.
/// @param config  Not kept.
/// @param out     Set on success, unless the arena only measures.
/// @return DF_OK, DF_E_ARG for a field of `config`, or DF_E_NOMEM.
DF_NODISCARD df_status
df_schedule_make(df_arena*                 arena,
                 const df_schedule_config* config,
                 const df_schedule**       out);

/// K
DF_RT int
df_schedule_levels(const df_schedule* schedule);

/// Signal power a^2 at level 0..K: 1 at 0, then falling.
DF_RT double
df_schedule_abar(const df_schedule* schedule, int level);

/// Signal scale a at level 0..K.
DF_RT double
df_schedule_signal(const df_schedule* schedule, int level);

/// Noise scale s at level 0..K: 0 at 0, then rising.
DF_RT double
df_schedule_noise(const df_schedule* schedule, int level);

/// Signal-to-noise ratio a^2 / s^2; INFINITY at level 0.
DF_RT double
df_schedule_snr(const df_schedule* schedule, int level);

#endif // DF_DIFFUSION_SCHEDULE_H
