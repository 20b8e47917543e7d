#include "core/engine/direct.h"

#include <stdlib.h>

// A voice takes answers up to two hops after the job, two for an urgent one
#define QUEUE 16

struct df_direct {
  df_link*  link;
  unsigned  written;
  unsigned  taken;
  df_result results[QUEUE];
};

df_status
df_direct_make(df_link* const link, df_direct** const out)
{
  df_direct* const self = (df_direct*)calloc(1U, sizeof(*self));
  if (!self) {
    return DF_E_NOMEM;
  }
  self->link = link;
  *out       = self;
  return DF_OK;
}

void
df_direct_free(df_direct* const self)
{
  free(self);
}

static void
keep(void* const direct, const df_result* const result)
{
  df_direct* const self                = (df_direct*)direct;
  self->results[self->written % QUEUE] = *result;
  ++self->written;
}

static bool
submit(void* const direct, const df_job* const job)
{
  df_direct* const self = (df_direct*)direct;
  if (self->written - self->taken > QUEUE - 2U) {
    return false;
  }
  df_link_process(self->link, job, keep, self);
  return true;
}

static const df_result*
fetch(void* const direct, const bool wait)
{
  df_direct* const self = (df_direct*)direct;
  (void)wait;
  return self->taken < self->written ? &self->results[self->taken++ % QUEUE]
                                     : NULL;
}

df_door
df_direct_door(df_direct* const self)
{
  return (df_door){self, submit, fetch};
}
