#include "plugin/bell.h"

#include "tests/check.h"

#include <pthread.h>

typedef struct {
  df_bell    bell;
  atomic_int count;
  int        want;
} counter;

static struct timespec
later(const double seconds)
{
  struct timespec until;
  CHECK(!clock_gettime(CLOCK_REALTIME, &until));
  until.tv_nsec += (long)(seconds * 1e9);
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  return until;
}

static bool
is_reached(void* const self)
{
  counter* const c = (counter*)self;
  return atomic_load(&c->count) >= c->want;
}

static void*
count_up(void* const self)
{
  counter* const c = (counter*)self;
  for (int i = 0; i < 20000; ++i) {
    (void)atomic_fetch_add(&c->count, 1);
    df_bell_ring(&c->bell);
  }
  return NULL;
}

/// No ring is missed: every number counted up to is waited for and met.
static void
test_none_missed(void)
{
  counter c = {.want = 0};
  atomic_init(&c.count, 0);
  CHECK(df_bell_make(&c.bell));
  pthread_t thread;
  CHECK(!pthread_create(&thread, NULL, count_up, &c));
  const struct timespec until = later(30.0);
  for (c.want = 1; c.want <= 20000; ++c.want) {
    CHECK(df_bell_wait(&c.bell, &until, is_reached, &c));
  }
  CHECK(!pthread_join(thread, NULL));
  df_bell_free(&c.bell);
}

/// A wait ends at its time, and what is true already needs none.
static void
test_deadline(void)
{
  counter c = {.want = 1};
  atomic_init(&c.count, 0);
  CHECK(df_bell_make(&c.bell));
  const struct timespec soon = later(0.05);
  CHECK(!df_bell_wait(&c.bell, &soon, is_reached, &c));
  struct timespec now;
  CHECK(!clock_gettime(CLOCK_REALTIME, &now));
  const double over = (double)(now.tv_sec - soon.tv_sec) +
                      1e-9 * (double)(now.tv_nsec - soon.tv_nsec);
  CHECK(over >= 0.0 && over < 5.0); // the machine may be busy
  atomic_store(&c.count, 1);
  CHECK(df_bell_wait(&c.bell, &soon, is_reached, &c)); // although it is past
  df_bell_free(&c.bell);
}

int
main(void)
{
  test_none_missed();
  test_deadline();
  return 0;
}
