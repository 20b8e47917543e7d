#include "core/diffusion/guidance.h"

#include "core/base/rng.h"
#include "core/diffusion/forcing.h"

#include <string.h>

/// Insert by rising level, or add to the term of that level; returns the count.
static int
add_term(df_history_term* const terms,
         const int              count,
         const int              level,
         const double           weight)
{
  int at = 0;
  while (at < count && terms[at].level < level) {
    ++at;
  }
  if (at < count && terms[at].level == level) {
    terms[at].weight += weight;
    return count;
  }
  memmove(
    terms + at + 1, terms + at, (size_t)(count - at) * sizeof(df_history_term));
  terms[at] = (df_history_term){level, weight};
  return count + 1;
}

int
df_history_terms(const int                    K,
                 const int                    n,
                 const df_history_pull* const pulls,
                 df_history_term* const       terms)
{
  int count = add_term(terms, 0, K, 1.0);
  for (int i = 0; i < n; ++i) {
    count = add_term(terms, count, pulls[i].toward, pulls[i].weight);
    count = add_term(terms, count, pulls[i].away, -pulls[i].weight);
  }

  int kept = 0;
  for (int i = 0; i < count; ++i) {
    if (terms[i].weight != 0.0) {
      terms[kept++] = terms[i];
    }
  }
  return kept;
}

int
df_history_vanilla(const int              K,
                   const double           weight,
                   df_history_term* const terms)
{
  const df_history_pull pull = {0, K, weight};
  return df_history_terms(K, 1, &pull, terms);
}

int
df_history_fractional(const int              K,
                      const double           weight,
                      const int              level,
                      df_history_term* const terms)
{
  const df_history_pull pulls[2] = {{0, K, 1.0}, {level, K, weight - 1.0}};
  return df_history_terms(K, 2, pulls, terms);
}

void
df_history_compose(const int                    count,
                   const df_history_term* const terms,
                   const float* const* const    x,
                   float* const                 out,
                   const size_t                 n)
{
  if (count == 1 && terms[0].weight == 1.0) {
    memmove(out, x[0], n * sizeof(float));
    return;
  }
  for (size_t j = 0; j < n; ++j) {
    double sum = 0.0;
    for (int i = 0; i < count; ++i) {
      sum += terms[i].weight * (double)x[i][j];
    }
    out[j] = (float)sum;
  }
}

void
df_guidance_shift(const df_schedule* const schedule,
                  const int                level,
                  const double             scale,
                  const float* const       g,
                  float* const             x0,
                  const int                C)
{
  const double a = df_schedule_signal(schedule, level);
  const double s = df_schedule_noise(schedule, level);
  if (level == 0 || a <= 0.0 || scale == 0.0) {
    return;
  }
  const double move = scale * s * s / a;
  for (int c = 0; c < C; ++c) {
    x0[c] = (float)((double)x0[c] + move * (double)g[c]);
  }
}

/// One future: noise the estimate again, denoise it, and take the goal's
/// gradient back to the estimate; added to sum[T,C].
static void
add_future(const df_guide* const    guide,
           const df_denoiser* const denoiser,
           const df_schedule* const schedule,
           const int                T,
           const int                C,
           const int* const         level,
           const float* const       x0,
           df_rng                   rng,
           float* const             work,
           float* const             sum)
{
  const size_t n      = (size_t)T * (size_t)C;
  float* const again  = work;
  float* const future = work + n;
  float* const uphill = work + 2U * n;
  df_rng_normal(&rng, future, n);
  df_forcing_noise(schedule, again, x0, future, level, 1, T, C);
  denoiser->predict(denoiser->self, T, C, again, level, future);
  (void)guide->goal.value(guide->goal.self, T, C, future, uphill);
  denoiser->vjp(denoiser->self, T, C, again, level, uphill, future);
  for (int t = 0; t < T; ++t) {
    const size_t row  = (size_t)t * (size_t)C;
    const float  keep = (float)df_schedule_signal(schedule, level[t]);
    for (size_t c = row; c < row + (size_t)C; ++c) {
      sum[c] += keep * future[c] / (float)guide->samples;
    }
  }
}

void
df_guidance_gradient(const df_guide* const    guide,
                     const df_denoiser* const denoiser,
                     const df_schedule* const schedule,
                     const int                T,
                     const int                C,
                     const float* const       z,
                     const int* const         level,
                     const float* const       x0,
                     const uint64_t           seed,
                     const int64_t            first,
                     const int                row,
                     float* const             work,
                     float* const             g)
{
  const size_t n      = (size_t)T * (size_t)C;
  float* const uphill = work + 3U * n;
  if (guide->samples <= 1) {
    (void)guide->goal.value(guide->goal.self, T, C, x0, uphill);
  } else {
    memset(uphill, 0, n * sizeof(float));
    for (int r = 0; r < guide->samples; ++r) {
      const uint64_t pass = ((uint64_t)row << 32U) + (uint64_t)r;
      const df_rng   rng  = df_rng_make(~seed, (uint64_t)first, pass);
      add_future(guide, denoiser, schedule, T, C, level, x0, rng, work, uphill);
    }
  }
  denoiser->vjp(denoiser->self, T, C, z, level, uphill, g);
}
