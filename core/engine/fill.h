#ifndef DF_ENGINE_FILL_H
#define DF_ENGINE_FILL_H

#include "core/base/status.h"
#include "core/engine/instrument.h"
#include "core/engine/settings.h"

#include <stdint.h>

/// Fill a gap of a recording, meeting both its neighbours; offline.
///
/// Below 20 ms, and below 100 ms where both sides predict themselves well, by
/// autoregression from both sides.  Longer gaps by the model: tokens planned
/// with both sides known, phases from both sides and 30 Griffin-Lim iterations
/// with the surroundings held fixed, autoregressive edges where a back-test
/// says they are good, and a cross-fade into what follows.
///
/// @param x     [n] at the instrument's rate; samples of the gap are written,
///              and those that the fade touches after it
/// @param from  First sample of the gap, 0..n
/// @param to    One past its last, from..n
/// @param fade  Seconds, 0.001..0.2
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD df_status
df_fill(const df_instrument* instrument,
        const df_settings*   settings,
        float*               x,
        int64_t              n,
        int64_t              from,
        int64_t              to,
        float                fade);

#endif // DF_ENGINE_FILL_H
