#include "core/stream/stream.h"

#include "core/diffusion/schedule.h"
#include "core/diffusion/step.h"
#include "core/stream/past.h"
#include "core/stream/timing.h"
#include "core/stream/window.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#define UNDO_MOST 64

/// Own tokens that a change of their declared level goes back over.
#define RELEVEL_MOST 8

struct df_stream {
  const df_predictor* predictor;
  const df_schedule*  schedule;
  df_past*            past;
  df_stream_finish    finish;
  void*               self;
  df_stream_steer     steer;
  void*               steerer;
  df_stream_settings  settings;
  int                 K;
  int                 C;
  int                 most;     // config.horizon
  int                 memory;   // level at which own tokens are remembered
  int64_t             position; // next token to return
  int64_t             origin;   // first token of this run
  int64_t             hop;      // advances since origin
  bool                running;  // the window has been burst
  bool                recalls;  // the network has the recall input
  df_window           window;
  float*              in;         // [horizon,C] for the predictor
  float*              x0;         // [horizon,C]
  float*              in_recall;  // [horizon,C]
  float*              confidence; // [horizon]
  int*                level;      // [horizon]
  float*              w;          // [C]
  float*              sample;     // [C]
};

df_stream_settings
df_stream_settings_default(const df_model_config* const config)
{
  return (df_stream_settings){
    .horizon        = config->horizon < 16 ? config->horizon : 16,
    .slope          = 1.0f,
    .steps          = 1,
    .eta            = 1.0f,
    .guidance       = 1.0f,
    .guidance_level = 1.0f,
    .memory_noise   = 0.05f,
    .memory         = config->context,
    .seed           = 0U,
  };
}

df_status
df_stream_make(df_arena* const           arena,
               const df_predictor* const predictor,
               const df_stream_finish    finish,
               void* const               self,
               df_stream** const         out)
{
  const df_model_config* const config = df_predictor_config(predictor);
  const df_schedule_config     angle  = {
         DF_SCHEDULE_ANGLE, config->levels, (double)config->shift, true};

  if (config->side) {
    return DF_E_ARG;
  }
  df_stream* const stream = DF_TAKE(arena, 1U, df_stream);
  df_stream        made   = {.predictor = predictor,
                             .finish    = finish,
                             .self      = self,
                             .K         = config->levels,
                             .C         = config->token,
                             .most      = config->horizon,
                             .recalls   = config->recall};

  const size_t C  = (size_t)made.C;
  const size_t H  = (size_t)made.most;
  made.in         = DF_TAKE(arena, H * C, float);
  made.x0         = DF_TAKE(arena, H * C, float);
  made.in_recall  = DF_TAKE(arena, H * C, float);
  made.confidence = DF_TAKE(arena, H, float);
  made.level      = DF_TAKE(arena, H, int);
  made.w          = DF_TAKE(arena, C, float);
  made.sample     = DF_TAKE(arena, C, float);
  df_status st    = df_schedule_make(arena, &angle, &made.schedule);
  if (!st) {
    st = df_past_make(arena, predictor, made.schedule, &made.past);
  }
  if (!st) {
    // Pins that survive a drop reach UNDO_MOST further than those of the window
    st = df_window_make(arena,
                        made.schedule,
                        made.K,
                        made.C,
                        made.most,
                        2 * made.most + UNDO_MOST,
                        &made.window);
  }
  if (st || !stream || !made.past) {
    return st ? st : df_arena_status(arena);
  }
  *stream = made;
  df_stream_reset(stream);
  const df_stream_settings settings = df_stream_settings_default(config);
  df_stream_set(stream, &settings);
  *out = stream;
  return DF_OK;
}

/// First token not yet remembered; past `position` where the slope is below 1
/// and tokens are finished ahead of their hop.
static int64_t
front(const df_stream* const stream)
{
  return df_past_count(stream->past);
}

/// Drop the unfinished window, and what was finished but not returned.
static void
restart(df_stream* const stream)
{
  df_past_drop(stream->past, (int)(front(stream) - stream->position));
  stream->running = false;
  df_window_restart(&stream->window);
}

void
df_stream_reset(df_stream* const stream)
{
  df_past_reset(stream->past);
  stream->position = 0;
  stream->running  = false;
  df_window_reset(&stream->window);
}

static int
whole(const int x, const int low, const int high)
{
  return x < low ? low : x > high ? high : x;
}

/// NaN becomes the low end.
static float
real(const float x, const float low, const float high)
{
  return !(x > low) ? low : x > high ? high : x;
}

void
df_stream_set(df_stream* const stream, const df_stream_settings* const settings)
{
  const df_model_config* const config = df_predictor_config(stream->predictor);
  df_stream_settings           s      = *settings;

  s.horizon        = whole(s.horizon, 1, config->horizon);
  s.slope          = real(s.slope, 0.0f, 4.0f);
  s.steps          = whole(s.steps, 1, 8);
  s.eta            = real(s.eta, 0.0f, 1.5f);
  s.guidance       = real(s.guidance, 0.0f, 8.0f);
  s.guidance_level = real(s.guidance_level, 0.0f, 1.0f);
  s.memory_noise   = real(s.memory_noise, 0.0f, 0.5f);
  s.memory         = whole(s.memory, 1, config->context);

  const bool other = s.horizon != stream->settings.horizon ||
                     s.slope < stream->settings.slope ||
                     s.slope > stream->settings.slope;
  stream->settings = s;
  // Own tokens remembered lately count too, or it would be heard a token later
  const int memory = (int)lround((double)s.memory_noise * stream->K);
  if (memory != stream->memory && stream->memory > 0) {
    df_past_relevel(stream->past, stream->memory, memory, RELEVEL_MOST);
  }
  stream->memory      = memory;
  stream->window.seed = s.seed;
  df_past_seed(stream->past, s.seed);
  df_past_guide(stream->past,
                (double)s.guidance,
                (int)lround((double)s.guidance_level * stream->K));
  if (other) {
    restart(stream);
  }
}

void
df_stream_guide(df_stream* const      stream,
                const df_stream_steer steer,
                void* const           self)
{
  stream->steer   = steer;
  stream->steerer = self;
}

int64_t
df_stream_position(const df_stream* const stream)
{
  return stream->position;
}

/// Leave the token at `position` behind.
static void
pass_by(df_stream* const stream)
{
  df_window_at(&stream->window, stream->position)->index = -1;
  ++stream->position;
}

void
df_stream_push(df_stream* const stream, const float* const x0)
{
  restart(stream);
  df_past_push(stream->past, x0, 0);
  pass_by(stream);
}

static bool
in_reach(const df_stream* const stream, const int64_t index)
{
  return index >= stream->position &&
         index - stream->position < 2 * (int64_t)stream->most;
}

df_status
df_stream_pin(df_stream* const   stream,
              const int64_t      index,
              const float* const x0,
              const int          level)
{
  if (!in_reach(stream, index) || level < 0 || level > stream->K) {
    return DF_E_ARG;
  }
  df_window_slot* const s = df_window_claim(&stream->window, index);
  memcpy(df_window_row(&stream->window, stream->window.known, index),
         x0,
         (size_t)stream->C * sizeof(float));
  s->pin    = level;
  s->window = 0U;
  if (index < front(stream)) { // was finished ahead of its hop: take it back
    df_past_drop(stream->past, (int)(front(stream) - index));
    stream->window.before.valid = false;
  }
  return DF_OK;
}

df_status
df_stream_recall(df_stream* const   stream,
                 const int64_t      index,
                 const float* const recall,
                 const float        confidence)
{
  if (!in_reach(stream, index)) {
    return DF_E_ARG;
  }
  memcpy(df_window_row(&stream->window, stream->window.recall, index),
         recall,
         (size_t)stream->C * sizeof(float));
  df_window_claim(&stream->window, index)->confidence =
    real(confidence, 0.0f, 1.0f);
  return DF_OK;
}

/// Level that the schedule wants `early` hops before the present one.
static int
wanted(const df_stream* const stream, const int64_t index, const double early)
{
  const df_stream_settings* const s = &stream->settings;
  return df_timing_level(s->horizon,
                         (double)s->slope,
                         stream->K,
                         index - stream->origin,
                         stream->hop,
                         early);
}

/// Whether a clean token's time has come by then.
static bool
is_due(const df_stream* const stream, const int64_t index, const double early)
{
  const df_stream_settings* const s = &stream->settings;
  return df_timing_left(s->horizon,
                        (double)s->slope,
                        index - stream->origin,
                        stream->hop,
                        early) <= DF_TIMING_SLACK;
}

/// Gather the window for the predictor; true if the schedule moves any token.
static bool
gather(df_stream* const stream, const int64_t first, const double early)
{
  const size_t C     = (size_t)stream->C;
  bool         moves = false;
  for (int j = 0; j < stream->settings.horizon; ++j) {
    const int64_t               index = first + j;
    const df_window_slot* const s     = df_window_join(&stream->window, index);
    memcpy(stream->in + (size_t)j * C,
           df_window_row(&stream->window, stream->window.z, index),
           C * sizeof(float));
    memcpy(stream->in_recall + (size_t)j * C,
           df_window_row(&stream->window, stream->window.recall, index),
           C * sizeof(float));
    stream->confidence[j] = s->confidence;
    stream->level[j]      = s->level;
    moves                 = moves || wanted(stream, index, early) < s->level;
  }
  return moves;
}

/// Draw a clean token from what the estimate leaves open.
///
/// An estimate is a mean: steps that follow means alone lose variance, all the
/// more the longer they are.  Drawing about it keeps the variance at any number
/// of passes (for a Gaussian exactly; Bao et al. 2022, arXiv:2201.06503).
static void
scatter(df_stream* const   stream,
        const int64_t      index,
        const int          from,
        const float* const estimate,
        float* const       sample)
{
  const float* const spread = df_predictor_spread(stream->predictor, from);
  const float* const low    = df_predictor_low(stream->predictor);
  const float* const high   = df_predictor_high(stream->predictor);
  const float        share  = fminf(stream->settings.eta, 1.0f);
  memcpy(sample, estimate, (size_t)stream->C * sizeof(float));
  if (share > 0.0f) {
    df_window_draw(&stream->window, index, stream->K + from, stream->w);
    for (int c = 0; c < stream->C; ++c) {
      sample[c] =
        real(sample[c] + share * spread[c] * stream->w[c], low[c], high[c]);
    }
  }
}

/// Steer an estimate made at this level.
static void
steer(df_stream* const stream, const int level, float* const estimate)
{
  const float* const q     = df_predictor_variance(stream->predictor);
  const double       a     = df_schedule_signal(stream->schedule, level);
  const double       s     = df_schedule_noise(stream->schedule, level);
  const float*       about = df_predictor_spread(stream->predictor, level);
  bool               known = false;
  for (int c = 0; c < stream->C; ++c) {
    known = known || about[c] > 0.0f;
  }
  if (!known) {
    for (int c = 0; c < stream->C; ++c) {
      const double v = (double)q[c];
      stream->w[c]   = (float)sqrt(v * s * s / (a * a * v + s * s));
    }
    about = stream->w;
  }
  stream->steer(stream->steerer, about, estimate);
}

/// Take one token to its new level, by its new estimate.
static void
descend(df_stream* const   stream,
        const int64_t      index,
        const float* const x0,
        const int          level)
{
  df_window_slot* const s    = df_window_claim(&stream->window, index);
  const float*          low  = df_predictor_low(stream->predictor);
  const float*          high = df_predictor_high(stream->predictor);
  float* const z = df_window_row(&stream->window, stream->window.z, index);
  float* const estimate =
    df_window_row(&stream->window, stream->window.estimates, index);
  const double eta = (double)stream->settings.eta;
  if (s->level == 0) {
    return; // clean already: its estimate is itself
  }
  memcpy(estimate, x0, (size_t)stream->C * sizeof(float));
  if (stream->steer) {
    steer(stream, s->level, estimate);
  }
  for (int c = 0; c < stream->C; ++c) {
    estimate[c] = real(estimate[c], low[c], high[c]);
  }
  if (level >= s->level) {
    return;
  }
  scatter(stream, index, s->level, estimate, stream->sample);
  if (level == 0) {
    if (stream->finish) {
      stream->finish(stream->self, stream->sample);
    }
    memcpy(estimate, stream->sample, (size_t)stream->C * sizeof(float));
  } else if (eta > 0.0) {
    df_window_draw(&stream->window, index, level, stream->w);
  }
  df_step_ddim(stream->schedule,
               s->level,
               level,
               eta,
               z,
               stream->sample,
               stream->w,
               stream->C);
  s->level = level;
}

/// One pass over the window, to the levels of `early` hops before the present
/// one, then remember what is finished.
static void
pass(df_stream* const stream, const double early)
{
  const int64_t first = front(stream);
  const int     H     = stream->settings.horizon;
  if (gather(stream, first, early)) {
    df_past_predict(stream->past,
                    H,
                    stream->settings.memory,
                    stream->in,
                    stream->level,
                    stream->recalls ? stream->in_recall : NULL,
                    stream->confidence,
                    stream->x0);
    for (int j = 0; j < H; ++j) {
      const int64_t index = first + j;
      descend(stream,
              index,
              stream->x0 + (size_t)j * (size_t)stream->C,
              wanted(stream, index, early));
    }
  }

  for (int64_t index = first; index < first + H; ++index) {
    const df_window_slot* const s = df_window_claim(&stream->window, index);
    if (s->level > 0 || !is_due(stream, index, early)) {
      break;
    }
    df_past_push(stream->past,
                 df_window_row(&stream->window, stream->window.z, index),
                 s->pin == 0 ? 0 : stream->memory);
  }
}

bool
df_stream_replan(df_stream* const stream, const bool newest)
{
  if (!stream->window.before.valid) {
    return false;
  }
  // What was finished ahead of its hop cannot be mended pass by pass
  const int64_t last  = stream->position - 1;
  const bool    ahead = front(stream) > stream->position ||
                     (newest && stream->window.before.front > last);
  if (newest) {
    *df_window_at(&stream->window, last) = stream->window.before.passed;
    stream->position                     = last;
  }
  if (ahead) {
    restart(stream);
  } else if (newest) {
    const int64_t first = front(stream);
    df_past_drop(stream->past, (int)(first - stream->window.before.front));
    df_window_undo(&stream->window, first, stream->settings.horizon);
    --stream->hop;
  }
  return newest;
}

void
df_stream_advance(df_stream* const stream, float* const x0)
{
  const double steps  = stream->settings.steps;
  int          passes = stream->settings.steps;
  if (stream->running) {
    df_window_note(&stream->window,
                   stream->position,
                   front(stream),
                   stream->settings.horizon);
    ++stream->hop;
  } else {
    stream->running = true;
    stream->origin  = stream->position;
    stream->hop     = 0;
    passes          = (int)ceil(steps * df_timing_fall(stream->settings.horizon,
                                              (double)stream->settings.slope) -
                       DF_TIMING_SLACK);
  }
  for (int left = passes - 1; left >= 0; --left) {
    pass(stream, left / steps);
  }
  assert(front(stream) > stream->position);
  memcpy(x0,
         df_window_row(&stream->window, stream->window.z, stream->position),
         (size_t)stream->C * sizeof(float));
  pass_by(stream);
}

void
df_stream_drop(df_stream* const stream, const int n)
{
  assert(n >= 0 && n <= df_stream_undo(stream));
  restart(stream);
  df_past_drop(stream->past, n);
  stream->position -= n;
}

int
df_stream_undo(const df_stream* const stream)
{
  return df_past_undo(stream->past) - (int)(front(stream) - stream->position);
}

int
df_stream_peek(const df_stream* const stream, int* const level, float* const x0)
{
  const size_t C = (size_t)stream->C;
  for (int j = 0; j < stream->settings.horizon; ++j) {
    const int64_t               index = stream->position + j;
    const df_window_slot* const s     = df_window_at(&stream->window, index);
    const bool                  ours  = s->index == index;
    const bool   drawn  = ours && s->window == stream->window.count;
    const bool   pinned = ours && !drawn && s->pin >= 0;
    const float* from =
      drawn    ? df_window_row(&stream->window, stream->window.estimates, index)
      : pinned ? df_window_row(&stream->window, stream->window.known, index)
               : NULL;
    if (level) {
      level[j] = drawn ? s->level : pinned ? s->pin : stream->K;
    }
    if (x0 && from) {
      memcpy(x0 + (size_t)j * C, from, C * sizeof(float));
    } else if (x0) {
      memset(x0 + (size_t)j * C, 0, C * sizeof(float));
    }
  }
  return stream->settings.horizon;
}
