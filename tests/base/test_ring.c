#include "core/base/ring.h"

#include "tests/check.h"

#include <pthread.h>

/// Order is kept, full refuses, empty gives nothing.
static void
test_one_thread(void)
{
  df_arena arena = {NULL, 0U, 0U, false};
  df_ring* ring  = NULL;
  CHECK(df_ring_make(&arena, 3U, sizeof(int), &ring) == DF_OK);
  CHECK(df_arena_allocate(&arena) == DF_OK);
  CHECK(df_ring_make(&arena, 3U, sizeof(int), &ring) == DF_OK);
  int got = 0;
  CHECK(!df_ring_pull(ring, &got));
  for (int i = 0; i < 4; ++i) {
    CHECK(df_ring_push(ring, &i)); // rounded up to 4 places
  }
  const int extra = 9;
  CHECK(!df_ring_push(ring, &extra));
  CHECK(df_ring_count(ring) == 4U);
  for (int i = 0; i < 4; ++i) {
    CHECK(df_ring_pull(ring, &got) && got == i);
  }
  CHECK(!df_ring_pull(ring, &got));
  CHECK(df_ring_make(&arena, 0U, 4U, &ring) == DF_E_ARG);
  df_arena_free(&arena);
}

static void*
write_million(void* const self)
{
  df_ring* const ring = (df_ring*)self;
  for (int i = 0; i < 1000000; ++i) {
    while (!df_ring_push(ring, &i)) {
    }
  }
  return NULL;
}

/// Two threads: nothing is lost, doubled or reordered.
static void
test_two_threads(void)
{
  df_arena arena = {NULL, 0U, 0U, false};
  df_ring* ring  = NULL;
  CHECK(df_ring_make(&arena, 64U, sizeof(int), &ring) == DF_OK);
  CHECK(df_arena_allocate(&arena) == DF_OK);
  CHECK(df_ring_make(&arena, 64U, sizeof(int), &ring) == DF_OK);
  pthread_t thread;
  CHECK(!pthread_create(&thread, NULL, write_million, ring));
  for (int i = 0; i < 1000000;) {
    int got = -1;
    if (df_ring_pull(ring, &got)) {
      CHECK(got == i);
      ++i;
    }
  }
  CHECK(!pthread_join(thread, NULL));
  df_arena_free(&arena);
}

int
main(void)
{
  test_one_thread();
  test_two_threads();
  return 0;
}
