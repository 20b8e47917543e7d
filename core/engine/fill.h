#ifndef DF_ENGINE_FILL_H
#define DF_ENGINE_FILL_H

#include "core/base/status.h"
#include "core/engine/instrument.h"
#include "core/engine/settings.h"

#include <stdint.h>

/// Longest gap, hops of the instrument's codec; less with windows of over 32.
#define DF_FILL_HOPS 3900

/// Fill a gap of a recording, meeting both its neighbours; offline.
///
/// Below 20 ms, and below 100 ms where both sides predict themselves well, by
/// autoregression from both sides.  Longer gaps by the model: tokens planned
/// with both sides known, phases from both sides and 30 Griffin-Lim iterations
/// with the surroundings held fixed, and at either edge a cross-fade with the
/// autoregressive continuation of that side, a short one where a back-test says
/// that it is poor.
///
/// @param x     [n] at the instrument's rate; the gap's samples are written
/// @param from  First sample of the gap, 0..n
/// @param to    One past its last, from..n, at most DF_FILL_HOPS hops later
/// @param fade  Seconds, 0.001..0.2: longest cross-fade at the edges
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
