#ifndef DF_ENGINE_VIEW_H
#define DF_ENGINE_VIEW_H

#include "core/audio/bands.h"

/// What can be shown of an engine at work: the newest token it has finished,
/// and how sure it is of those it plans after it.

/// Most tokens in a view.
#define DF_VIEW_TOKENS 64

typedef struct {
  int   tokens;                ///< Planned ones, 0: nothing is planned
  float level[DF_VIEW_TOKENS]; ///< [tokens] noise levels 0..1, nearest first
  float bands[DF_BANDS];       ///< Of the newest finished: df_bands_pool
} df_view;

#endif // DF_ENGINE_VIEW_H
