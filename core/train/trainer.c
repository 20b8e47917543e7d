#include "core/train/trainer.h"

#include "core/base/arena.h"
#include "core/train/descent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// Batches that the spread about estimates is taken over, and levels on either
/// side that it is smoothed with.
#define SPREAD_BATCHES 24
#define SPREAD_SMOOTH 2

struct df_trainer {
  df_train_config config;
  df_source       source;
  df_pool*        pool;
  df_arena        model_arena;
  df_arena        arena;
  df_model*       model; ///< Weights averaged, when last asked for
  df_descent*     descent;
  df_adam*        adam; ///< Of the descent
  df_trainer_log  log;
};

static df_status
take_memory(df_trainer* const self)
{
  return df_descent_make(
    &self->arena, &self->config, self->model, self->pool, &self->descent);
}

static df_status
make_model(df_trainer* const self, df_note* const note)
{
  const df_model_config* const config = &self->config.model;
  df_status                    status =
    df_model_make(&self->model_arena, config, &self->model, note);
  if (!status) {
    status = df_arena_allocate(&self->model_arena);
  }
  if (!status) {
    status = df_model_make(&self->model_arena, config, &self->model, note);
  }
  if (!status) {
    df_params_init(&self->model->params, self->config.seed, self->model->theta);
    status = self->source.measure(self->source.self, self->model);
  }
  return status;
}

df_status
df_trainer_make(const df_train_config* const config,
                const df_source* const       source,
                df_pool* const               pool,
                df_trainer** const           out,
                df_note* const               note)
{
  *out                     = NULL;
  df_status         status = DF_OK;
  df_trainer* const self   = (df_trainer*)calloc(1U, sizeof(df_trainer));
  if (!status && !self) {
    status = DF_E_NOMEM;
  }
  if (!status) {
    self->config = *config;
    self->source = *source;
    self->pool   = pool;
    status       = make_model(self, note);
  }
  if (!status) {
    status = take_memory(self);
  }
  if (!status) {
    status = df_arena_allocate(&self->arena);
  }
  if (!status) {
    status = take_memory(self);
  }
  if (!status) {
    self->adam = df_descent_adam(self->descent);
  }
  if (status) {
    df_trainer_free(self);
    return status == DF_E_NOMEM ? df_note_set(note, status, "out of memory")
                                : status;
  }
  *out = self;
  return DF_OK;
}

void
df_trainer_free(df_trainer* const trainer)
{
  if (trainer) {
    df_arena_free(&trainer->arena);
    df_arena_free(&trainer->model_arena);
    free(trainer->log.losses);
    free(trainer->log.checks);
    free(trainer);
  }
}

void
df_trainer_plan(df_trainer* const trainer, const int steps)
{
  trainer->config.steps = steps;
}

/// Warm-up, then half a cosine from the full rate to its last share.
static double
learning_rate(const df_train_config* const config, const int64_t step)
{
  if (step < config->warmup) {
    return config->rate * (double)(step + 1) / (double)(config->warmup + 1);
  }
  const double whole = fmax((double)(config->steps - config->warmup), 1.0);
  const double part  = fmin((double)(step - config->warmup) / whole, 1.0);
  const double wave  = 0.5 + 0.5 * cos(3.141592653589793 * part);
  return config->rate * (config->last + (1.0 - config->last) * wave);
}

void
df_trainer_try(df_trainer* const self, const int count)
{
  for (int i = 0; i < count; ++i) {
    df_descent_try(
      self->descent,
      self->source.batch(self->source.self, DF_SOURCE_LEARN, (uint64_t)i));
  }
}

df_status
df_trainer_step(df_trainer* const self, double* const loss, df_note* const note)
{
  const df_train_config* const config = &self->config;
  const int64_t                step   = self->adam->steps;
  df_status status = self->source.refresh(self->source.self, step, note);
  if (!status) {
    status = df_trainer_log_reserve(&self->log, (int)step + 1, 0);
  }
  if (status) {
    return status;
  }

  const df_batch_view* const view =
    self->source.batch(self->source.self, DF_SOURCE_LEARN, (uint64_t)step);
  double found = 0.0;
  status =
    df_descent_step(self->descent, view, learning_rate(config, step), &found);
  if (status) {
    return df_note_set(note,
                       status,
                       "step %lld: the gradient is not finite; try a lower "
                       "rate than %g",
                       (long long)step,
                       config->rate);
  }
  self->log.losses[step] = (float)found;
  self->log.loss_count   = (int)step + 1;
  if (loss) {
    *loss = found;
  }
  return DF_OK;
}

df_status
df_trainer_validate(df_trainer* const       self,
                    df_trainer_check* const out,
                    df_note* const          note)
{
  double           miss[DF_TRAIN_BANDS] = {0.0};
  double           size[DF_TRAIN_BANDS] = {0.0};
  df_trainer_check check                = {self->adam->steps, {0}};
  if (df_trainer_log_reserve(&self->log, 0, self->log.check_count + 1)) {
    return df_note_set(note, DF_E_NOMEM, "out of memory");
  }
  for (int i = 0; i < DF_SOURCE_CHECKS; ++i) {
    df_descent_errors(
      self->descent,
      self->source.batch(self->source.self, DF_SOURCE_CHECK, (uint64_t)i),
      miss,
      size);
  }
  for (int b = 0; b < DF_TRAIN_BANDS; ++b) {
    check.band[b] = size[b] > 0.0 ? miss[b] / size[b] : 0.0;
  }
  self->log.checks[self->log.check_count++] = check;
  *out                                      = check;
  return DF_OK;
}

const df_train_config*
df_trainer_config(const df_trainer* const trainer)
{
  return &trainer->config;
}

int64_t
df_trainer_steps(const df_trainer* const trainer)
{
  return trainer->adam->steps;
}

const df_trainer_log*
df_trainer_history(const df_trainer* const trainer)
{
  return &trainer->log;
}

/// How far clean tokens lie from their estimates, where it was learned.
static df_status
measure_spread(df_trainer* const self)
{
  const size_t  C       = (size_t)self->config.model.token;
  const int     K       = self->config.model.levels;
  const size_t  levels  = (size_t)K + 1U;
  double* const squares = (double*)calloc(levels * C, sizeof(double));
  double* const counts  = (double*)calloc(levels, sizeof(double));
  const bool    fits    = squares && counts;
  for (int i = 0; i < SPREAD_BATCHES && fits; ++i) {
    df_descent_spread(
      self->descent,
      self->source.batch(self->source.self, DF_SOURCE_SPREAD, (uint64_t)i),
      squares,
      counts);
  }
  for (int k = 1; k <= K && fits; ++k) {
    const int low  = k - SPREAD_SMOOTH > 1 ? k - SPREAD_SMOOTH : 1;
    const int high = k + SPREAD_SMOOTH < K ? k + SPREAD_SMOOTH : K;
    for (size_t c = 0U; c < C; ++c) {
      double sum   = 0.0;
      double count = 0.0;
      for (int near = low; near <= high; ++near) {
        sum += squares[(size_t)near * C + c];
        count += counts[near];
      }
      self->model->spread[(size_t)k * C + c] =
        count > 0.0 ? (float)sqrt(sum / count) : 0.0f;
    }
  }
  free(squares);
  free(counts);
  return fits ? DF_OK : DF_E_NOMEM;
}

df_status
df_trainer_model(df_trainer* const trainer, const df_model** const out)
{
  const df_status status = measure_spread(trainer);
  memcpy(trainer->model->theta,
         trainer->adam->average,
         trainer->model->params.total * sizeof(df_real));
  *out = trainer->model;
  return status;
}

df_status
df_trainer_save(const df_trainer* const trainer,
                const char* const       path,
                df_note* const          note)
{
  return df_checkpoint_save(path,
                            &trainer->config,
                            trainer->source.fingerprint,
                            df_descent_theta(trainer->descent),
                            trainer->adam,
                            &trainer->log,
                            note);
}

df_status
df_trainer_resume(df_trainer* const trainer,
                  const char* const path,
                  df_note* const    note)
{
  return df_checkpoint_load(path,
                            &trainer->config,
                            trainer->source.fingerprint,
                            df_descent_theta(trainer->descent),
                            trainer->adam,
                            &trainer->log,
                            note);
}
