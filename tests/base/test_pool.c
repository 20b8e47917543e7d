#include "core/base/pool.h"

#include "tests/check.h"

#include <stdatomic.h>

typedef struct {
  atomic_int done[1000];
} counts;

static void
count_one(void* const self, const int index)
{
  counts* const c = (counts*)self;
  (void)atomic_fetch_add(&c->done[index], 1);
}

/// Every piece is done exactly once, at any thread count, in every round.
static void
test_each_once(void)
{
  for (int threads = 1; threads <= 5; ++threads) {
    df_pool* pool = NULL;
    CHECK(df_pool_make(threads, &pool) == DF_OK);
    CHECK(df_pool_threads(pool) == threads);
    static counts c;
    for (int i = 0; i < 1000; ++i) {
      atomic_store(&c.done[i], 0);
    }
    for (int round = 0; round < 200; ++round) {
      df_pool_run(pool, 1000, count_one, &c);
    }
    for (int i = 0; i < 1000; ++i) {
      CHECK(atomic_load(&c.done[i]) == 200);
    }
    df_pool_free(pool);
  }
}

/// No pool is the caller alone, and a silly thread count is refused.
static void
test_edges(void)
{
  static counts c;
  df_pool*      pool = NULL;
  df_pool_run(NULL, 10, count_one, &c);
  CHECK(atomic_load(&c.done[9]) == 1 && atomic_load(&c.done[10]) == 0);
  CHECK(df_pool_make(0, &pool) == DF_E_ARG);
  CHECK(df_pool_make(257, &pool) == DF_E_ARG);
  df_pool_free(NULL);
}

int
main(void)
{
  test_each_once();
  test_edges();
  return 0;
}
