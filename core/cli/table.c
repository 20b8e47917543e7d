#include "core/cli/table.h"

#include "core/base/file.h"

#include <stddef.h>

/// Put what was asked for in the place of times that the table has not.
static df_status
set_calendar(const df_table_request* const asked,
             df_calendar* const            calendar,
             df_note* const                note)
{
  df_status status = DF_OK;
  df_note   why    = {{0}};
  if (asked->start && df_calendar_parse(asked->start, &calendar->start)) {
    status = df_note_set(note,
                         DF_E_ARG,
                         "--start: want 2019-01-31 or 2019-01-31T06:30, found "
                         "\"%.40s\"",
                         asked->start);
  }
  if (!status && asked->frequency &&
      df_calendar_frequency(asked->frequency, calendar, &why)) {
    status = df_note_set(note, DF_E_ARG, "--freq: %.300s", why.text);
  }
  if (!status && asked->start && calendar->unit == DF_UNIT_NONE) {
    status =
      df_note_set(note, DF_E_ARG, "--start: want --freq with it, found none");
  }
  return status;
}

df_status
df_table_open(const df_table_request* const asked,
              df_table* const               out,
              df_note* const                note)
{
  df_status status = df_table_load(asked->path, out, note);
  if (status) {
    return status;
  }
  const df_calendar own      = out->calendar;
  df_calendar       calendar = own;
  status                     = set_calendar(asked, &calendar, note);
  if (!status && own.unit != DF_UNIT_NONE &&
      (calendar.unit != own.unit || calendar.count != own.count ||
       calendar.start != own.start)) {
    char wanted[DF_CALENDAR_TEXT];
    char found[DF_CALENDAR_TEXT];
    char every[2][DF_CALENDAR_TEXT];
    df_calendar_print(&own, 0, wanted);
    df_calendar_print(&calendar, 0, found);
    df_calendar_name(&own, every[0]);
    df_calendar_name(&calendar, every[1]);
    status =
      df_note_set(note,
                  DF_E_ARG,
                  "%s: column 1: want its own times, %s from %s on, found "
                  "%s from %s by --freq and --start",
                  asked->path,
                  every[0],
                  wanted,
                  every[1],
                  found);
  }
  out->calendar = calendar;
  return status;
}

df_status
df_table_keep(const char* const        option,
              const char* const        out,
              const char* const* const in,
              const int                count,
              df_note* const           note)
{
  for (int i = 0; i < count; ++i) {
    if (out && in[i] && df_file_is_same(out, in[i])) {
      return df_note_set(note,
                         DF_E_ARG,
                         "%s: want another file than %.400s, which is read",
                         option,
                         in[i]);
    }
  }
  return DF_OK;
}
