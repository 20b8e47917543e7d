#ifndef DF_TESTS_ENGINE_PRETEND_H
#define DF_TESTS_ENGINE_PRETEND_H

#include "core/engine/voice.h"
#include "tests/check.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/// A voice before a pretended engine that answers every job with a steady
/// value, at once, or not before it is told to.

enum { RATE = 48000, HOP = 512, QUEUE = 64, TOTAL = 48000 };

typedef struct {
  df_result    results[QUEUE];
  int          written;
  int          taken;
  int          released; // results that may be fetched
  int          jobs;
  int          active_jobs;
  int          urgent_jobs;
  int          lookahead;
  float        noise; // of the last job
  bool         hold;  // do not release
  bool         fails; // to fill gaps
  int          gaps;  // jobs that brought one
  uint32_t     run;   // of the last job
  int64_t      next;  // job, were none missing
  int64_t      missing;
  const float* source; // what jobs at the model's rate are to hear; or NULL
} fake;

static inline bool
fake_submit(void* const self, const df_job* const job)
{
  fake* const f = (fake*)self;
  ++f->jobs;
  f->active_jobs += job->active;
  f->urgent_jobs += job->urgent;
  f->noise = job->noise;
  CHECK(job->run != 0U);
  f->run = job->run;
  f->missing += job->index - f->next;
  f->next = job->index + 1;
  if (f->source) {
    CHECK(!job->active && job->heard_from == 0 && job->heard_to == HOP);
    CHECK(!memcmp(job->x, f->source + job->index * HOP, HOP * sizeof(float)));
  }
  for (int extra = job->urgent ? 0 : 1; extra < 2; ++extra) {
    df_result* const r = &f->results[f->written++ % QUEUE];
    memset(r, 0, sizeof(*r));
    r->job   = job->index;
    r->index = job->index + 1 + extra - f->lookahead;
    r->more  = extra == 0;
    r->wet   = job->active;
    r->count = DF_HOP_MAX;
    r->busy  = 0.5f * HOP / RATE;
    for (int i = 0; i < DF_HOP_MAX; ++i) {
      r->audio[i] = 0.5f;
      r->next[i]  = 0.5f;
    }
    // A predictor that goes on with the last sample
    r->order        = 1;
    r->predictor[0] = 1.0f;
  }
  if (job->gap) { // filled with a steady value, of either sign
    f->results[(f->written - 1) % QUEUE].more = true;
    df_result* const r = &f->results[f->written++ % QUEUE];
    memset(r, 0, sizeof(*r));
    r->job      = job->index;
    r->index    = job->index + 2 - f->lookahead;
    r->channels = job->channels;
    r->gap_from = job->gap_from;
    r->gap      = f->fails ? 0 : job->gap;
    for (int i = 0; i < job->gap; ++i) {
      r->filled[0][i] = 0.1f;
      r->filled[1][i] = -0.1f;
    }
    CHECK(job->gap_right >= DF_MEND_LEAST);
    CHECK(job->channels == 1 || !memcmp(job->heard[0],
                                        job->heard[1],
                                        sizeof(float) * (size_t)job->count));
    ++f->gaps;
  }
  if (!f->hold) {
    f->released = f->written;
  }
  return true;
}

static inline const df_result*
fake_fetch(void* const self, const bool wait)
{
  fake* const f = (fake*)self;
  if (wait) {
    f->released = f->written;
  }
  return f->taken < f->released ? &f->results[f->taken++ % QUEUE] : NULL;
}

typedef struct {
  df_arena  arena;
  df_voice* voice;
  fake*     engine;
} setup;

static inline setup
make(const int lookahead, const double rate, const int channels)
{
  setup s = {{NULL, 0U, 0U, false}, NULL, (fake*)calloc(1U, sizeof(fake))};
  CHECK(s.engine);
  s.engine->lookahead = lookahead;
  const df_door door  = {s.engine, fake_submit, fake_fetch};
  CHECK(
    df_voice_make(
      &s.arena, rate, RATE, HOP, channels, lookahead, false, door, &s.voice) ==
    DF_OK);
  CHECK(df_arena_allocate(&s.arena) == DF_OK);
  CHECK(
    df_voice_make(
      &s.arena, rate, RATE, HOP, channels, lookahead, false, door, &s.voice) ==
    DF_OK);
  return s;
}

static inline void
unmake(setup* const s)
{
  df_arena_free(&s->arena);
  free(s->engine);
}

static inline df_voice_controls
offline(void)
{
  return (df_voice_controls){
    df_settings_default(), 0.02f, 1.0f, false, false, true};
}

static inline void
run(df_voice* const                voice,
    const df_voice_controls* const c,
    const float* const             in,
    float* const                   out,
    const float* const             lane,
    const int                      n,
    const int                      block)
{
  for (int at = 0; at < n; at += block) {
    const int          m       = at + block < n ? block : n - at;
    const float* const ins[1]  = {in + at};
    float* const       outs[1] = {out + at};
    df_voice_run(voice, c, ins, outs, lane + at, 1, m);
  }
}

static inline void
tone(float* const x)
{
  for (int i = 0; i < TOTAL; ++i) {
    x[i] = 0.3f * sinf((float)i * 0.05f);
  }
}

static inline void
gap(float* const lane, const int from, const int to, const float level)
{
  memset(lane, 0, TOTAL * sizeof(float));
  for (int i = from; i < to; ++i) {
    lane[i] = level;
  }
}

#endif // DF_TESTS_ENGINE_PRETEND_H
