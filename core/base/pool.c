#define _POSIX_C_SOURCE 200809L

#include "core/base/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct df_pool {
  pthread_t*      threads;
  int             helpers; // started threads, the caller not counted
  pthread_mutex_t mutex;
  pthread_cond_t  wake;
  pthread_cond_t  done;
  unsigned long   round; // counts loops, so that a late sleeper sees a new one
  bool            quit;
  df_pool_piece   piece;
  void*           self;
  int             next;
  int             count;
  int             busy;
};

// Called with the mutex held
static void
share(df_pool* const pool)
{
  ++pool->busy;
  while (pool->next < pool->count) {
    const int index = pool->next++;
    (void)pthread_mutex_unlock(&pool->mutex);
    pool->piece(pool->self, index);
    (void)pthread_mutex_lock(&pool->mutex);
  }
  if (--pool->busy == 0) {
    (void)pthread_cond_signal(&pool->done);
  }
}

static void*
help(void* const self)
{
  df_pool* const pool = (df_pool*)self;
  (void)pthread_mutex_lock(&pool->mutex);
  unsigned long seen = 0U;
  while (!pool->quit) {
    if (seen == pool->round) {
      (void)pthread_cond_wait(&pool->wake, &pool->mutex);
    } else {
      seen = pool->round;
      share(pool);
    }
  }
  (void)pthread_mutex_unlock(&pool->mutex);
  return NULL;
}

df_status
df_pool_make(const int threads, df_pool** const out)
{
  if (threads < 1 || threads > 256) {
    return DF_E_ARG;
  }
  df_pool* const pool = (df_pool*)calloc(1U, sizeof(df_pool));
  if (!pool) {
    return DF_E_NOMEM;
  }
  pool->threads = (pthread_t*)calloc((size_t)threads, sizeof(pthread_t));
  if (!pool->threads) {
    free(pool);
    return DF_E_NOMEM;
  }
  (void)pthread_mutex_init(&pool->mutex, NULL);
  (void)pthread_cond_init(&pool->wake, NULL);
  (void)pthread_cond_init(&pool->done, NULL);
  for (int i = 1; i < threads; ++i) {
    if (pthread_create(&pool->threads[pool->helpers], NULL, help, pool)) {
      df_pool_free(pool);
      return DF_E_AGAIN;
    }
    ++pool->helpers;
  }
  *out = pool;
  return DF_OK;
}

int
df_pool_threads(const df_pool* const pool)
{
  return pool ? pool->helpers + 1 : 1;
}

void
df_pool_run(df_pool* const      pool,
            const int           count,
            const df_pool_piece piece,
            void* const         self)
{
  if (!pool || !pool->helpers || count < 2) {
    for (int i = 0; i < count; ++i) {
      piece(self, i);
    }
    return;
  }
  (void)pthread_mutex_lock(&pool->mutex);
  pool->piece = piece;
  pool->self  = self;
  pool->next  = 0;
  pool->count = count;
  ++pool->round;
  (void)pthread_cond_broadcast(&pool->wake);
  share(pool);
  while (pool->busy) {
    (void)pthread_cond_wait(&pool->done, &pool->mutex);
  }
  (void)pthread_mutex_unlock(&pool->mutex);
}

void
df_pool_free(df_pool* const pool)
{
  if (!pool) {
    return;
  }
  (void)pthread_mutex_lock(&pool->mutex);
  pool->quit = true;
  (void)pthread_cond_broadcast(&pool->wake);
  (void)pthread_mutex_unlock(&pool->mutex);
  for (int i = 0; i < pool->helpers; ++i) {
    (void)pthread_join(pool->threads[i], NULL);
  }
  (void)pthread_cond_destroy(&pool->done);
  (void)pthread_cond_destroy(&pool->wake);
  (void)pthread_mutex_destroy(&pool->mutex);
  free(pool->threads);
  free(pool);
}
