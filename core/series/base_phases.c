#include "core/series/base_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/// Fewest seasons that tell each phase from the next.
#define SEASONS 20

/// Parts of a season, half of which a phase counts on both sides of it where
/// seasons are fewer.
#define PARTS 12

/// Rows of all phases that each counts besides, there.
#define ROWS 24.0

/// Least variance of a phase, of that of all, there.
#define QUIET 0.01

/// Least spread of a phase, of that of all.
#define LEAST 0.1

/// Squares of what was missed, and their number, by phase.
typedef struct {
  int     phases;
  size_t  columns;
  double* sums;   // [phases,columns]
  double* counts; // [phases,columns]
  double* all;    // [columns] mean square over all phases; 0 where none was
} tally;

static bool
begin(const int phases, const size_t columns, tally* const out)
{
  const size_t  many  = (size_t)phases * columns;
  double* const space = (double*)calloc(2U * many + columns, sizeof(double));
  *out                = (tally){phases, columns, space, NULL, NULL};
  if (space) {
    out->counts = space + many;
    out->all    = space + 2U * many;
  }
  return space;
}

static void
end(tally* const t)
{
  free(t->sums);
}

static void
add(tally* const t, const int phase, const size_t column, const double miss)
{
  const size_t i = (size_t)phase * t->columns + column;
  t->sums[i] += miss * miss;
  t->counts[i] += 1.0;
}

/// Let each phase count its neighbours as well.
static void
widen(tally* const t, const size_t column)
{
  const int away = t->phases / (2 * PARTS);
  double    sums[DF_BASE_PHASES];
  double    counts[DF_BASE_PHASES];
  for (int p = 0; p < t->phases; ++p) {
    sums[p]   = t->sums[(size_t)p * t->columns + column];
    counts[p] = t->counts[(size_t)p * t->columns + column];
  }
  for (int p = 0; p < t->phases; ++p) {
    const size_t i = (size_t)p * t->columns + column;
    t->sums[i]     = 0.0;
    t->counts[i]   = 0.0;
    for (int n = -away; n <= away; ++n) {
      const int from = (p + n + t->phases) % t->phases;
      t->sums[i] += sums[from];
      t->counts[i] += counts[from];
    }
  }
}

/// All was added.
static void
settle(tally* const t, const bool tells)
{
  for (size_t c = 0U; c < t->columns; ++c) {
    double sum   = 0.0;
    double count = 0.0;
    for (int p = 0; p < t->phases; ++p) {
      sum += t->sums[(size_t)p * t->columns + c];
      count += t->counts[(size_t)p * t->columns + c];
    }
    t->all[c] = count > 0.0 ? sum / count : 0.0;
    if (!tells) {
      widen(t, c);
    }
  }
}

df_status
df_base_measure_phases(df_base* const            base,
                       const df_base_view* const view,
                       const float* const        r)
{
  const size_t D     = (size_t)base->series;
  const bool   tells = view->rows - view->begin >= SEASONS * base->phases;
  tally        t;
  if (!begin(base->phases, D, &t)) {
    return DF_E_NOMEM;
  }
  for (int row = view->begin; row < view->rows; ++row) {
    const int phase = df_base_phase(&base->config, &view->calendar, row);
    for (size_t d = 0U; d < D; ++d) {
      const double miss = (double)r[(size_t)row * D + d];
      if (!isnan(miss)) {
        add(&t, base->phases > 1 ? phase : 0, d, miss);
      }
    }
  }
  settle(&t, tells);
  for (size_t i = 0U; i < (size_t)base->phases * D; ++i) {
    const double all     = t.all[i % D];
    const double own     = t.counts[i] > 0.0 ? t.sums[i] / t.counts[i] : all;
    const double few     = sqrt(fmax(own, QUIET * all) * all);
    base->phase_scale[i] = (float)((tells ? own : few) + 1e-12);
  }
  end(&t);
  return DF_OK;
}

df_status
df_base_measure_by_phase(df_base* const base, const df_base_view* const view)
{
  const size_t k     = (size_t)base->config.factors;
  const int    H     = base->config.horizon;
  const int    from  = view->begin + DF_BASE_MEAN;
  const int    to    = view->rows - H;
  const bool   tells = to - from >= SEASONS * base->phases;
  const double some  = tells ? 0.0 : ROWS * H;
  float* const ahead = (float*)malloc((size_t)H * k * sizeof(float));
  tally        t;
  const bool   fits = begin(base->phases, k, &t) && ahead;
  for (int o = from; o <= to && fits && base->phases > 1; ++o) {
    const float* const f = df_base_factors(view, o);
    df_base_direct(view, o, ahead);
    for (int h = 0; h < H; ++h) {
      const int phase = df_base_phase(&base->config, &view->calendar, o + h);
      for (size_t j = 0U; j < k; ++j) {
        const size_t i = (size_t)h * k + j;
        add(&t, phase, j, (double)((f[i] - ahead[i]) / base->spread[i]));
      }
    }
  }
  if (fits) {
    settle(&t, tells);
  }
  for (size_t i = 0U; i < (size_t)base->phases * k && fits; ++i) {
    const double all   = t.all[i % k];
    const double count = t.counts[i] + some;
    const double own   = count > 0.0 ? (t.sums[i] + some * all) / count : 0.0;
    // Of all, where seasons are few, which `spread` says better than the fit
    const double of   = tells ? 1.0 : all;
    base->by_phase[i] = own > 0.0 ? (float)fmax(sqrt(own / of), LEAST) : 1.0f;
  }
  end(&t);
  free(ahead);
  return fits ? DF_OK : DF_E_NOMEM;
}
