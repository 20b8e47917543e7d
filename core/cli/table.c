#include "core/cli/table.h"

df_status
df_table_open(const df_table_request* const asked,
              df_table* const               out,
              df_note* const                note)
{
  df_status status = df_table_load(asked->path, out, note);
  if (!status && asked->start) {
    status = df_calendar_parse(asked->start, &out->calendar.start)
               ? df_note_set(note,
                             DF_E_ARG,
                             "--start: want 2019-01-31 or 2019-01-31T06:30, "
                             "found \"%.40s\"",
                             asked->start)
               : DF_OK;
  }
  if (!status && asked->frequency) {
    status = df_calendar_frequency(asked->frequency, &out->calendar, note);
  }
  return status;
}
