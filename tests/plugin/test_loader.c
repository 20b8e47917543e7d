#include "plugin/loader.h"

#include "tests/check.h"

#include <sched.h>
#include <stdatomic.h>

static atomic_int*
count_of(void* const self, const int type)
{
  return (atomic_int*)self + type;
}

static void
count(void* const self, const df_msg* const message)
{
  (void)atomic_fetch_add(count_of(self, (int)message->type), 1);
}

/// Every message that was taken is worked on, also those still queued at the
/// end; a full queue refuses and takes again later.
static void
test_all_done(void)
{
  atomic_int counts[2];
  atomic_init(&counts[0], 0);
  atomic_init(&counts[1], 0);
  df_loader* loader = NULL;
  CHECK(df_loader_make(count, counts, &loader) == DF_OK);
  int sent[2] = {0, 0};
  for (int i = 0; i < 1000; ++i) {
    const df_msg message = {i % 3 ? DF_MSG_LOAD : DF_MSG_FREE};
    while (!df_loader_send(loader, &message)) {
      (void)sched_yield();
    }
    ++sent[message.type];
  }
  df_loader_free(loader);
  CHECK(atomic_load(&counts[0]) == sent[0]);
  CHECK(atomic_load(&counts[1]) == sent[1]);
  df_loader_free(NULL);
}

int
main(void)
{
  test_all_done();
  return 0;
}
