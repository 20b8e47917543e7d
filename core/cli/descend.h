#ifndef DF_CLI_DESCEND_H
#define DF_CLI_DESCEND_H

#include "core/base/status.h"
#include "core/train/trainer.h"

/// A training run on the command line: progress, checkpoints, Ctrl-C.

/// From now on let Ctrl-C (SIGINT) or SIGTERM stop runs after the step that is
/// going on; a second one ends the process at once.
void
df_descend_catch(void);

/// Step until all steps are done or stopped, and show how it goes.
///
/// @param checkpoint  Written every `save` seconds and at the end
DF_NODISCARD
df_status
df_descend(df_trainer* trainer,
           const char* checkpoint,
           double      save,
           df_note*    note);

/// Take up a run from its checkpoint, and say where.
///
/// @return as df_trainer_resume.
DF_NODISCARD
df_status
df_descend_resume(df_trainer* trainer, const char* checkpoint, df_note* note);

/// Find out now, not after an hour, that a file cannot be written.
///
/// @return DF_OK or DF_E_IO; DF_E_NOMEM.
DF_NODISCARD
df_status
df_descend_check_output(const char* path, df_note* note);

/// The name of a file beside another: its own with `tail` behind it.
///
/// @return From malloc, freed by the caller, or NULL.
char*
df_descend_beside(const char* path, const char* tail);

#endif // DF_CLI_DESCEND_H
