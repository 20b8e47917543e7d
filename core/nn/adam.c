#include "core/nn/adam.h"

#include <math.h>
#include <string.h>

// Numbers in one piece of a loop over a tensor
#define PIECE 16384U

df_adam_config
df_adam_config_default(void)
{
  return (df_adam_config){1e-3, 0.9, 0.98, 1e-8, 0.02, 1.0, 0.998, 0.95};
}

df_status
df_adam_make(df_arena* const        arena,
             const df_params* const params,
             const df_real* const   theta,
             df_adam** const        out)
{
  const size_t    total   = params->total;
  df_adam* const  adam    = DF_TAKE(arena, 1U, df_adam);
  df_real* const  m       = DF_TAKE(arena, total, df_real);
  df_real* const  v       = DF_TAKE(arena, total, df_real);
  df_real* const  average = DF_TAKE(arena, total, df_real);
  df_muon*        muon    = NULL;
  const df_status status  = df_muon_make(arena, params, &muon);
  if (status || !adam || !m || !v || !average || !muon) {
    return status ? status : df_arena_status(arena);
  }
  memcpy(average, theta, total * sizeof(df_real));
  *adam = (df_adam){total, m, v, average, 0, muon};
  *out  = adam;
  return DF_OK;
}

// In the order of the array, so that it does not depend on threads
static double
norm(const df_real* const x, const size_t n)
{
  double sums[8] = {0};
  for (size_t i = 0U; i < n; ++i) {
    sums[i % 8U] += (double)x[i] * (double)x[i];
  }
  double sum = 0.0;
  for (size_t l = 0U; l < 8U; ++l) {
    sum += sums[l];
  }
  return sqrt(sum);
}

typedef struct {
  const df_param* param;
  df_adam*        adam;
  df_real*        theta;
  const df_real*  grad;
  df_real         shrink; // of the gradient, to clip it
  df_real         beta1;
  df_real         beta2;
  df_real         rate; // over 1 - beta1^n
  df_real         root; // 1 / sqrt(1 - beta2^n)
  df_real         eps;
  df_real         keep; // 1 - rate decay
  df_real         blend;
} job;

static void
step(void* const self, const int index)
{
  const job* const     j     = (const job*)self;
  const size_t         begin = (size_t)index * PIECE;
  const size_t         left  = j->param->count - begin;
  const size_t         n     = left < PIECE ? left : PIECE;
  const size_t         at    = j->param->offset + begin;
  df_real* const       theta = j->theta + at;
  const df_real* const grad  = j->grad + at;
  df_real* const       m     = j->adam->m + at;
  df_real* const       v     = j->adam->v + at;
  df_real* const       ema   = j->adam->average + at;
  for (size_t i = 0U; i < n; ++i) {
    const df_real g = grad[i] * j->shrink;
    m[i] += (1 - j->beta1) * (g - m[i]);
    v[i] += (1 - j->beta2) * (g * g - v[i]);
#ifdef DF_REAL_DOUBLE
    const df_real spread = sqrt(v[i]) * j->root;
#else
    const df_real spread = sqrtf(v[i]) * j->root;
#endif
    theta[i] = j->keep * theta[i] - j->rate * m[i] / (spread + j->eps);
    ema[i] += j->blend * (theta[i] - ema[i]);
  }
}

// The average of what has been stepped already
static void
follow(void* const self, const int index)
{
  const job* const     j     = (const job*)self;
  const size_t         begin = (size_t)index * PIECE;
  const size_t         left  = j->param->count - begin;
  const size_t         n     = left < PIECE ? left : PIECE;
  const size_t         at    = j->param->offset + begin;
  const df_real* const theta = j->theta + at;
  df_real* const       ema   = j->adam->average + at;
  for (size_t i = 0U; i < n; ++i) {
    ema[i] += j->blend * (theta[i] - ema[i]);
  }
}

double
df_adam_step(df_adam* const              adam,
             df_pool* const              pool,
             const df_adam_config* const config,
             const df_params* const      params,
             df_real* const              theta,
             const df_real* const        grad)
{
  const double length = norm(grad, params->total);
  if (!isfinite(length)) {
    return length;
  }

  const double n     = (double)++adam->steps;
  const double start = (1.0 + n) / (10.0 + n);
  const double ema   = config->ema < start ? config->ema : start;
  const double clip  = length > config->clip ? config->clip / length : 1.0;
  const double first = 1.0 - pow(config->beta1, n);
  job          j     = {
                 .adam   = adam,
                 .theta  = theta,
                 .grad   = grad,
                 .shrink = (df_real)clip,
                 .beta1  = (df_real)config->beta1,
                 .beta2  = (df_real)config->beta2,
                 .rate   = (df_real)(config->rate / first),
                 .root   = (df_real)(1.0 / sqrt(1.0 - pow(config->beta2, n))),
                 .eps    = (df_real)config->eps,
                 .blend  = (df_real)(1.0 - ema),
  };
  const bool muon = config->momentum > 0.0;
  if (muon) {
    const df_muon_config of = {
      config->rate, config->momentum, config->decay, clip};
    df_muon_step(adam->muon, pool, &of, adam->m, theta, grad);
  }
  for (int i = 0; i < params->count; ++i) {
    const df_param* const p = &params->list[i];
    j.param                 = p;
    j.keep = (df_real)(1.0 - (p->decay ? config->rate * config->decay : 0.0));
    df_pool_run(pool,
                (int)((p->count + PIECE - 1U) / PIECE),
                muon && p->pieces ? follow : step,
                &j);
  }
  return length;
}
