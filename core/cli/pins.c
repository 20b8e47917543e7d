#include "core/cli/pins.h"

#include "core/series/base_pins.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/// Whether these are rows that may follow the table.
static df_status
check(const char* const     path,
      const df_table* const pins,
      const df_table* const table,
      const int             horizon,
      df_note* const        note)
{
  if (pins->series != table->series) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: series: want %d, those of the table, found %d",
                       path,
                       table->series,
                       pins->series);
  }
  for (int d = 0; d < table->series; ++d) {
    if (strcmp(pins->names[d], table->names[d]) != 0) {
      return df_note_set(note,
                         DF_E_SHAPE,
                         "%s: column %d: want \"%.60s\" as in the table, "
                         "found \"%.60s\"",
                         path,
                         d + 1,
                         table->names[d],
                         pins->names[d]);
    }
  }
  if (pins->rows > horizon) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: rows: want at most %d, the horizon, found %d",
                       path,
                       horizon,
                       pins->rows);
  }
  const df_calendar* const own   = &table->calendar;
  df_calendar              times = pins->calendar;
  if (times.unit == DF_UNIT_NONE && times.start) {
    times.unit = own->unit; // one row has a time, but no frequency
  }
  const bool timed = times.unit != DF_UNIT_NONE && own->unit != DF_UNIT_NONE;
  for (int t = 0; t < pins->rows && timed; ++t) {
    const int64_t at = t ? df_calendar_time(&times, t) : times.start;
    if (at != df_calendar_time(own, table->rows + t)) {
      char want[DF_CALENDAR_TEXT];
      char found[DF_CALENDAR_TEXT];
      df_calendar_print(own, table->rows + t, want);
      df_calendar_print(&times, t, found);
      return df_note_set(note,
                         DF_E_SHAPE,
                         "%s: row %d: want the time %s, found %s",
                         path,
                         t + 1,
                         want,
                         found);
    }
  }
  return DF_OK;
}

/// Read rows that may follow the table, [H,D].
static df_status
open_rows(const char* const     path,
          const df_table* const table,
          const df_base* const  base,
          double** const        out,
          df_note* const        note)
{
  df_table     pins  = {0};
  const int    H     = df_base_config_of(base)->horizon;
  const size_t D     = (size_t)df_base_series(base);
  const size_t count = (size_t)H * D;
  *out               = NULL;
  df_status status   = df_table_load(path, &pins, note);
  if (!status) {
    status = check(path, &pins, table, H, note);
  }
  if (!status) {
    *out   = (double*)malloc(count * sizeof(double));
    status = *out ? DF_OK : DF_E_NOMEM;
  }
  if (!status) {
    const size_t given = (size_t)pins.rows * D;
    for (size_t i = 0U; i < count; ++i) {
      (*out)[i] = i < given ? pins.values[i] : (double)NAN;
    }
  }
  df_table_free(&pins);
  return status;
}

df_status
df_pins_open(const char* const     path,
             const df_table* const table,
             const df_base* const  base,
             double** const        out,
             df_note* const        note)
{
  df_note   why    = {{0}};
  df_status status = open_rows(path, table, base, out, note);
  if (!status) {
    status =
      df_base_pins_check(base, df_base_config_of(base)->horizon, *out, &why);
    if (status) {
      (void)df_note_set(note, status, "%s: %.300s", path, why.text);
    }
  }
  return status;
}

df_status
df_pins_open_levels(const char* const     path,
                    const df_table* const table,
                    const df_base* const  base,
                    double** const        out,
                    df_note* const        note)
{
  const size_t D      = (size_t)df_base_series(base);
  const size_t count  = (size_t)df_base_config_of(base)->horizon * D;
  df_status    status = open_rows(path, table, base, out, note);
  for (size_t i = 0U; i < count && !status; ++i) {
    if ((*out)[i] < 0.0 || (*out)[i] > 1.0) {
      status = df_note_set(note,
                           DF_E_ARG,
                           "%s: row %zu, column %zu (%s): want a level 0..1, "
                           "found %g",
                           path,
                           i / D + 1U,
                           i % D + 1U,
                           table->names[i % D],
                           (*out)[i]);
    }
  }
  return status;
}
