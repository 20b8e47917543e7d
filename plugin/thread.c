#include "plugin/thread.h"

#include "core/base/arena.h"
#include "core/base/ring.h"
#include "plugin/bell.h"
#include "plugin/denormals.h"
#include "plugin/spawn.h"
#include "plugin/urgency.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

// An overloaded engine falls this many hops behind, then loses hops instead
#define JOBS 16

// Two for every job waiting or in work (no urgent one brings a gap), and one in
// the voice's hands
#define RESULTS (2 * (JOBS + 1) + 1)

typedef struct {
  uint32_t epoch;
  df_job   job;
} job_slot;

typedef struct {
  uint32_t  epoch;
  df_result result;
} result_slot;

struct df_thread {
  df_arena     arena;
  df_link*     link;
  job_slot*    jobs;         // [JOBS]
  result_slot* results;      // [RESULTS]
  df_ring*     job_queue;    // audio to engine: numbers of jobs to do
  df_ring*     job_free;     // engine to audio: numbers of empty slots
  df_ring*     result_queue; // engine to audio
  df_ring*     result_free;  // audio to engine
  pthread_t    thread;
  sem_t        work; // counts queued jobs, and the order to stop
  df_bell      news; // rings at every result and at the end of every job
  atomic_bool  stop;
  atomic_uint  epoch;  // written by audio: older jobs and results are stale
  atomic_uint  done;   // written by engine: jobs finished
  atomic_bool  urgent; // written by audio: it has real-time priority

  // Audio thread only
  unsigned        submitted;
  int             held; // result slot in the voice's hands, or -1
  bool            mute;
  bool            wait;
  struct timespec until;

  // Engine thread only
  uint32_t doing; // epoch of the job at hand
  bool     hurried;
};

static df_status
carve(df_arena* const arena, df_thread** const out)
{
  df_thread* const   self         = DF_TAKE(arena, 1U, df_thread);
  job_slot* const    jobs         = DF_TAKE(arena, JOBS, job_slot);
  result_slot* const results      = DF_TAKE(arena, RESULTS, result_slot);
  df_ring*           job_queue    = NULL;
  df_ring*           job_free     = NULL;
  df_ring*           result_queue = NULL;
  df_ring*           result_free  = NULL;
  if (df_ring_make(arena, JOBS, sizeof(int), &job_queue) ||
      df_ring_make(arena, JOBS, sizeof(int), &job_free) ||
      df_ring_make(arena, RESULTS, sizeof(int), &result_queue) ||
      df_ring_make(arena, RESULTS, sizeof(int), &result_free) || !self) {
    return df_arena_status(arena);
  }
  self->jobs         = jobs;
  self->results      = results;
  self->job_queue    = job_queue;
  self->job_free     = job_free;
  self->result_queue = result_queue;
  self->result_free  = result_free;
  *out               = self;
  return DF_OK;
}

// The voice gets a hop's answer: only what is used of it is copied
static void
emit(void* const handle, const df_result* const result)
{
  df_thread* const self = (df_thread*)handle;
  int              at   = 0;
  if (!df_ring_pull(self->result_free, &at)) {
    return; // the host has stopped calling: nobody will miss it
  }
  const int        count = result->count > DF_HOP_MAX
                             ? DF_HOP_MAX
                             : (result->count > 0 ? result->count : 0);
  const size_t     size  = sizeof(float) * (size_t)count;
  df_result* const copy  = &self->results[at].result;
  memcpy(copy, result, offsetof(df_result, audio));
  copy->count = count;
  if (result->wet) {
    memcpy(copy->audio, result->audio, size);
    memcpy(copy->next, result->next, size);
  }
  copy->channels = result->channels;
  copy->gap_from = result->gap_from;
  copy->gap      = result->gap;
  for (int c = 0; c < result->channels && result->gap > 0; ++c) {
    memcpy(
      copy->filled[c], result->filled[c], sizeof(float) * (size_t)result->gap);
  }
  self->results[at].epoch = self->doing;
  (void)df_ring_push(self->result_queue, &at);
  df_bell_ring(&self->news);
}

static void*
serve(void* const handle)
{
  df_thread* const self = (df_thread*)handle;
  (void)df_denormals_off();
  for (;;) {
    while (sem_wait(&self->work)) {
    }
    if (atomic_load(&self->stop)) {
      return NULL;
    }
    int at = 0;
    if (df_ring_pull(self->job_queue, &at)) {
      job_slot* const slot   = &self->jobs[at];
      const bool      urgent = atomic_load(&self->urgent);
      if (urgent != self->hurried) {
        df_urgency_take(urgent);
        self->hurried = urgent;
      }
      self->doing = slot->epoch;
      if (slot->epoch == atomic_load(&self->epoch)) {
        df_link_process(self->link, &slot->job, emit, self);
      }
      (void)df_ring_push(self->job_free, &at);
      (void)atomic_fetch_add(&self->done, 1U);
      df_bell_ring(&self->news);
    }
  }
}

df_status
df_thread_make(df_link* const link, df_thread** const out)
{
  df_arena   arena = {NULL, 0U, 0U, false};
  df_thread* self  = NULL;
  df_status  st    = carve(&arena, &self);
  if (!st) {
    st = df_arena_allocate(&arena);
  }
  if (!st) {
    st = carve(&arena, &self);
  }
  if (st) {
    df_arena_free(&arena);
    return st;
  }
  self->arena = arena;
  self->link  = link;
  self->held  = -1;
  for (int i = 0; i < JOBS; ++i) {
    (void)df_ring_push(self->job_free, &i);
  }
  for (int i = 0; i < RESULTS; ++i) {
    (void)df_ring_push(self->result_free, &i);
  }
  atomic_init(&self->stop, false);
  atomic_init(&self->epoch, 1U);
  atomic_init(&self->done, 0U);
  atomic_init(&self->urgent, false);
  if (sem_init(&self->work, 0, 0U)) {
    df_arena_free(&arena);
    return DF_E_AGAIN;
  }
  if (!df_bell_make(&self->news)) {
    (void)sem_destroy(&self->work);
    df_arena_free(&arena);
    return DF_E_AGAIN;
  }
  if (!df_spawn(&self->thread, serve, self)) {
    df_bell_free(&self->news);
    (void)sem_destroy(&self->work);
    df_arena_free(&arena);
    return DF_E_AGAIN;
  }
  *out = self;
  return DF_OK;
}

void
df_thread_free(df_thread* const self)
{
  if (!self) {
    return;
  }
  atomic_store(&self->stop, true);
  (void)sem_post(&self->work);
  (void)pthread_join(self->thread, NULL);
  df_bell_free(&self->news);
  (void)sem_destroy(&self->work);
  df_arena arena = self->arena;
  df_arena_free(&arena);
}

static bool
slot_is_free(void* const handle)
{
  df_thread* const self = (df_thread*)handle;
  return df_ring_count(self->job_free) > 0U;
}

static bool
submit(void* const handle, const df_job* const job)
{
  df_thread* const self = (df_thread*)handle;
  int              at   = 0;
  if (self->mute ||
      (self->wait &&
       !df_bell_wait(&self->news, &self->until, slot_is_free, self)) ||
      !df_ring_pull(self->job_free, &at)) {
    return false;
  }
  job_slot* const slot  = &self->jobs[at];
  const int       count = job->count > DF_HOP_MAX ? DF_HOP_MAX : job->count;
  memcpy(&slot->job, job, offsetof(df_job, x));
  memcpy(slot->job.x, job->x, sizeof(float) * (size_t)count);
  for (int c = 0; c < job->channels; ++c) {
    memcpy(slot->job.heard[c], job->heard[c], sizeof(float) * (size_t)count);
  }
  slot->epoch = atomic_load(&self->epoch);
  atomic_store(&self->urgent, !self->wait && df_urgency_leaves_room());
  ++self->submitted;
  (void)df_ring_push(self->job_queue, &at);
  (void)sem_post(&self->work);
  return true;
}

// A result is there, or none will come unless a job is submitted
static bool
is_news(void* const handle)
{
  df_thread* const self = (df_thread*)handle;
  return df_ring_count(self->result_queue) > 0U ||
         atomic_load(&self->done) == self->submitted;
}

static void
let_go(df_thread* const self)
{
  if (self->held >= 0) {
    (void)df_ring_push(self->result_free, &self->held);
    self->held = -1;
  }
}

static const df_result*
fetch(void* const handle, const bool wait)
{
  df_thread* const self = (df_thread*)handle;
  let_go(self);
  for (;;) {
    if (wait && self->wait) {
      (void)df_bell_wait(&self->news, &self->until, is_news, self);
    }
    int at = 0;
    if (!df_ring_pull(self->result_queue, &at)) {
      return NULL;
    }
    self->held = at;
    if (self->results[at].epoch == atomic_load(&self->epoch)) {
      return &self->results[at].result;
    }
    let_go(self);
  }
}

df_door
df_thread_door(df_thread* const self)
{
  return (df_door){self, submit, fetch};
}

void
df_thread_cycle(df_thread* const             self,
                const bool                   mute,
                const struct timespec* const until)
{
  self->mute = mute;
  self->wait = until != NULL;
  if (until) {
    self->until = *until;
  }
}

void
df_thread_reset(df_thread* const self)
{
  (void)atomic_fetch_add(&self->epoch, 1U);
  let_go(self);
  int at = 0;
  while (df_ring_pull(self->result_queue, &at)) {
    (void)df_ring_push(self->result_free, &at);
  }
}
