#ifndef DF_CLI_PROGRESS_H
#define DF_CLI_PROGRESS_H

#include "core/train/checkpoint.h"

#include <stdbool.h>
#include <stdint.h>

/// How a run is going: one line that is drawn over and over on a terminal,
/// plain lines elsewhere.
typedef struct {
  bool    terminal;
  int64_t first; ///< Step at which this process began
  int64_t steps; ///< In all
  double  begun; ///< Time at which the first step began
  double  shown; ///< Time of the last line
  double  loss;  ///< Running mean
  bool    open;  ///< A line stands unfinished
} df_progress;

/// Seconds of a clock that only goes forward.
double
df_progress_now(void);

/// Begin counting before the first step.
df_progress
df_progress_begin(int64_t first, int64_t steps);

/// After a step: show, when it is time to.
void
df_progress_step(df_progress* progress, int64_t step, double loss);

/// Show a check on a line of its own.
void
df_progress_check(df_progress* progress, const df_trainer_check* check);

/// Finish the line that stands.
void
df_progress_end(df_progress* progress);

#endif // DF_CLI_PROGRESS_H
