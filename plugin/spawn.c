#include "plugin/spawn.h"

#include <sched.h>
#include <signal.h>

bool
df_spawn(pthread_t* const out, void* (*const work)(void*), void* const self)
{
  int                policy = SCHED_OTHER;
  struct sched_param at     = {.sched_priority = 0};
  pthread_attr_t     made;
  if (pthread_attr_init(&made)) {
    return false;
  }
  // A thread inherits its maker's priority unless told otherwise
  if (!pthread_getschedparam(pthread_self(), &policy, &at) &&
      (policy == SCHED_FIFO || policy == SCHED_RR)) {
    at.sched_priority = 0;
    (void)pthread_attr_setinheritsched(&made, PTHREAD_EXPLICIT_SCHED);
    (void)pthread_attr_setschedpolicy(&made, SCHED_OTHER);
    (void)pthread_attr_setschedparam(&made, &at);
  }
  sigset_t all;
  sigset_t old;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &old);
  const bool good = !pthread_create(out, &made, work, self);
  (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
  (void)pthread_attr_destroy(&made);
  return good;
}
