#define _POSIX_C_SOURCE 200809L

#include "core/cli/descend.h"

#include "core/cli/progress.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Set by Ctrl-C.
static volatile sig_atomic_t interrupted;

static void
interrupt(const int number)
{
  (void)number;
  interrupted = 1;
}

void
df_descend_catch(void)
{
  struct sigaction action = {0};
  action.sa_handler       = interrupt;
  (void)sigemptyset(&action.sa_mask);
  action.sa_flags = (int)SA_RESETHAND; // a second Ctrl-C ends at once
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
}

/// Look at the validation clips and show it.
static df_status
check(df_trainer* const  trainer,
      df_progress* const progress,
      df_note* const     note)
{
  df_trainer_check found;
  const df_status  status = df_trainer_validate(trainer, &found, note);
  if (!status) {
    df_progress_check(progress, &found);
  }
  return status;
}

df_status
df_descend(df_trainer* const trainer,
           const char* const checkpoint,
           const double      save,
           df_note* const    note)
{
  const int64_t steps    = df_trainer_config(trainer)->steps;
  const int64_t every    = steps / 20 > 25 ? steps / 20 : 25;
  df_progress   progress = df_progress_begin(df_trainer_steps(trainer), steps);
  double        saved    = df_progress_now();
  df_status     status   = DF_OK;
  if (df_trainer_steps(trainer) == 0) {
    status = check(trainer, &progress, note);
  }
  while (!status && !interrupted && df_trainer_steps(trainer) < steps) {
    double loss        = 0.0;
    status             = df_trainer_step(trainer, &loss, note);
    const int64_t step = df_trainer_steps(trainer);
    if (!status) {
      df_progress_step(&progress, step, loss);
    }
    if (!status && (step % every == 0 || step == steps)) {
      status = check(trainer, &progress, note);
    }
    if (!status && df_progress_now() - saved >= save) {
      status = df_trainer_save(trainer, checkpoint, note);
      saved  = df_progress_now();
    }
  }
  df_progress_end(&progress);
  return status ? status : df_trainer_save(trainer, checkpoint, note);
}

df_status
df_descend_resume(df_trainer* const trainer,
                  const char* const checkpoint,
                  df_note* const    note)
{
  const df_status status = df_trainer_resume(trainer, checkpoint, note);
  if (!status) {
    printf("resuming at step %lld of %d\n",
           (long long)df_trainer_steps(trainer),
           df_trainer_config(trainer)->steps);
    (void)fflush(stdout);
  }
  return status;
}

char*
df_descend_beside(const char* const path, const char* const tail)
{
  const size_t front = strlen(path);
  const size_t back  = strlen(tail) + 1U;
  char* const  text  = (char*)malloc(front + back);
  if (text) {
    memcpy(text, path, front);
    memcpy(text + front, tail, back);
  }
  return text;
}

df_status
df_descend_check_output(const char* const path, df_note* const note)
{
  const char* const slash  = strrchr(path, '/');
  char* const       folder = df_descend_beside(slash ? path : ".", "");
  if (!folder) {
    return DF_E_NOMEM;
  }
  if (slash) {
    folder[slash == path ? 1 : slash - path] = '\0';
  }
  df_status   status = DF_OK;
  struct stat there;
  if (stat(path, &there) == 0 && !S_ISREG(there.st_mode)) {
    status = df_note_set(note, DF_E_IO, "--out: %.400s is not a file", path);
  } else if (access(folder, W_OK | X_OK) != 0) {
    status = df_note_set(
      note, DF_E_IO, "--out: cannot write in folder %.400s", folder);
  }
  free(folder);
  return status;
}
