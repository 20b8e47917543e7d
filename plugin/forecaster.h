#ifndef DF_PLUGIN_FORECASTER_H
#define DF_PLUGIN_FORECASTER_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/series/base.h"
#include "plugin/guest.h"
#include "plugin/ports.h"
#include "plugin/series_ports.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/// The thread of one series instance: it loads the model, holds the past, and
/// forecasts.  Audio hands it rows and takes forecasts, through rings, and
/// waits for neither unless it is offline.
///
/// A model of D series takes the first DF_CV of its row from audio; those
/// beyond are missing values.  Nobody says what time it is: the first row after
/// a reset is of 1970-01-01, a Thursday at midnight, to a model that was
/// trained with times, and begins its season.
typedef struct df_forecaster df_forecaster;

/// Random numbers: the seed of each origin's paths is the key of
/// df_rng_make(seed, DF_FORECASTER_STREAM, origin).
#define DF_FORECASTER_STREAM 0x6376

/// How the futures are drawn, and what of them is wanted.
typedef struct {
  float    quantile; ///< 0..1
  int      samples;  ///< 1..256
  uint32_t seed;
} df_futures;

/// What follows row origin - 1.
typedef struct {
  uint32_t   epoch;  ///< Resets before it
  int64_t    origin; ///< Row of value[0], counted from the reset
  df_futures futures;
  int        rows;                           ///< 0: there is no forecast
  int        columns;                        ///< min(D, DF_CV)
  float      seconds;                        ///< That it took
  float      value[DF_BASE_HORIZON][DF_CV];  ///< The quantile wanted
  float      middle[DF_BASE_HORIZON][DF_CV]; ///< Medians
} df_outlook;

/// Start the thread.
///
/// @param guest  Borrowed; read alone
/// @return DF_OK, DF_E_NOMEM or DF_E_AGAIN (the system has no thread).
DF_NODISCARD
df_status
df_forecaster_make(const df_guest* guest, df_forecaster** out);

/// Finish what is at hand, join, free.  NULL is allowed.
void
df_forecaster_free(df_forecaster* forecaster);

/// Audio, first in a cycle: until when (CLOCK_REALTIME) calls may wait for the
/// thread; NULL in real time, when none does.  Copied.  Waits for a model that
/// is loading.
DF_RT
void
df_forecaster_cycle(df_forecaster* forecaster, const struct timespec* until);

/// Audio: load this model and forget all rows.  Waits for it offline.
///
/// @return False: not now, try again next cycle.
DF_RT
bool
df_forecaster_load(df_forecaster* forecaster, const df_choice* choice);

/// Audio: how the last load went.
DF_RT
df_model_status
df_forecaster_status(const df_forecaster* forecaster);

/// Audio: min(D, DF_CV) of the model, 0 without one.
DF_RT
int
df_forecaster_columns(const df_forecaster* forecaster);

/// Audio: forget all rows.
DF_RT
void
df_forecaster_reset(df_forecaster* forecaster);

/// Audio: append a row, NAN where missing.
///
/// @param row      [DF_CV]
/// @param futures  Forecast what follows; NULL: do not
/// @return False: the thread is too far behind, and the row is lost.
DF_RT
bool
df_forecaster_push(df_forecaster*    forecaster,
                   const float*      row,
                   const df_futures* futures);

/// Audio: forecast what follows the newest row.  False as above.
DF_RT
bool
df_forecaster_ask(df_forecaster* forecaster, const df_futures* futures);

/// Audio: the newest forecast, if it came since this was called last; waits
/// offline until nothing is left to come.
///
/// @param out  Written when true
DF_RT
bool
df_forecaster_look(df_forecaster* forecaster, df_outlook* out);

/// Audio: let the thread call this.  False as above.
DF_RT
bool
df_forecaster_call(df_forecaster* forecaster, void (*call)(void*), void* self);

/// Another thread, which waits for what is at hand: append a row of any width.
///
/// @param row    [D] NAN where missing
/// @param count  Its length
/// @param D      Set: what a row has, 0 without a model
/// @return DF_OK; DF_E_NONE (no model) or DF_E_SHAPE.
DF_NODISCARD
df_status
df_forecaster_tell(df_forecaster* forecaster,
                   const double*  row,
                   int            count,
                   int*           D);

/// Another thread, which waits for what is at hand: forecast what follows the
/// newest row.
///
/// @param rows     In: wanted, 1..; out: as many, at most the horizon's H
/// @param D        Set: series
/// @param value    Set: [rows,D] the quantile; the caller frees it
/// @param mean     Set: [rows,D] the mean; the caller frees it
/// @return DF_OK; DF_E_NONE (no model); as df_live_forecast.
DF_NODISCARD
df_status
df_forecaster_foresee(df_forecaster*    forecaster,
                      const df_futures* futures,
                      int*              rows,
                      int*              D,
                      float**           value,
                      float**           mean);

/// Audio: rows since the reset.
DF_RT
int64_t
df_forecaster_count(const df_forecaster* forecaster);

/// Audio: resets.
DF_RT
uint32_t
df_forecaster_epoch(const df_forecaster* forecaster);

#endif // DF_PLUGIN_FORECASTER_H
