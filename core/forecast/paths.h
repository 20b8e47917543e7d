#ifndef DF_FORECAST_PATHS_H
#define DF_FORECAST_PATHS_H

#include "core/base/status.h"
#include "core/forecast/model.h"

#include <stdbool.h>
#include <stdint.h>

/// Joint sample paths of all series from an origin.
///
/// The past is remembered once; then each path grows out of noise along a
/// scheduling matrix (core/diffusion/plan.h) by second-order steps.  Of a model
/// with a network that is every other path, the first one first; the tokens of
/// the others are the noise itself, as of one without: forecasts that may be
/// wrong in different ways are better together than either.  How far these
/// spread follows from how far they missed of late; the network sees that for
/// itself.  With pins all are the network's, which alone tells what a row says
/// of those beside it.  Path n depends on (seed, origin, n) only, and on the
/// pins (core/series/base_pins.h): they correct every estimate of the tokens.
typedef struct {
  int      samples; ///< 1..100000
  int      passes;  ///< Steps from noise to clean of each token, 2..64
  double   slope;   ///< 0 all tokens at once, 1 pyramid, >= passes one by one
  uint64_t seed;
  const double* pins; ///< [H,D] known values, NAN where unknown; NULL for none
  double        pin_level;  ///< Noise of the pins, 0 exact .. 1 unknown
  const double* pin_levels; ///< [H,D] that of each, NAN where it is pin_level;
                            ///< NULL where it is of all
  bool steady; ///< No volatility (core/series/base.h): for rows that may be
               ///< forecasts themselves, which they never miss
} df_paths_config;

/// 100 paths of 12 passes, pyramid, seed 1.
df_paths_config
df_paths_config_default(void);

/// @param origin  df_base_view_first .. df_base_view_last of the view
/// @param paths   [samples,H,D] written
/// @return DF_OK, DF_E_ARG (config, origin), DF_E_FINITE (a pin) or
/// DF_E_NOMEM.
DF_NODISCARD
df_status
df_paths_sample(const df_forecast_model* model,
                const df_base_view*      view,
                int                      origin,
                const df_paths_config*   config,
                double*                  paths);

#endif // DF_FORECAST_PATHS_H
