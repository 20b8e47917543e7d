#include "core/series/base.h"

#include "core/series/base_parts.h"

#include <math.h>

/// Share of a horizon's weight that the one before it has.
#define DECAY 0.6

/// Horizons counted besides, as far off as usual.
#define PRIOR 1.0

/// Horizons that the mean of all counts besides, as far off as `spread` says.
#define USUAL 4.0

/// Largest mean square that counts.
#define MOST 9.0

/// Mean square of the tokens from an origin on, weighted by what their factors
/// are worth; below 0 where less than half of these rows is known.
static double
miss(const df_base_view* const view, const int origin)
{
  const df_base* const base = view->base;
  const size_t         k    = (size_t)base->config.factors;
  const size_t         H    = (size_t)base->config.horizon;
  float                direct[DF_BASE_HORIZON * DF_BASE_FACTORS];
  float                x[DF_BASE_HORIZON * DF_BASE_FACTORS];
  double               sum   = 0.0;
  double               all   = 0.0;
  double               known = 0.0;
  df_base_direct(view, origin, direct);
  df_base_tokens(view, origin, direct, x);
  for (size_t j = 0U; j < k; ++j) {
    const double worth = (double)base->variance[j];
    all += worth;
    for (size_t h = 0U; h < H; ++h) {
      const double one = (double)x[h * k + j];
      sum += worth * one * one;
    }
  }
  for (size_t h = 0U; h < H; ++h) {
    known += 1.0 - (double)view->unknown[(size_t)origin + h];
  }
  return 2.0 * known < (double)H ? -1.0 : fmin(sum / (all * known), MOST);
}

double
df_base_volatility(const df_base_view* const view, const int origin)
{
  const df_base_config* const c       = &view->base->config;
  double                      weight  = 1.0;
  double                      sum     = 0.0;
  double                      weights = 0.0;
  double                      all     = USUAL;
  double                      count   = USUAL;
  const int                   first   = df_base_view_first(view);
  for (int i = 1; i <= DF_BASE_MISSES && !c->difference; ++i) {
    const int from = origin - i * c->horizon;
    if (from < first) {
      break;
    }
    const double one = miss(view, from);
    if (one >= 0.0) {
      sum += weight * one;
      weights += weight;
      all += one;
      count += 1.0;
    }
    weight *= DECAY;
  }
  const double usual = all / count;
  return sqrt((PRIOR * usual + sum) / ((PRIOR + weights) * usual));
}
