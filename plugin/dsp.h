#ifndef DF_PLUGIN_DSP_H
#define DF_PLUGIN_DSP_H

#include "core/base/attr.h"
#include "plugin/plugin.h"

#include <stdint.h>

/// The audio thread.

/// As if nothing had sounded yet.  The model stays.
DF_RT
void
df_dsp_reset(df_plugin* self);

/// One cycle.
DF_RT
void
df_dsp_run(df_plugin* self, uint32_t n);

#endif // DF_PLUGIN_DSP_H
