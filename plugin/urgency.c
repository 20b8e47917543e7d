#define _GNU_SOURCE

#include "plugin/urgency.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

bool
df_urgency_leaves_room(void)
{
  struct sched_param at     = {.sched_priority = 0};
  const int          policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
  return (policy == SCHED_FIFO || policy == SCHED_RR) &&
         !sched_getparam(0, &at) &&
         at.sched_priority > sched_get_priority_min(SCHED_FIFO);
}

void
df_urgency_take(const bool urgent)
{
  struct rlimit limit = {0U, 0U};
  if (urgent &&
      (getrlimit(RLIMIT_RTTIME, &limit) || limit.rlim_cur != RLIM_INFINITY)) {
    return;
  }
  const struct sched_param to = {
    .sched_priority = urgent ? sched_get_priority_min(SCHED_FIFO) : 0};
  (void)pthread_setschedparam(
    pthread_self(), urgent ? SCHED_FIFO : SCHED_OTHER, &to);
}
