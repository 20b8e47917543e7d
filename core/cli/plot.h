#ifndef DF_CLI_PLOT_H
#define DF_CLI_PLOT_H

#include "core/base/status.h"

#include <stddef.h>

/// Sounds below each other as spectrograms in one PNG, equally bright.

typedef struct {
  const char*  title;
  const float* x; ///< [n]
  size_t       n;
  int          rate; ///< Hz
} df_plot_sound;

/// @param count  1..16
/// @param mark   Seconds at which a line is drawn through all; below 0: none
DF_NODISCARD
df_status
df_plot_sounds(const char*          path,
               const df_plot_sound* sounds,
               int                  count,
               double               mark,
               df_note*             note);

#endif // DF_CLI_PLOT_H
