#define _GNU_SOURCE

#include "plugin/thread.h"

#include "tests/check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// A link of the test's own: it answers job i by its number, slowly if asked,
/// and not at all while it is held.
struct df_link {
  int         milliseconds;
  int64_t     newest;
  int         policy; ///< Of the thread that works
  int         priority;
  atomic_bool held;
};

void
df_link_process(df_link* const      link,
                const df_job* const job,
                const df_link_emit  emit,
                void* const         self)
{
  static const df_result blank;
  df_result* const       result = (df_result*)malloc(sizeof(df_result));
  CHECK(result);
  while (atomic_load(&link->held)) {
    (void)usleep(1000U);
  }
  if (link->milliseconds) {
    (void)usleep((useconds_t)link->milliseconds * 1000U);
  }
  struct sched_param at;
  CHECK(!sched_getparam(0, &at));
  link->policy   = sched_getscheduler(0);
  link->priority = at.sched_priority;
  *result        = blank;
  result->job    = job->index;
  result->wet    = job->active;
  result->count  = job->count;
  link->newest   = job->index;
  for (int i = 0; i < job->count; ++i) {
    result->audio[i] = job->x[i] + 1.0f;
    result->next[i]  = -job->x[i];
  }
  if (job->urgent) {
    result->index = job->index + 1;
    emit(self, result);
  }
  result->index = job->index + 2;
  emit(self, result);
  free(result);
}

static df_job job;

static const df_job*
make_job(const int64_t index, const bool urgent)
{
  job.index  = index;
  job.count  = 64 + (int)(index % 7);
  job.active = true;
  job.urgent = urgent;
  for (int i = 0; i < job.count; ++i) {
    job.x[i] = (float)index + 0.001f * (float)i;
  }
  return &job;
}

static struct timespec
later(const int seconds)
{
  struct timespec until;
  CHECK(!clock_gettime(CLOCK_REALTIME, &until));
  until.tv_sec += seconds;
  return until;
}

static void
check_result(const df_result* const r, const int64_t index)
{
  CHECK(r && r->job == index && r->wet);
  (void)make_job(index, false);
  CHECK(r->count == job.count);
  for (int i = 0; i < r->count; ++i) {
    CHECK(r->audio[i] == job.x[i] + 1.0f && r->next[i] == -job.x[i]);
  }
}

/// Offline every job is answered, whole and in order, far beyond the pool.
static void
test_wait(void)
{
  df_link    link   = {0, -1, 0, 0, false};
  df_thread* thread = NULL;
  CHECK(df_thread_make(&link, &thread) == DF_OK);
  const df_door         door  = df_thread_door(thread);
  const struct timespec until = later(30);
  df_thread_cycle(thread, false, &until);
  for (int64_t i = 0; i < 500; ++i) {
    const bool urgent = i % 5 == 0;
    CHECK(door.submit(door.self, make_job(i, urgent)));
    if (urgent) {
      const df_result* const first = door.fetch(door.self, true);
      CHECK(first && first->index == i + 1);
      check_result(first, i);
    }
    const df_result* const second = door.fetch(door.self, true);
    CHECK(second && second->index == i + 2);
    check_result(second, i);
  }
  // Nothing on its way: a wait ends at once, not at its time
  CHECK(!door.fetch(door.self, true));
  df_thread_free(thread);
}

/// In real time nothing waits: a queue that is full refuses.
static void
test_real_time(void)
{
  df_link    link   = {0, -1, 0, 0, true};
  df_thread* thread = NULL;
  CHECK(df_thread_make(&link, &thread) == DF_OK);
  const df_door door = df_thread_door(thread);
  df_thread_cycle(thread, false, NULL);
  int taken = 0;
  for (int64_t i = 0; i < 100; ++i) {
    taken += door.submit(door.self, make_job(i, false)) ? 1 : 0;
  }
  CHECK(taken == 16 || taken == 17);   // perhaps one in the engine's hand
  CHECK(!door.fetch(door.self, true)); // never blocks
  atomic_store(&link.held, false);
  df_thread_free(thread); // with jobs still queued
}

/// Muted, the engine idles, and a wait for it ends at once.
static void
test_mute(void)
{
  df_link    link   = {0, -1, 0, 0, false};
  df_thread* thread = NULL;
  CHECK(df_thread_make(&link, &thread) == DF_OK);
  const df_door         door  = df_thread_door(thread);
  const struct timespec until = later(30);
  df_thread_cycle(thread, true, &until);
  CHECK(!door.submit(door.self, make_job(0, false)));
  CHECK(!door.fetch(door.self, true));
  df_thread_free(thread);
  CHECK(link.newest == -1);
}

/// After a reset only answers to jobs submitted since are seen.
static void
test_reset(void)
{
  df_link    link   = {2, -1, 0, 0, false};
  df_thread* thread = NULL;
  CHECK(df_thread_make(&link, &thread) == DF_OK);
  const df_door         door  = df_thread_door(thread);
  const struct timespec until = later(30);
  for (int round = 0; round < 20; ++round) {
    df_thread_cycle(thread, false, NULL);
    for (int64_t i = 0; i < 5; ++i) {
      CHECK(door.submit(door.self, make_job(1000 + i, false)));
    }
    if (round % 2) {
      (void)door.fetch(door.self, false); // one in the hand
    }
    df_thread_reset(thread);
    df_thread_cycle(thread, false, &until);
    CHECK(door.submit(door.self, make_job(round, false)));
    check_result(door.fetch(door.self, true), round);
  }
  df_thread_free(thread);
}

/// An engine that hangs delays a cycle by its patience, no more: else this
/// would wait for ever.
static void
test_patience(void)
{
  df_link    link   = {0, -1, 0, 0, true};
  df_thread* thread = NULL;
  CHECK(df_thread_make(&link, &thread) == DF_OK);
  const df_door         door  = df_thread_door(thread);
  const struct timespec until = later(0);
  df_thread_cycle(thread, false, &until);
  CHECK(door.submit(door.self, make_job(0, false)));
  CHECK(!door.fetch(door.self, true));
  atomic_store(&link.held, false);
  df_thread_free(thread);
}

static void
check_priority(df_thread* const             thread,
               const df_link* const         link,
               const struct timespec* const cycle,
               const int                    policy,
               const int                    priority)
{
  const df_door         door  = df_thread_door(thread);
  const struct timespec until = later(30);
  df_thread_cycle(thread, false, cycle);
  CHECK(door.submit(door.self, make_job(1, false)));
  while (!door.fetch(door.self, false)) {
    struct timespec now;
    CHECK(!clock_gettime(CLOCK_REALTIME, &now) && now.tv_sec < until.tv_sec);
    (void)usleep(1000);
  }
  CHECK(link->policy == policy && link->priority == priority);
}

/// Real-time audio has the engine right behind it, but not offline; and nothing
/// is taken where audio itself is ordinary, or has the lowest priority.
static void
test_priority(void)
{
  const int                least  = sched_get_priority_min(SCHED_FIFO);
  const struct timespec    until  = later(30);
  struct sched_param       audio  = {.sched_priority = least + 1};
  const struct sched_param plain  = {.sched_priority = 0};
  df_link                  link   = {0, -1, 0, 0, false};
  df_thread*               thread = NULL;
  CHECK(df_thread_make(&link, &thread) == DF_OK);
  check_priority(thread, &link, NULL, SCHED_OTHER, 0);
  check_priority(thread, &link, &until, SCHED_OTHER, 0);
  if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &audio)) {
    printf("no right to real-time priority: not tested\n");
    df_thread_free(thread);
    return;
  }
  check_priority(thread, &link, NULL, SCHED_FIFO, least);
  check_priority(thread, &link, &until, SCHED_OTHER, 0);
  check_priority(thread, &link, NULL, SCHED_FIFO, least);
  check_priority(thread, &link, &until, SCHED_OTHER, 0);
  audio.sched_priority = least;
  CHECK(!pthread_setschedparam(pthread_self(), SCHED_FIFO, &audio));
  check_priority(thread, &link, NULL, SCHED_OTHER, 0);
  df_thread_free(thread);

  // Made by a thread that has real-time priority, as Ardour's are
  CHECK(df_thread_make(&link, &thread) == DF_OK);
  check_priority(thread, &link, &until, SCHED_OTHER, 0);
  df_thread_free(thread);
  CHECK(!pthread_setschedparam(pthread_self(), SCHED_OTHER, &plain));
}

int
main(void)
{
  test_wait();
  test_real_time();
  test_mute();
  test_reset();
  test_patience();
  test_priority();
  return 0;
}
