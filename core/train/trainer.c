#include "core/train/trainer.h"

#include "core/base/arena.h"
#include "core/base/rng.h"
#include "core/train/descent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// Streams of random numbers (base/rng.h), apart from those of the corpus.
enum { STREAM_PICK = 0x7430, STREAM_BATCH, STREAM_CHECK, STREAM_SPREAD };

/// Batches that the validation error is taken over, each H equally often.
#define CHECK_BATCHES 6

/// Batches that the spread about estimates is taken over, and levels on either
/// side that it is smoothed with.
#define SPREAD_BATCHES 24
#define SPREAD_SMOOTH 2

/// Tokens that the statistics of a model are taken over, at most.
#define STATISTICS_MOST 20000

struct df_trainer {
  df_train_config config;
  df_corpus*      corpus;
  df_pool*        pool;
  df_arena        model_arena;
  df_arena        arena;
  df_model*       model; ///< Weights averaged, when last asked for
  df_descent*     descent;
  df_adam*        adam;  ///< Of the descent
  df_clip*        clips; ///< [B]
  df_trainer_log  log;
};

static int
compare_floats(const void* const a, const void* const b)
{
  const float x = *(const float*)a;
  const float y = *(const float*)b;
  return (x > y) - (x < y);
}

/// Variance and range of each dimension over the training takes.
static df_status
measure_tokens(df_trainer* const self)
{
  const size_t C     = (size_t)self->config.model.token;
  const int    takes = df_corpus_takes(self->corpus, false);
  size_t       total = 0U;
  for (int i = 0; i < takes; ++i) {
    total += (size_t)df_corpus_take(self->corpus, false, i)->count;
  }
  const size_t stride = total / STATISTICS_MOST + 1U;
  float* const values = (float*)malloc((total / stride + 1U) * sizeof(float));
  if (!values) {
    return DF_E_NOMEM;
  }
  for (size_t c = 0U; c < C; ++c) {
    size_t count  = 0U;
    size_t row    = 0U;
    double square = 0.0;
    for (int i = 0; i < takes; ++i) {
      const df_take* const take = df_corpus_take(self->corpus, false, i);
      for (size_t t = 0U; t < (size_t)take->count; ++t, ++row) {
        if (row % stride == 0U) {
          const float x   = take->tokens[t * C + c];
          values[count++] = x;
          square += (double)x * (double)x;
        }
      }
    }
    qsort(values, count, sizeof(float), compare_floats);
    const size_t edge        = (size_t)(0.003 * (double)count);
    self->model->low[c]      = values[edge];
    self->model->high[c]     = values[count - 1U - edge];
    self->model->variance[c] = (float)fmax(square / (double)count, 1e-6);
  }
  free(values);
  return DF_OK;
}

static df_status
take_memory(df_trainer* const self)
{
  self->clips = DF_TAKE(&self->arena, (size_t)self->config.clips, df_clip);
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
    status = measure_tokens(self);
  }
  return status;
}

df_status
df_trainer_make(const df_train_config* const config,
                df_corpus* const             corpus,
                df_pool* const               pool,
                df_trainer** const           out,
                df_note* const               note)
{
  *out                     = NULL;
  df_status         status = df_train_config_check(config, note);
  df_trainer* const self   = (df_trainer*)calloc(1U, sizeof(df_trainer));
  if (!status && !self) {
    status = DF_E_NOMEM;
  }
  if (!status) {
    self->config = *config;
    self->corpus = corpus;
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

static double
token_rate(const df_train_config* const config)
{
  return (double)config->codec.rate /
         (double)(config->codec.hop * config->codec.frames);
}

/// Windows are a whole, a half or a quarter of the horizon.
static int
window_of(const df_train_config* const config, const uint32_t which)
{
  const int window = config->model.horizon >> which;
  return config->model.horizon % (1 << which) || window < 1
           ? config->model.horizon
           : window;
}

/// Every stretch of T tokens of every take is equally likely.
static void
pick_clips(df_trainer* const self, df_rng* const rng)
{
  const int T     = self->config.tokens;
  const int takes = df_corpus_takes(self->corpus, false);
  uint64_t  total = 0U;
  for (int i = 0; i < takes; ++i) {
    const int count = df_corpus_take(self->corpus, false, i)->count;
    total += (uint64_t)(count - T + 1);
  }
  for (int b = 0; b < self->config.clips; ++b) {
    uint64_t at = (uint64_t)(df_rng_uniform(rng) * (double)total);
    int      i  = 0;
    for (; i < takes - 1; ++i) {
      const int count = df_corpus_take(self->corpus, false, i)->count;
      if (at < (uint64_t)(count - T + 1)) {
        break;
      }
      at -= (uint64_t)(count - T + 1);
    }
    const df_take* const take = df_corpus_take(self->corpus, false, i);
    const uint64_t       most = (uint64_t)(take->count - T);
    self->clips[b]            = (df_clip){take, (int)(at < most ? at : most)};
  }
}

static df_batch_draw
draw_of(const df_train_config* const config,
        const uint32_t               which,
        const uint64_t               stream,
        const uint64_t               index)
{
  return (df_batch_draw){
    .H      = window_of(config, which),
    .drop   = config->drop,
    .rate   = token_rate(config),
    .seed   = config->seed,
    .stream = stream,
    .index  = index,
  };
}

void
df_trainer_try(df_trainer* const self, const int count)
{
  for (int i = 0; i < count; ++i) {
    df_rng rng = df_rng_make(self->config.seed, STREAM_PICK, (uint64_t)i);
    const df_batch_draw draw =
      draw_of(&self->config, (uint32_t)i % 3U, STREAM_BATCH, (uint64_t)i);
    pick_clips(self, &rng);
    df_descent_try(self->descent, &draw, self->clips);
  }
}

df_status
df_trainer_step(df_trainer* const self, double* const loss, df_note* const note)
{
  const df_train_config* const config = &self->config;
  const int64_t                step   = self->adam->steps;
  df_status status = df_corpus_refresh(self->corpus, step, self->pool, note);
  if (!status) {
    status = df_trainer_log_reserve(&self->log, (int)step + 1, 0);
  }
  if (status) {
    return status;
  }

  df_rng rng = df_rng_make(config->seed, STREAM_PICK, (uint64_t)step);
  const df_batch_draw draw =
    draw_of(config, df_rng_below(&rng, 3U), STREAM_BATCH, (uint64_t)step);
  pick_clips(self, &rng);
  double found = 0.0;
  status       = df_descent_step(
    self->descent, &draw, self->clips, learning_rate(config, step), &found);
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

/// Clips of batch `index`, spread evenly over the validation takes.
static void
spread_clips(df_trainer* const self, const int index)
{
  const int T     = self->config.tokens;
  const int B     = self->config.clips;
  const int takes = df_corpus_takes(self->corpus, true);
  for (int b = 0; b < B; ++b) {
    const int            number = index * B + b;
    const df_take* const take =
      df_corpus_take(self->corpus, true, number % takes);
    const int    rest = take->count - T;
    const double part = (double)number / (double)(CHECK_BATCHES * B - 1);
    self->clips[b]    = (df_clip){take, (int)(part * (double)rest)};
  }
}

df_status
df_trainer_validate(df_trainer* const       self,
                    df_trainer_check* const out,
                    df_note* const          note)
{
  const df_train_config* const config               = &self->config;
  double                       miss[DF_TRAIN_BANDS] = {0.0};
  double                       size[DF_TRAIN_BANDS] = {0.0};
  df_trainer_check             check                = {self->adam->steps, {0}};
  if (df_trainer_log_reserve(&self->log, 0, self->log.check_count + 1)) {
    return df_note_set(note, DF_E_NOMEM, "out of memory");
  }
  for (int i = 0; i < CHECK_BATCHES; ++i) {
    df_batch_draw draw =
      draw_of(config, (uint32_t)i % 3U, STREAM_CHECK, (uint64_t)i);
    draw.seed = 0U; // the same for every run, to compare them
    spread_clips(self, i);
    df_descent_errors(self->descent, &draw, self->clips, miss, size);
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

/// How far clean tokens lie from their estimates, on training clips.
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
    df_rng rng = df_rng_make(self->config.seed, STREAM_SPREAD, (uint64_t)i);
    const df_batch_draw draw =
      draw_of(&self->config, (uint32_t)i % 3U, STREAM_SPREAD, (uint64_t)i);
    pick_clips(self, &rng);
    df_descent_spread(self->descent, &draw, self->clips, squares, counts);
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
                            df_corpus_fingerprint(trainer->corpus),
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
                            df_corpus_fingerprint(trainer->corpus),
                            df_descent_theta(trainer->descent),
                            trainer->adam,
                            &trainer->log,
                            note);
}
