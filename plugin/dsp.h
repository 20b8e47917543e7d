#ifndef DF_PLUGIN_DSP_H
#define DF_PLUGIN_DSP_H

#include "core/base/attr.h"
#include "plugin/plugin.h"

#include <stddef.h>
#include <stdint.h>

/// The audio thread.

/// Choose a model file; an empty path leaves it to the slot.  Publishes.
///
/// @param slot    Of the `model` port that goes with it
/// @param length  Of the path; one that does not fit is not taken
DF_RT
void
df_dsp_choose(df_plugin* self, int slot, const char* path, size_t length);

/// As if nothing had sounded yet.  The model stays.
DF_RT
void
df_dsp_reset(df_plugin* self);

/// One cycle.
DF_RT
void
df_dsp_run(df_plugin* self, uint32_t n);

#endif // DF_PLUGIN_DSP_H
