#ifndef DF_SERIES_BASE_PINS_H
#define DF_SERIES_BASE_PINS_H

#include "core/base/rng.h"
#include "core/base/status.h"
#include "core/series/base.h"

/// Future values that are known, and what they say of the tokens.
///
/// A forecast y is linear in its tokens x, with the remainder e:
///
///     y = c + F x + e      e ~ N(0, Q),  of a pin: + noise of variance N
///
/// so where x ~ N(m, V) the pins move the expectation of x to
///
///     m + V F' (F V F' + Q + N)^-1 (y - c - F m).
///
/// A pin of level L has noise of tan(pi L / 2) deviations of the forecast: 0 is
/// exact, a half draws it half the way, 1 says nothing.  A series at rest
/// takes its pins but says nothing by them.
/// Source: Song et al. 2023, pseudoinverse-guided diffusion models.
typedef struct df_base_pins df_base_pins;

/// Can these values be taken into the base's scale?
///
/// @param row  [D] NAN where missing
/// @return DF_OK or DF_E_FINITE; the note names the column.
DF_NODISCARD
df_status
df_base_row_check(const df_base* base, const double* row, df_note* note);

/// Whether a base can take these values [rows,D], NAN where unknown.
///
/// @return DF_OK or DF_E_FINITE: infinite, or a log of what has none;
/// the note names row and column.
DF_NODISCARD
df_status
df_base_pins_check(const df_base* base,
                   int            rows,
                   const double*  values,
                   df_note*       note);

/// Read-only once made, except for its scratch: of one thread.
///
/// @param direct  [H,k] of df_base_direct
/// @param values  [H,D] NAN where unknown; not kept
/// @param level   0..1, of all that have none of their own
/// @param levels  [H,D] 0..1, NAN for none; NULL where none has; not kept
/// @return DF_OK; DF_E_FINITE as df_base_pins_check; DF_E_NOMEM.
DF_NODISCARD
df_status
df_base_pins_make(const df_base_view* view,
                  int                 origin,
                  const float*        direct,
                  const double*       values,
                  double              level,
                  const double*       levels,
                  df_base_pins**      out);

/// NULL is allowed.
void
df_base_pins_free(df_base_pins* pins);

/// Take a path for one of this doubt: F and the root of Q grow by it.
///
/// @param doubt  Of df_base_doubt, above 0; 1 once made
void
df_base_pins_doubt(df_base_pins* pins, double doubt);

/// Move an expectation.
///
/// @param variance  [H] V of the tokens of each row, 0..1
/// @param x         [H,k] m, changed
void
df_base_pins_pull(df_base_pins* pins, const double* variance, float* x);

/// Turn tokens drawn from N(0, I) into ones drawn given the pins.
///
/// @param rng  Changed
/// @param x    [H,k] changed
void
df_base_pins_draw(df_base_pins* pins, df_rng* rng, float* x);

/// Let the remainder of a path take what its tokens left to the pins: exact
/// ones are then in it as they were given.
///
/// @param rng     Changed
/// @param values  [H,D] of df_base_path, changed
void
df_base_pins_settle(const df_base_pins* pins, df_rng* rng, double* values);

#endif // DF_SERIES_BASE_PINS_H
