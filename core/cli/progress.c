#define _POSIX_C_SOURCE 200809L

#include "core/cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR 24

/// Seconds between lines.
#define TERMINAL_EVERY 0.2
#define PLAIN_EVERY 10.0

double
df_progress_now(void)
{
  struct timespec at;
  (void)clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

df_progress
df_progress_begin(const int64_t first, const int64_t steps)
{
  const double now = df_progress_now();
  return (df_progress){
    isatty(STDOUT_FILENO) == 1, first, steps, now, now, 0.0, false};
}

static void
print_line(df_progress* const self, const int64_t step, const double now)
{
  const double done = (double)(step - self->first);
  const double took = now - self->begun;
  const double left = took / done * (double)(self->steps - step);
  const int    eta  = (int)(left + 0.5);
  if (self->terminal) {
    char      bar[BAR + 1];
    const int full = (int)((double)BAR * (double)step / (double)self->steps);
    memset(bar, '-', BAR);
    memset(bar, '#', (size_t)full);
    bar[BAR] = '\0';
    printf("\r[%s] ", bar);
  }
  printf("step %lld/%lld  loss %.4f  %.0f ms/step  left %d:%02d",
         (long long)step,
         (long long)self->steps,
         self->loss,
         1e3 * took / done,
         eta / 60,
         eta % 60);
  printf(self->terminal ? "   " : "\n");
  (void)fflush(stdout);
  self->open  = self->terminal;
  self->shown = now;
}

void
df_progress_step(df_progress* const self, const int64_t step, const double loss)
{
  const double count = (double)(step - self->first);
  const double part  = count < 50.0 ? 1.0 / count : 0.02;
  const double now   = df_progress_now();
  self->loss += part * (loss - self->loss);
  if (now - self->shown >= (self->terminal ? TERMINAL_EVERY : PLAIN_EVERY) ||
      step == self->steps) {
    print_line(self, step, now);
  }
}

void
df_progress_check(df_progress* const self, const df_trainer_check* const check)
{
  df_progress_end(self);
  printf("step %lld  validation by noise band:", (long long)check->step);
  for (int b = 0; b < DF_TRAIN_BANDS; ++b) {
    printf(" %.4f", check->band[b]);
  }
  (void)putchar('\n');
  (void)fflush(stdout);
}

void
df_progress_end(df_progress* const self)
{
  if (self->open) {
    (void)putchar('\n');
    self->open = false;
  }
}
