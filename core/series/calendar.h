#ifndef DF_SERIES_CALENDAR_H
#define DF_SERIES_CALENDAR_H

#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdint.h>

/// When the rows of a table happen.  Time is UTC, in seconds since 1970.

typedef enum {
  DF_UNIT_NONE,   ///< Rows are only counted
  DF_UNIT_SECOND, ///< Never a whole number of days
  DF_UNIT_DAY,
  DF_UNIT_BUSINESS, ///< Monday to Friday
  DF_UNIT_MONTH,    ///< The same day of each, 1..28
  DF_UNIT_MONTH_END ///< The last day of each
} df_unit;

/// A row every `count` units, the first at `start`.
typedef struct {
  df_unit unit;
  int     count; ///< 1..100000000
  int64_t start;
} df_calendar;

/// Bytes that a time in words may take.
#define DF_CALENDAR_TEXT 64

/// Numbers that describe the time of a row.
#define DF_CALENDAR_FEATURES 6

/// Read an ISO 8601 date or date and time ("2019-01-31", "2019-01-31T06:30",
/// "2019-01-31 06:30:00.000Z", "2019-01-31T06:30:00+01:00"), or a month, which
/// is its first day ("2019-01"): without a zone it is UTC, with one it becomes
/// so.
///
/// @return DF_OK or DF_E_FORMAT; the fraction of a second must be 0.
DF_NODISCARD
df_status
df_calendar_parse(const char* text, int64_t* seconds);

/// Write a time: the date alone for days and longer that begin at midnight.
///
/// @param out  [DF_CALENDAR_TEXT]
void
df_calendar_print(const df_calendar* calendar, int64_t row, char* out);

/// Read a frequency: "S", "min", "5min", "H", "D", "B", "W", "M", "ME" (ends of
/// months), with or without a count before it.
///
/// @param calendar  Its start stays
/// @return DF_OK, or DF_E_ARG with what is wanted and found: "M" wants a start
/// on one of the days 1..28.
DF_NODISCARD
df_status
df_calendar_frequency(const char* text, df_calendar* calendar, df_note* note);

/// Write a frequency as df_calendar_frequency reads it; "none" where there is
/// none.
///
/// @param out  [DF_CALENDAR_TEXT]
void
df_calendar_name(const df_calendar* calendar, char* out);

/// Find the frequency of the first rows of a table from their times.
///
/// @param count  Times, at least 2
/// @return DF_OK, or DF_E_FORMAT where none fits (the note names the row).
DF_NODISCARD
df_status
df_calendar_guess(const int64_t* seconds,
                  int            count,
                  df_calendar*   out,
                  df_note*       note);

/// Time of a row.
int64_t
df_calendar_time(const df_calendar* calendar, int64_t row);

/// Number of a row, counted from 1970 where it has a time: the same in every
/// table of this frequency.  Business days are counted from the first row.
int64_t
df_calendar_number(const df_calendar* calendar, int64_t row);

/// Rows in the season that this frequency suggests (a day; a week of days; a
/// year of months), 0 for none.
int
df_calendar_season(const df_calendar* calendar);

/// Sine and cosine of the time of day, of the week and of the year.
///
/// @param out  [DF_CALENDAR_FEATURES] 0 where the unit is DF_UNIT_NONE
void
df_calendar_features(const df_calendar* calendar, int64_t row, float* out);

#endif // DF_SERIES_CALENDAR_H
