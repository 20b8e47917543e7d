#include "core/train/sound_source.h"

#include "core/base/arena.h"
#include "core/base/rng.h"
#include "core/diffusion/schedule.h"

#include <math.h>
#include <stdlib.h>

/// Streams of random numbers (base/rng.h), apart from those of the corpus.
enum { STREAM_PICK = 0x7430, STREAM_BATCH, STREAM_CHECK, STREAM_SPREAD };

/// Tokens that the statistics of a model are taken over, at most.
#define STATISTICS_MOST 20000

struct df_sound_source {
  df_train_config    config;
  df_corpus*         corpus;
  df_pool*           pool;
  df_arena           arena;
  const df_schedule* schedule;
  df_batch*          batch;
  df_clip*           clips; ///< [B]
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
measure(void* const data, df_model* const model)
{
  const df_sound_source* const self  = (const df_sound_source*)data;
  const size_t                 C     = (size_t)self->config.model.token;
  const int                    takes = df_corpus_takes(self->corpus, false);
  size_t                       total = 0U;
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
    const size_t edge  = (size_t)(0.003 * (double)count);
    model->low[c]      = values[edge];
    model->high[c]     = values[count - 1U - edge];
    model->variance[c] = (float)fmax(square / (double)count, 1e-6);
  }
  free(values);
  return DF_OK;
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
pick_clips(df_sound_source* const self, df_rng* const rng)
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

/// Clips of batch `index`, spread evenly over the validation takes.
static void
spread_clips(df_sound_source* const self, const int index)
{
  const int T     = self->config.tokens;
  const int B     = self->config.clips;
  const int takes = df_corpus_takes(self->corpus, true);
  for (int b = 0; b < B; ++b) {
    const int            number = index * B + b;
    const df_take* const take =
      df_corpus_take(self->corpus, true, number % takes);
    const int    rest = take->count - T;
    const double part = (double)number / (double)(DF_SOURCE_CHECKS * B - 1);
    self->clips[b]    = (df_clip){take, (int)(part * (double)rest)};
  }
}

static df_status
refresh(void* const data, const int64_t step, df_note* const note)
{
  const df_sound_source* const self = (const df_sound_source*)data;
  return df_corpus_refresh(self->corpus, step, self->pool, note);
}

static const df_batch_view*
batch(void* const data, const df_source_use use, const uint64_t index)
{
  df_sound_source* const self  = (df_sound_source*)data;
  const uint32_t         third = (uint32_t)(index % 3U);
  df_batch_draw          draw;
  if (use == DF_SOURCE_LEARN) {
    df_rng rng = df_rng_make(self->config.seed, STREAM_PICK, index);
    draw = draw_of(&self->config, df_rng_below(&rng, 3U), STREAM_BATCH, index);
    pick_clips(self, &rng);
  } else if (use == DF_SOURCE_CHECK) {
    draw      = draw_of(&self->config, third, STREAM_CHECK, index);
    draw.seed = 0U; // the same for every run, to compare them
    spread_clips(self, (int)index);
  } else {
    df_rng rng = df_rng_make(self->config.seed, STREAM_SPREAD, index);
    draw       = draw_of(&self->config, third, STREAM_SPREAD, index);
    pick_clips(self, &rng);
  }
  return df_batch_fill(
    self->batch, self->schedule, &draw, self->clips, self->pool);
}

static df_status
take_memory(df_sound_source* const self)
{
  const df_train_config* const config = &self->config;
  const df_schedule_config     levels = {DF_SCHEDULE_ANGLE,
                                         config->model.levels,
                                         (double)config->model.shift,
                                         false};
  self->clips = DF_TAKE(&self->arena, (size_t)config->clips, df_clip);
  const df_status status =
    df_schedule_make(&self->arena, &levels, &self->schedule);
  return status ? status
                : df_batch_make(&self->arena,
                                &config->model,
                                config->clips,
                                config->tokens,
                                &self->batch);
}

df_status
df_sound_source_make(const df_train_config* const config,
                     df_corpus* const             corpus,
                     df_pool* const               pool,
                     df_sound_source** const      out,
                     df_note* const               note)
{
  *out             = NULL;
  df_status status = df_train_config_check(config, note);
  if (status) {
    return status;
  }
  df_sound_source* const self =
    (df_sound_source*)calloc(1U, sizeof(df_sound_source));
  if (!self) {
    return df_note_set(note, DF_E_NOMEM, "out of memory");
  }
  self->config = *config;
  self->corpus = corpus;
  self->pool   = pool;
  status       = take_memory(self);
  if (!status) {
    status = df_arena_allocate(&self->arena);
  }
  if (!status) {
    status = take_memory(self);
  }
  if (status) {
    df_sound_source_free(self);
    return df_note_set(note, status, "out of memory");
  }
  *out = self;
  return DF_OK;
}

void
df_sound_source_free(df_sound_source* const source)
{
  if (source) {
    df_arena_free(&source->arena);
    free(source);
  }
}

df_source
df_sound_source_of(df_sound_source* const source)
{
  return (df_source){
    source, refresh, measure, batch, df_corpus_fingerprint(source->corpus)};
}
