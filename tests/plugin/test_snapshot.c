#include "plugin/snapshot.h"

#include "tests/check.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

typedef struct {
  df_snapshot snapshot;
  atomic_bool stop;
} shared;

// Choice i: slot i, and a path of i % 4000 letters that depend on i
static void
make_choice(const int i, df_choice* const choice)
{
  const size_t length = (size_t)(i % 4000);
  choice->slot        = i;
  memset(choice->path, 'a' + i % 26, length);
  choice->path[length] = '\0';
}

static void*
write_many(void* const self)
{
  shared* const s = (shared*)self;
  for (int i = 1; !atomic_load(&s->stop); ++i) {
    df_choice choice;
    make_choice(i, &choice);
    df_snapshot_write(&s->snapshot, &choice);
  }
  return NULL;
}

/// A reader beside a writer sees whole choices, never half of one.
static void
test_whole(void)
{
  shared* const s = (shared*)calloc(1U, sizeof(shared));
  CHECK(s);
  df_choice got;
  df_snapshot_read(&s->snapshot, &got);
  CHECK(got.slot == 0 && !got.path[0]); // before the first write

  pthread_t thread;
  CHECK(!pthread_create(&thread, NULL, write_many, s));
  int newest = 0;
  for (int n = 0; n < 2000; ++n) {
    df_choice want;
    df_snapshot_read(&s->snapshot, &got);
    make_choice(got.slot, &want);
    CHECK(got.slot == 0 || !strcmp(got.path, want.path));
    CHECK(got.slot >= newest);
    newest = got.slot;
  }
  atomic_store(&s->stop, true);
  CHECK(!pthread_join(thread, NULL));
  free(s);
}

/// The longest path survives.
static void
test_longest(void)
{
  shared* const s = (shared*)calloc(1U, sizeof(shared));
  CHECK(s);
  df_choice choice = {7, ""};
  df_choice got;
  memset(choice.path, 'x', sizeof(choice.path) - 1U);
  df_snapshot_write(&s->snapshot, &choice);
  df_snapshot_read(&s->snapshot, &got);
  CHECK(got.slot == 7 && !strcmp(got.path, choice.path));
  free(s);
}

int
main(void)
{
  test_whole();
  test_longest();
  return 0;
}
