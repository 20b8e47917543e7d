#ifndef DF_PLUGIN_SERIES_H
#define DF_PLUGIN_SERIES_H

#include "core/base/attr.h"
#include "plugin/desk.h"
#include "plugin/events.h"
#include "plugin/forecaster.h"
#include "plugin/guest.h"
#include "plugin/remote.h"
#include "plugin/series_ports.h"

#include <lv2/core/lv2.h>

#include <stdbool.h>
#include <stdint.h>

/// `urn:dforce:series`: control voltages as rows of a table, `rate` a second.
///
/// `noise` is read at each row and holds until the next.  At 0 the outputs are
/// the inputs, bit for bit.  Above it a forecast from the rows before comes in:
/// out = in + noise (forecast - in), the forecast held from row to row, the
/// quantile that was asked for.  What is remembered of such a row is the input
/// mixed with the median alike, so that it goes on beyond any horizon, and
/// bands do not feed on themselves.  A value that is no number is missing: the
/// forecast stands in for it at any noise.  Without a forecast (no model, too
/// few rows) the inputs pass.
typedef struct {
  df_guest guest;

  // Host, between runs
  const float* in[DF_CV];
  float*       out[DF_CV];
  void*        ports[DF_SERIES_COUNT];

  // Audio
  df_forecaster* forecaster; ///< NULL: the inputs pass, and nobody listens
  df_remote*     remote;
  df_desk*       desk;
  int            asked_port; ///< `osc_port` as the thread was told
  df_transport   transport;
  bool           asked; ///< For a model
  uint32_t       asked_count;
  int            asked_slot;
  double         phase;   ///< Of the row clock; a row is due at 1
  df_outlook     outlook; ///< The newest forecast
  bool           valid;   ///< Nothing has happened that it does not know of
  bool           waited;  ///< Some forecast is on its way
  int64_t        wanted;  ///< Row from which the one asked for last begins
  float          weight;  ///< Of the forecast, in this row
  bool           carried; ///< There is a forecast for this row
  int            columns; ///< That it has
  float          value[DF_CV];
  float          middle[DF_CV];
  float          last[DF_CV]; ///< Put out last
  uint32_t       late;
} df_series;

/// What it understands by OSC beside what df_desk does:
///
///     push v...     a row of all series of the model, while `rate` is 0
///     forecast n    of the next n rows; answered, for each row from 1 on, by
///                   `forecast row v...`, the quantile wanted, and `mean row
///                   v...`
///
/// Both act at once, in order, whatever the time tag, and know the controls
/// that were set at once before.
#define DF_SERIES_METHODS 2
const df_osc_method*
df_series_methods(void);

/// Its descriptor.
const LV2_Descriptor*
df_series_descriptor(void);

/// As if nothing had been heard.  The model stays.
DF_RT
void
df_series_reset(df_series* self);

/// One cycle.
DF_RT
void
df_series_run(df_series* self, uint32_t n);

#endif // DF_PLUGIN_SERIES_H
