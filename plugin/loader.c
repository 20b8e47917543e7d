#include "plugin/loader.h"

#include "core/base/arena.h"
#include "core/base/ring.h"
#include "plugin/spawn.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

struct df_loader {
  void (*work)(void* self, const df_msg* message);
  void*       self;
  df_arena    arena; // holds the queue
  df_ring*    queue; // audio to loader
  sem_t       waiting;
  atomic_bool stop;
  pthread_t   thread;
};

static void*
serve(void* const handle)
{
  df_loader* const loader = (df_loader*)handle;
  bool             stop   = false;
  while (!stop) {
    while (sem_wait(&loader->waiting)) {
    }
    stop = atomic_load(&loader->stop);
    df_msg message;
    while (df_ring_pull(loader->queue, &message)) {
      loader->work(loader->self, &message);
    }
  }
  return NULL;
}

static df_status
make_queue(df_loader* const loader)
{
  for (int pass = 0; pass < 2; ++pass) {
    const df_status st =
      df_ring_make(&loader->arena, 8U, sizeof(df_msg), &loader->queue);
    if (st || (!pass && df_arena_allocate(&loader->arena))) {
      return DF_E_NOMEM;
    }
  }
  return DF_OK;
}

df_status
df_loader_make(void (*const work)(void* self, const df_msg* message),
               void* const       self,
               df_loader** const out)
{
  df_loader* const loader = (df_loader*)calloc(1U, sizeof(df_loader));
  if (!loader) {
    return DF_E_NOMEM;
  }
  loader->work = work;
  loader->self = self;
  atomic_init(&loader->stop, false);
  if (make_queue(loader)) {
    df_arena_free(&loader->arena);
    free(loader);
    return DF_E_NOMEM;
  }
  if (sem_init(&loader->waiting, 0, 0U)) {
    df_arena_free(&loader->arena);
    free(loader);
    return DF_E_AGAIN;
  }
  if (!df_spawn(&loader->thread, serve, loader)) {
    (void)sem_destroy(&loader->waiting);
    df_arena_free(&loader->arena);
    free(loader);
    return DF_E_AGAIN;
  }
  *out = loader;
  return DF_OK;
}

void
df_loader_free(df_loader* const loader)
{
  if (loader) {
    atomic_store(&loader->stop, true);
    (void)sem_post(&loader->waiting);
    (void)pthread_join(loader->thread, NULL);
    (void)sem_destroy(&loader->waiting);
    df_arena_free(&loader->arena);
    free(loader);
  }
}

bool
df_loader_send(df_loader* const loader, const df_msg* const message)
{
  const bool sent = df_ring_push(loader->queue, message);
  if (sent) {
    (void)sem_post(&loader->waiting);
  }
  return sent;
}
