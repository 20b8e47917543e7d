#include "core/diffusion/schedule.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#define PI 3.14159265358979323846264338327950288
#define LEVELS_MOST 4096

struct df_schedule {
  int           levels;
  const double* abar;   // [K+1]
  const double* signal; // [K+1]
  const double* noise;  // [K+1]
};

/// The curve whose ratios give beta, at u in 0..1, up to a constant factor.
static double
curve(const df_schedule_kind kind, const double u)
{
  if (kind == DF_SCHEDULE_COSINE) {
    const double offset = 0.008;
    const double c      = cos(0.5 * PI * (u + offset) / (1.0 + offset));
    return c * c;
  }
  const double low  = 1.0 / (1.0 + exp(3.0));
  const double high = 1.0 / (1.0 + exp(-3.0));
  return (high - 1.0 / (1.0 + exp(3.0 - 6.0 * u))) / (high - low);
}

/// Noise added by the step from level i to level i + 1.
static double
beta(const df_schedule_kind kind, const int i, const int K)
{
  if (kind == DF_SCHEDULE_LINEAR) {
    const double scale = 1000.0 / K;
    const double low   = 1e-4 * scale;
    const double high  = 2e-2 * scale;
    const double step  = K > 1 ? (high - low) / (K - 1) : 0.0;
    return fmin(low + step * i, 0.999); // K below 21 would pass 1
  }
  const double ratio =
    curve(kind, (i + 1.0) / K) / curve(kind, (double)i / (double)K);
  return fmin(fmax(1.0 - ratio, 0.0), 0.999);
}

/// Rescale sqrt(abar) so that it ends at 0 and still starts at a[1].
static void
rescale(double* const abar, const int K)
{
  const double first = sqrt(abar[1]);
  const double last  = sqrt(abar[K]);
  if (K == 1) {
    abar[1] = 0.0;
    return;
  }
  for (int k = 1; k <= K; ++k) {
    const double a = (sqrt(abar[k]) - last) * (first / (first - last));
    abar[k]        = a * a;
  }
}

void
df_schedule_angle(const double  shift,
                  const int     levels,
                  const int     k,
                  double* const a,
                  double* const s)
{
  if (k <= 0 || k >= levels) { // exact, where cos(pi/2) would not be
    *a = k <= 0 ? 1.0 : 0.0;
    *s = k <= 0 ? 0.0 : 1.0;
    return;
  }
  const double angle  = 0.5 * PI * k / levels;
  const double signal = shift * cos(angle);
  const double added  = sin(angle);
  const double norm   = hypot(signal, added);
  *a                  = signal / norm;
  *s                  = added / norm;
}

df_status
df_schedule_make(df_arena* const                 arena,
                 const df_schedule_config* const config,
                 const df_schedule** const       out)
{
  const int  K     = config->levels;
  const bool angle = config->kind == DF_SCHEDULE_ANGLE;
  if (K < 1 || K > LEVELS_MOST || (unsigned)config->kind > DF_SCHEDULE_ANGLE ||
      (angle && !(config->shift > 0.0 && config->shift <= 1e6))) {
    return DF_E_ARG;
  }

  const size_t       count  = (size_t)K + 1U;
  df_schedule* const s      = DF_TAKE(arena, 1U, df_schedule);
  double* const      abar   = DF_TAKE(arena, count, double);
  double* const      signal = DF_TAKE(arena, count, double);
  double* const      noise  = DF_TAKE(arena, count, double);
  if (!s || !abar || !signal || !noise) {
    return df_arena_status(arena); // did not fit, or only measuring
  }

  if (angle) {
    for (int k = 1; k <= K; ++k) {
      df_schedule_angle(config->shift, K, k, &signal[k], &noise[k]);
      abar[k] = signal[k] * signal[k];
    }
  } else {
    double product = 1.0;
    for (int k = 1; k <= K; ++k) {
      product *= 1.0 - beta(config->kind, k - 1, K);
      abar[k] = product;
    }
    if (config->zero_terminal) {
      rescale(abar, K);
    }
    for (int k = 1; k <= K; ++k) {
      signal[k] = sqrt(abar[k]);
      noise[k]  = sqrt(1.0 - abar[k]);
    }
  }
  abar[0]   = 1.0;
  signal[0] = 1.0;
  noise[0]  = 0.0;

  *s   = (df_schedule){K, abar, signal, noise};
  *out = s;
  return DF_OK;
}

int
df_schedule_levels(const df_schedule* const schedule)
{
  return schedule->levels;
}

double
df_schedule_abar(const df_schedule* const schedule, const int level)
{
  assert(level >= 0 && level <= schedule->levels);
  return schedule->abar[level];
}

double
df_schedule_signal(const df_schedule* const schedule, const int level)
{
  assert(level >= 0 && level <= schedule->levels);
  return schedule->signal[level];
}

double
df_schedule_noise(const df_schedule* const schedule, const int level)
{
  assert(level >= 0 && level <= schedule->levels);
  return schedule->noise[level];
}

double
df_schedule_snr(const df_schedule* const schedule, const int level)
{
  assert(level >= 0 && level <= schedule->levels);
  const double s = schedule->noise[level];
  return level ? schedule->abar[level] / (s * s) : (double)INFINITY;
}
