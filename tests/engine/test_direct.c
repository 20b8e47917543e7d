#include "core/engine/direct.h"

#include "tests/check.h"
#include "tests/engine/rig.h"

#include <stdlib.h>

/// Jobs are answered at once, results come in order, each once; when nobody
/// takes them, jobs are refused rather than results lost.
int
main(void)
{
  df_instrument* const instrument = rig_instrument();
  df_link*             link       = NULL;
  df_direct*           direct     = NULL;
  df_note              note       = {""};
  df_job* const        job        = (df_job*)calloc(1U, sizeof(df_job));
  CHECK(job);
  CHECK(df_link_make(instrument, RIG_RATE, 0, &link, &note) == DF_OK);
  CHECK(df_direct_make(link, &direct) == DF_OK);
  const df_door door = df_direct_door(direct);
  job->count         = 256;
  job->heard_to      = 256;
  job->settings      = df_settings_default();
  CHECK(!door.fetch(door.self, true)); // and does not wait for nothing

  int64_t fetched = 0;
  int64_t taken   = 0;
  for (int64_t i = 0; i < 100; ++i) {
    job->index = i;
    if (!door.submit(door.self, job)) {
      CHECK(taken - fetched >= 8);
      for (const df_result* r; (r = door.fetch(door.self, false)); ++fetched) {
        CHECK(r->job == fetched && r->index == fetched + 2);
      }
      CHECK(fetched == taken);
      CHECK(door.submit(door.self, job));
    }
    ++taken;
  }
  CHECK(fetched > 0);

  // An urgent job is answered twice, in order
  while (door.fetch(door.self, false)) {
  }
  job->index    = 100;
  job->active   = true;
  job->urgent   = true;
  job->heard_to = 0;
  job->noise    = 1.0f;
  CHECK(door.submit(door.self, job));
  CHECK(door.fetch(door.self, true)->index == 101);
  CHECK(door.fetch(door.self, true)->index == 102);
  CHECK(!door.fetch(door.self, true));

  free(job);
  df_direct_free(direct);
  df_direct_free(NULL);
  df_link_free(link);
  df_instrument_free(instrument);
  return 0;
}
