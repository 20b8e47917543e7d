#include "core/train/batch.h"

#include "core/audio/recall.h"
#include "core/base/rng.h"
#include "core/diffusion/forcing.h"
#include "core/diffusion/patterns.h"
#include "core/diffusion/weights.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/// Rows of history that the lag search may look at, seconds.
#define LOOK_BACK 7.0

/// Most weight of a token near no noise.  The recipe's 5 learns every band of
/// noise more slowly (tests/bench/LOG.md).
#define WEIGHT_MOST 60.0

struct df_batch {
  df_batch_view view;
  bool          has_recall;
  int           levels; ///< K
  float*        clean;
  float*        context;
  float*        window;
  float*        eps;
  float*        recall;
  float*        confidence;
  int*          context_level;
  int*          window_level;
  float*        weight;

  // Of the filling going on
  const df_schedule*   schedule;
  const df_batch_draw* draw;
  const df_clip*       clips;
};

df_status
df_batch_make(df_arena* const              arena,
              const df_model_config* const config,
              const int                    B,
              const int                    T,
              df_batch** const             out)
{
  const size_t    steps   = (size_t)B * (size_t)T;
  const size_t    numbers = steps * (size_t)config->token;
  df_batch* const self    = DF_TAKE(arena, 1U, df_batch);
  df_batch        made    = {
              .view          = {.C = config->token},
              .has_recall    = config->recall,
              .levels        = config->levels,
              .clean         = DF_TAKE(arena, numbers, float),
              .context       = DF_TAKE(arena, numbers, float),
              .window        = DF_TAKE(arena, numbers, float),
              .eps           = DF_TAKE(arena, numbers, float),
              .recall        = DF_TAKE(arena, numbers, float),
              .confidence    = DF_TAKE(arena, steps, float),
              .context_level = DF_TAKE(arena, steps, int),
              .window_level  = DF_TAKE(arena, steps, int),
              .weight        = DF_TAKE(arena, steps, float),
  };
  if (!self || !made.weight) {
    return df_arena_status(arena);
  }
  made.view.clean  = made.clean;
  made.view.weight = made.weight;
  made.view.input  = (df_network_input){
     .B             = B,
     .T             = T,
     .context       = made.context,
     .context_level = made.context_level,
     .window        = made.window,
     .window_level  = made.window_level,
     .recall        = made.has_recall ? made.recall : NULL,
     .confidence    = made.has_recall ? made.confidence : NULL,
  };
  *self = made;
  *out  = self;
  return DF_OK;
}

/// Recall of the block that starts at token t of a clip.
static void
fill_recall(df_batch* const self,
            df_rng* const   rng,
            const int       clip,
            const int       t)
{
  const int            C    = self->view.C;
  const int            H    = self->draw->H;
  const df_clip* const of   = &self->clips[clip];
  const int            now  = of->from + t;
  const int            most = (int)(LOOK_BACK * self->draw->rate) + 1;
  const int            rows = now < most ? now : most;
  const bool           drop = df_rng_uniform(rng) < self->draw->drop;
  const float* const bands  = of->take->bands + (size_t)(now - rows) * DF_BANDS;
  const size_t       row    = (size_t)clip * (size_t)self->view.input.T;
  float* const       confidence = self->confidence + row + (size_t)t;
  float* const       recall     = self->recall + (row + (size_t)t) * (size_t)C;

  const df_recall found =
    drop ? (df_recall){0, 0.0f} : df_recall_find(bands, rows, self->draw->rate);
  const int  lag   = df_recall_cover(found.lag, H);
  const bool there = lag > 0 && lag <= now;
  for (int j = 0; j < H; ++j) {
    confidence[j] = there ? found.confidence : 0.0f;
  }
  if (there) {
    memcpy(recall,
           of->take->tokens + (size_t)(now - lag) * (size_t)C,
           (size_t)H * (size_t)C * sizeof(float));
  } else {
    memset(recall, 0, (size_t)H * (size_t)C * sizeof(float));
  }
}

/// One clip, by draws of its own, so that any thread may fill it.
static void
fill_clip(void* const data, const int clip)
{
  df_batch* const            self = (df_batch*)data;
  const df_batch_draw* const draw = self->draw;
  const int                  T    = self->view.input.T;
  const int                  B    = self->view.input.B;
  const size_t               C    = (size_t)self->view.C;
  const size_t               row  = (size_t)clip * (size_t)T;
  const size_t               size = (size_t)T * C;
  float* const               x0   = self->clean + row * C;
  const df_clip* const       of   = &self->clips[clip];
  const df_pattern_config    mix  = df_pattern_config_default();

  df_rng rng = df_rng_make(
    draw->seed, draw->stream, draw->index * (uint64_t)B + (uint64_t)clip);
  memcpy(x0, of->take->tokens + (size_t)of->from * C, size * sizeof(float));
  df_pattern_draw(&mix,
                  &rng,
                  self->levels,
                  T,
                  draw->H,
                  self->context_level + row,
                  self->window_level + row,
                  self->weight + row);
  for (int t = 0; t < T && self->has_recall; t += draw->H) {
    fill_recall(self, &rng, clip, t);
  }

  float* const eps = self->eps + row * C;
  df_rng_normal(&rng, eps, size);
  df_forcing_noise(self->schedule,
                   self->context + row * C,
                   x0,
                   eps,
                   self->context_level + row,
                   1,
                   T,
                   (int)C);
  df_rng_normal(&rng, eps, size);
  df_forcing_noise(self->schedule,
                   self->window + row * C,
                   x0,
                   eps,
                   self->window_level + row,
                   1,
                   T,
                   (int)C);
  for (size_t t = row; t < row + (size_t)T; ++t) {
    if (self->weight[t] > 0.0f) {
      const double s = df_schedule_noise(self->schedule, self->window_level[t]);
      self->weight[t] = (float)df_weight_wiener(s, WEIGHT_MOST);
    }
  }
}

const df_batch_view*
df_batch_fill(df_batch* const            batch,
              const df_schedule* const   schedule,
              const df_batch_draw* const draw,
              const df_clip* const       clips,
              df_pool* const             pool)
{
  batch->schedule     = schedule;
  batch->draw         = draw;
  batch->clips        = clips;
  batch->view.input.H = draw->H;
  df_pool_run(pool, batch->view.input.B, fill_clip, batch);

  const size_t steps =
    (size_t)batch->view.input.B * (size_t)batch->view.input.T;
  batch->view.counted = 0;
  for (size_t t = 0U; t < steps; ++t) {
    batch->view.counted += batch->weight[t] > 0.0f ? 1 : 0;
  }
  return &batch->view;
}

double
df_batch_loss(const df_batch_view* const view,
              const df_real* const       x0,
              df_real* const             dx0)
{
  const size_t C     = (size_t)view->C;
  const size_t steps = (size_t)view->input.B * (size_t)view->input.T;
  const double norm  = view->counted ? 1.0 / (view->counted * (double)C) : 0.0;
  double       loss  = 0.0;
  for (size_t t = 0U; t < steps; ++t) {
    const float* const want   = view->clean + t * C;
    const float* const got    = x0 + t * C;
    const float        weight = view->weight[t];
    const float        slope  = (float)(2.0 * norm) * weight;
    float              sum    = 0.0f;
    for (size_t c = 0U; c < C; ++c) {
      const float miss = got[c] - want[c];
      sum += miss * miss;
      if (dx0) {
        dx0[t * C + c] = slope * miss;
      }
    }
    loss += (double)(weight * sum);
  }
  return loss * norm;
}
