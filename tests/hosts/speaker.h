#ifndef DF_TESTS_HOSTS_SPEAKER_H
#define DF_TESTS_HOSTS_SPEAKER_H

#include "tests/check.h"
#include "tests/plugin/udp.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

/// A thread that speaks to a plugin by Open Sound Control without a pause,
/// while its test goes on.

/// A message; its numbers are always the same.
typedef struct {
  const char* name;
  const char* types;
  const char* word;
} df_speech;

typedef struct {
  const df_speech* messages; ///< Borrowed
  size_t           count;
  atomic_int       port; ///< Where the plugin listens, or 0
  atomic_bool      stop;
  atomic_int       answers;
  pthread_t        thread;
} df_speaker;

/// Say one of them, at once or in 5 ms, or what is no OSC at all.
static inline void
df_speaker_say(const df_speaker* const self, const int s, const size_t i)
{
  static const float values[] = {
    0.01f, 0.002f, 0.0f, 1.0f, 0.5f, 0.25f, 0.75f, 0.0f};
  const size_t    which = i % (self->count + 1U);
  char            path[64];
  char            packet[1024];
  struct timespec t = {0, 0};
  if (which == self->count) {
    (void)send(s, values, sizeof(values), 0);
    return;
  }
  const df_speech* const m = &self->messages[which];
  (void)snprintf(path, sizeof(path), "/dforce/*/%s", m->name);
  (void)clock_gettime(CLOCK_REALTIME, &t);
  const int64_t soon = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec + 5000000;
  const size_t  size =
    i % 2 && !m->word ? df_udp_bundle(packet, soon, path, m->types, values)
                       : df_udp_message(packet, path, m->types, values, m->word);
  (void)send(s, packet, size, 0); // the port may be closed by now
}

static inline void*
df_speaker_run(void* const handle)
{
  df_speaker* const self = (df_speaker*)handle;
  int               s    = -1; // one as long as the port is the same: a slow
  int               at   = 0;  // plugin answers what was said long ago
  while (!atomic_load(&self->stop)) {
    const int port = atomic_load(&self->port);
    if (s >= 0 && port != at) {
      (void)close(s);
      s = -1;
    }
    if (!port) {
      (void)usleep(1000U);
      continue;
    }
    if (s < 0) {
      s  = df_udp_open(NULL, "127.0.0.1", port);
      at = port;
    }
    char         packet[1024];
    const size_t size =
      df_udp_message(packet, "/dforce/*/subscribe", "", NULL, NULL);
    (void)send(s, packet, size, 0);
    for (size_t i = 0U; i < 100U; ++i) {
      df_speaker_say(self, s, i);
      (void)usleep(100U);
    }
    while (recv(s, packet, sizeof(packet), MSG_DONTWAIT) > 0) {
      (void)atomic_fetch_add(&self->answers, 1);
    }
  }
  if (s >= 0) {
    (void)close(s);
  }
  return NULL;
}

static inline void
df_speaker_start(df_speaker* const      self,
                 const df_speech* const messages,
                 const size_t           count)
{
  self->messages = messages;
  self->count    = count;
  atomic_init(&self->answers, 0);
  atomic_init(&self->port, 0);
  atomic_init(&self->stop, false);
  CHECK(!pthread_create(&self->thread, NULL, df_speaker_run, self));
}

/// Speak to this port from now on; 0: to none.
static inline void
df_speaker_turn(df_speaker* const self, const int port)
{
  atomic_store(&self->port, port);
}

/// How many answers there have been.
static inline int
df_speaker_answers(df_speaker* const self)
{
  return atomic_load(&self->answers);
}

static inline void
df_speaker_stop(df_speaker* const self)
{
  atomic_store(&self->stop, true);
  CHECK(!pthread_join(self->thread, NULL));
}

#endif // DF_TESTS_HOSTS_SPEAKER_H
