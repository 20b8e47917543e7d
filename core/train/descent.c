#include "core/train/descent.h"

#include "core/model/network.h"

#include <math.h>
#include <string.h>

struct df_descent {
  df_train_config config;
  const df_model* model;
  df_pool*        pool;
  df_network*     network;
  df_adam*        adam;
  df_real*        theta; ///< [total]
  df_real*        grad;  ///< [total]
  df_real*        x0;    ///< [B,T,C]
  df_real*        dx0;   ///< [B,T,C]
};

df_status
df_descent_make(df_arena* const              arena,
                const df_train_config* const config,
                const df_model* const        model,
                df_pool* const               pool,
                df_descent** const           out)
{
  const df_params* const params = &model->params;
  const size_t numbers = (size_t)config->clips * (size_t)config->tokens *
                         (size_t)config->model.token;
  df_descent* const self = DF_TAKE(arena, 1U, df_descent);
  df_descent        made = {.config = *config, .model = model, .pool = pool};
  made.theta             = DF_TAKE(arena, params->total, df_real);
  made.grad              = DF_TAKE(arena, params->total, df_real);
  made.x0                = DF_TAKE(arena, numbers, df_real);
  made.dx0               = DF_TAKE(arena, numbers, df_real);
  if (made.theta) {
    memcpy(made.theta, model->theta, params->total * sizeof(df_real));
  }
  df_status status = df_adam_make(arena, params, made.theta, &made.adam);
  if (!status) {
    status = df_network_make(
      arena, model, config->clips, config->tokens, pool, &made.network);
  }
  if (!status) {
    status = df_arena_status(arena);
  }
  if (!status && self) {
    *self = made;
    *out  = self;
  }
  return status;
}

/// Forward and backward; the gradient is left in `grad`.
static double
differentiate(df_descent* const self, const df_batch_view* const view)
{
  memset(self->grad, 0, self->model->params.total * sizeof(df_real));
  df_network_forward(self->network, self->theta, &view->input, self->x0);
  const double loss = df_batch_loss(view, self->x0, self->dx0);
  df_network_backward(
    self->network, self->theta, &view->input, self->dx0, self->grad, NULL);
  return loss;
}

df_status
df_descent_step(df_descent* const          self,
                const df_batch_view* const view,
                const double               rate,
                double* const              loss)
{
  *loss = differentiate(self, view);
  if (!isfinite(*loss)) {
    return DF_E_FINITE;
  }
  const df_adam_config adam = {
    .rate     = rate,
    .beta1    = self->config.beta1,
    .beta2    = self->config.beta2,
    .eps      = 1e-8,
    .decay    = self->config.decay,
    .clip     = self->config.clip,
    .ema      = self->config.average,
    .momentum = self->config.momentum,
  };
  const double norm = df_adam_step(self->adam,
                                   self->pool,
                                   &adam,
                                   &self->model->params,
                                   self->theta,
                                   self->grad);
  return isfinite(norm) ? DF_OK : DF_E_FINITE;
}

void
df_descent_try(df_descent* const self, const df_batch_view* const view)
{
  (void)differentiate(self, view);
}

void
df_descent_errors(df_descent* const          self,
                  const df_batch_view* const view,
                  double                     miss[DF_TRAIN_BANDS],
                  double                     size[DF_TRAIN_BANDS])
{
  df_network_forward(
    self->network, self->adam->average, &view->input, self->x0);
  const size_t C     = (size_t)view->C;
  const size_t steps = (size_t)view->input.B * (size_t)view->input.T;
  for (size_t t = 0U; t < steps; ++t) {
    const int level = view->input.window_level[t];
    if (view->weight[t] > 0.0f) {
      const int band = (level - 1) * DF_TRAIN_BANDS / self->config.model.levels;
      for (size_t i = t * C; i < (t + 1U) * C; ++i) {
        const double x = (double)view->clean[i];
        const double d = (double)self->x0[i] - x;
        miss[band] += d * d;
        size[band] += x * x;
      }
    }
  }
}

void
df_descent_spread(df_descent* const          self,
                  const df_batch_view* const view,
                  double* const              squares,
                  double* const              counts)
{
  df_network_forward(
    self->network, self->adam->average, &view->input, self->x0);
  const size_t C     = (size_t)view->C;
  const size_t steps = (size_t)view->input.B * (size_t)view->input.T;
  for (size_t t = 0U; t < steps; ++t) {
    const size_t level = (size_t)view->input.window_level[t];
    if (view->weight[t] > 0.0f) {
      counts[level] += 1.0;
      for (size_t c = 0U; c < C; ++c) {
        const double d =
          (double)self->x0[t * C + c] - (double)view->clean[t * C + c];
        squares[level * C + c] += d * d;
      }
    }
  }
}

df_real*
df_descent_theta(df_descent* const descent)
{
  return descent->theta;
}

df_adam*
df_descent_adam(df_descent* const descent)
{
  return descent->adam;
}

double
df_descent_flops(const df_train_config* const config, const int H)
{
  const df_model_config* const of     = &config->model;
  const double                 d      = (double)of->width;
  const double                 C      = (double)of->token;
  const double                 T      = (double)config->tokens;
  const double                 steps  = (double)config->clips * T;
  const double                 past   = fmin((double)of->context, T / 2.0);
  const double                 mlp    = 2.0 * d * (double)of->mlp;
  const double                 layers = (double)of->layers;
  double                       window = C * d * (of->recall ? 3.0 : 2.0);
  double                       known  = C * d;
  if (of->backbone == DF_BACKBONE_TRANSFORMER) {
    window += layers * (4.0 * d * d + mlp + 2.0 * d * (past + (double)H));
    known += layers * (2.0 * d * d) +
             (layers - 1.0) * (2.0 * d * d + mlp + 2.0 * d * past);
  } else {
    window += layers * (6.0 * d * d + mlp);
    known += layers * 6.0 * d * d + (layers - 1.0) * mlp;
  }
  return 3.0 * 2.0 * steps * (window + known);
}
