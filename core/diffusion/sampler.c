#include "core/diffusion/sampler.h"

#include "core/base/rng.h"
#include "core/diffusion/forcing.h"
#include "core/diffusion/step.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct df_sampler {
  const df_schedule* schedule;
  int                T;
  int                C;
  float*             z;      // [T,C] as the tokens are
  float*             shown;  // [T,C] as one history term shows them
  float*             x0;     // [T,C] estimate
  float*             branch; // [T,C] estimate of one history term
  float*             last;   // [T,C] estimate of the pass before
  float*             g;      // [T,C] gradient
  float*             work;   // [4,T,C]
  float*             w;      // [C] draws of one step
  int*               level;  // [T] levels of z, 0 for given tokens
  int*               label;  // [T] levels as shown
  int*               before; // [T] level of `last`, 0 for none
};

df_status
df_sampler_make(df_arena* const          arena,
                const df_schedule* const schedule,
                const int                T,
                const int                C,
                df_sampler** const       out)
{
  if (T < 1 || C < 1) {
    return DF_E_ARG;
  }
  const size_t      n    = (size_t)T * (size_t)C;
  df_sampler* const self = DF_TAKE(arena, 1U, df_sampler);
  df_sampler        made = {.schedule = schedule, .T = T, .C = C};
  made.z                 = DF_TAKE(arena, n, float);
  made.shown             = DF_TAKE(arena, n, float);
  made.x0                = DF_TAKE(arena, n, float);
  made.branch            = DF_TAKE(arena, n, float);
  made.last              = DF_TAKE(arena, n, float);
  made.g                 = DF_TAKE(arena, n, float);
  made.work              = DF_TAKE(arena, 4U * n, float);
  made.w                 = DF_TAKE(arena, (size_t)C, float);
  made.level             = DF_TAKE(arena, (size_t)T, int);
  made.label             = DF_TAKE(arena, (size_t)T, int);
  made.before            = DF_TAKE(arena, (size_t)T, int);
  if (!self || !made.before) {
    return df_arena_status(arena);
  }
  *self = made;
  *out  = self;
  return df_arena_status(arena);
}

/// What one pass knows; also the denoiser that composes the history terms.
typedef struct {
  df_sampler*              own;
  const df_sampler_config* config;
  const df_denoiser*       denoiser;
  const int*               given;
  const df_history_term*   terms;
  int                      term_count;
  int                      row;
} pass;

static const df_history_term plain = {0, 1.0};

static bool
is_given(const int* const given, const int t)
{
  return given && given[t];
}

/// Noise keys: a token's own draws by (token, level), history's by (token,
/// row).
static df_rng
draws(const df_sampler_config* const config,
      const int                      t,
      const bool                     history,
      const int                      index)
{
  const uint64_t key = ((uint64_t)index << 1U) | (history ? 1U : 0U);
  return df_rng_make(config->seed, (uint64_t)(config->first + t), key);
}

/// Fill `shown` and `label`: window z at level, its history as `term` wants.
static void
show(const pass* const            p,
     const df_history_term* const term,
     const int                    T,
     const int                    C,
     const float* const           z,
     const int* const             level)
{
  df_sampler* const self = p->own;
  for (int t = 0; t < T; ++t) {
    const size_t row = (size_t)t * (size_t)C;
    if (level[t] > 0) {
      memcpy(self->shown + row, z + row, (size_t)C * sizeof(float));
      self->label[t] = level[t];
      continue;
    }
    const int least =
      is_given(p->given, t) ? p->config->given_level : p->config->own_level;
    self->label[t] = term->level > least ? term->level : least;
    df_rng rng     = draws(p->config, t, true, p->row);
    df_rng_normal(&rng, self->shown + row, (size_t)C);
    df_forcing_noise(self->schedule,
                     self->shown + row,
                     z + row,
                     self->shown + row,
                     &self->label[t],
                     1,
                     1,
                     C);
  }
}

static void
composed_predict(void* const        self,
                 const int          T,
                 const int          C,
                 const float* const z,
                 const int* const   level,
                 float* const       x0)
{
  const pass* const p   = (const pass*)self;
  df_sampler* const own = p->own;
  const size_t      n   = (size_t)T * (size_t)C;
  for (int i = 0; i < p->term_count; ++i) {
    show(p, &p->terms[i], T, C, z, level);
    float* const to = i ? own->branch : x0;
    p->denoiser->predict(p->denoiser->self, T, C, own->shown, own->label, to);

    // Running sum: x0 = w0 x0_0, then += wi x0_i
    const float* const    both[2] = {x0, own->branch};
    const df_history_term sums[2] = {{0, i ? 1.0 : p->terms[0].weight},
                                     {0, p->terms[i].weight}};
    df_history_compose(i ? 2 : 1, sums, both, x0, n);
  }
}

static void
composed_vjp(void* const        self,
             const int          T,
             const int          C,
             const float* const z,
             const int* const   level,
             const float* const dx0,
             float* const       dz)
{
  const pass* const p   = (const pass*)self;
  df_sampler* const own = p->own;
  const size_t      n   = (size_t)T * (size_t)C;
  for (int i = 0; i < p->term_count; ++i) {
    show(p, &p->terms[i], T, C, z, level);
    float* const to = i ? own->branch : dz;
    p->denoiser->vjp(p->denoiser->self, T, C, own->shown, own->label, dx0, to);
    const float* const    both[2] = {dz, own->branch};
    const df_history_term sums[2] = {{0, i ? 1.0 : p->terms[0].weight},
                                     {0, p->terms[i].weight}};
    df_history_compose(i ? 2 : 1, sums, both, dz, n);
  }
}

static void
step(const pass* const p,
     const int         t,
     const int         C,
     const int         from,
     const int         to)
{
  df_sampler* const self = p->own;
  const size_t      row  = (size_t)t * (size_t)C;
  float* const      w    = self->w;
  float* const      z    = self->z + row;
  const float*      x0   = self->x0 + row;
  df_rng            rng  = draws(p->config, t, false, to);
  if (p->config->kind == DF_SAMPLER_ANCESTRAL || p->config->eta > 0.0) {
    df_rng_normal(&rng, w, (size_t)C);
  }
  switch (p->config->kind) {
  case DF_SAMPLER_DDIM:
    df_step_ddim(self->schedule, from, to, p->config->eta, z, x0, w, C);
    break;
  case DF_SAMPLER_ANCESTRAL:
    df_step_ancestral(self->schedule, from, to, z, x0, w, C);
    break;
  case DF_SAMPLER_MULTISTEP:
    df_step_multistep(
      self->schedule, self->before[t], from, to, z, x0, self->last + row, C);
    memcpy(self->last + row, x0, (size_t)C * sizeof(float));
    self->before[t] = from;
    break;
  }
}

void
df_sampler_run(df_sampler* const              sampler,
               const df_sampler_config* const config,
               const df_denoiser* const       denoiser,
               const int                      T,
               const int                      C,
               const int                      rows,
               const int* const               plan,
               const int* const               given,
               float* const                   x)
{
  assert(T <= sampler->T && C <= sampler->C);
  const size_t n = (size_t)T * (size_t)C;
  const int    K = df_schedule_levels(sampler->schedule);
  memcpy(sampler->z, x, n * sizeof(float));
  for (int t = 0; t < T; ++t) {
    sampler->before[t] = 0;
    if (!is_given(given, t)) {
      df_rng rng = draws(config, t, false, K + 1);
      df_rng_normal(&rng, sampler->z + (size_t)t * (size_t)C, (size_t)C);
    }
  }

  for (int m = 0; m + 1 < rows; ++m) {
    const int* const now  = plan + (size_t)m * (size_t)T;
    const int* const next = now + T;

    // Without history all terms see the same window
    int* const level   = sampler->level;
    bool       history = false;
    for (int t = 0; t < T; ++t) {
      level[t] = is_given(given, t) ? 0 : now[t];
      history  = history || level[t] == 0;
    }
    const bool        guided   = history && config->terms;
    pass              p        = {sampler,
                                  config,
                                  denoiser,
                                  given,
              guided ? config->terms : &plain,
              guided ? config->term_count : 1,
                                  m};
    const df_denoiser composed = {&p, composed_predict, composed_vjp};
    composed_predict(&p, T, C, sampler->z, level, sampler->x0);

    const df_guide* const guide = config->guide;
    if (guide && guide->scale != 0.0) {
      df_guidance_gradient(guide,
                           &composed,
                           sampler->schedule,
                           T,
                           C,
                           sampler->z,
                           level,
                           sampler->x0,
                           config->seed,
                           config->first,
                           m,
                           sampler->work,
                           sampler->g);
    }
    for (int t = 0; t < T; ++t) {
      if (level[t] == 0 || next[t] == level[t]) {
        continue;
      }
      const size_t row = (size_t)t * (size_t)C;
      if (guide && guide->scale != 0.0) {
        df_guidance_shift(sampler->schedule,
                          level[t],
                          guide->scale,
                          sampler->g + row,
                          sampler->x0 + row,
                          C);
      }
      step(&p, t, C, level[t], next[t]);
    }
  }
  memcpy(x, sampler->z, n * sizeof(float));
}
