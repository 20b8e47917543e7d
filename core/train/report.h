#ifndef DF_TRAIN_REPORT_H
#define DF_TRAIN_REPORT_H

#include "core/base/status.h"
#include "core/picture/picture.h"
#include "core/train/checkpoint.h"

#include <stdint.h>

/// A run on one page, as PNG: loss, validation error by noise band, and a
/// held-out sound beside what the model makes of it.

/// Two sounds of the same length at one rate.
typedef struct {
  const float* truth;
  const float* made;
  const char*  about; ///< Title of `made`
  int64_t      count; ///< Samples of each, at least 1
  int          rate;  ///< Hz
  double       from;  ///< Seconds of `made` that are truth; below 0: no line
} df_report_sounds;

/// Width of a page, and height of the curves of a run.
#define DF_REPORT_WIDTH 1200
#define DF_REPORT_HEIGHT 400

/// Draw the curves of a run on the upper part of a page.
///
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD
df_status
df_report_draw(df_picture*           picture,
               const char*           title,
               const df_trainer_log* log);

/// @param title   Above all, one line
/// @param sounds  Nullable
/// @return DF_OK, DF_E_NOMEM or DF_E_IO.
DF_NODISCARD
df_status
df_report_write(const char*             path,
                const char*             title,
                const df_trainer_log*   log,
                const df_report_sounds* sounds,
                df_note*                note);

#endif // DF_TRAIN_REPORT_H
