#include "core/series/schema.h"

#include "core/series/names.h"

#include <stdlib.h>
#include <string.h>

df_status
df_schema_of(const df_table* const table, df_schema* const out)
{
  const size_t size = (size_t)table->series * sizeof(*out->names);
  *out = (df_schema){table->calendar.unit, table->calendar.count, 0, NULL};
  if (table->named) {
    out->names = malloc(size);
    if (!out->names) {
      return DF_E_NOMEM;
    }
    memcpy(out->names, table->names, size);
    out->series = table->series;
  }
  return DF_OK;
}

df_calendar
df_schema_calendar(const df_schema* const schema)
{
  return (df_calendar){schema->unit, schema->count, 0};
}

void
df_schema_free(df_schema* const schema)
{
  free(schema->names);
  memset(schema, 0, sizeof(*schema));
}

/// The frequency in words.
static void
write_frequency(const df_unit unit, const int count, char* const out)
{
  const df_calendar calendar = {unit, count, 0};
  df_calendar_name(&calendar, out);
}

df_status
df_schema_write(const df_schema* const schema, char** const out)
{
  char* const text = (char*)malloc(DF_CALENDAR_TEXT + (size_t)schema->series *
                                                        (DF_NAMES_QUOTED + 1U));
  *out             = text;
  if (!text) {
    return DF_E_NOMEM;
  }
  write_frequency(schema->unit, schema->count, text);
  size_t used = strlen(text);
  for (int d = 0; d < schema->series; ++d) {
    text[used++] = ',';
    used += df_names_quote(schema->names[d], text + used);
  }
  return DF_OK;
}

df_status
df_schema_read(const char* const text, df_schema* const out)
{
  char         every[DF_CALENDAR_TEXT] = "";
  df_calendar  calendar                = {DF_UNIT_NONE, 0, 0};
  const size_t length                  = strcspn(text, ",");
  *out                                 = (df_schema){0};
  if (length >= sizeof(every)) {
    return DF_E_FORMAT;
  }
  memcpy(every, text, length);
  if (strcmp(every, "none") != 0 &&
      df_calendar_frequency(every, &calendar, NULL)) {
    return DF_E_FORMAT;
  }
  out->unit  = calendar.unit;
  out->count = calendar.count;
  for (const char* at = text + length; *at;) {
    if (out->series == DF_TABLE_SERIES) {
      return DF_E_FORMAT;
    }
    if (!(out->series & (out->series - 1))) { // 0, 1, 2, 4, 8, ...
      const size_t room  = out->series ? 2U * (size_t)out->series : 1U;
      void* const  grown = realloc(out->names, room * sizeof(*out->names));
      if (!grown) {
        return DF_E_NOMEM;
      }
      out->names = grown;
    }
    at = *at == ',' ? df_names_unquote(at + 1, out->names[out->series]) : NULL;
    if (!at) {
      return DF_E_FORMAT;
    }
    ++out->series;
  }
  return DF_OK;
}

df_status
df_schema_check(const df_schema* const schema,
                const char* const      path,
                const df_table* const  table,
                df_note* const         note)
{
  const df_calendar* const own = &table->calendar;
  for (int d = 0; d < schema->series && table->named; ++d) {
    if (strcmp(schema->names[d], table->names[d]) != 0) {
      return df_note_set(note,
                         DF_E_SHAPE,
                         "%s: series %d: want \"%.60s\" as in the model, found "
                         "\"%.60s\"",
                         path,
                         d + 1,
                         schema->names[d],
                         table->names[d]);
    }
  }
  if (schema->unit != own->unit ||
      (schema->unit != DF_UNIT_NONE && schema->count != own->count)) {
    char want[DF_CALENDAR_TEXT];
    char found[DF_CALENDAR_TEXT];
    write_frequency(schema->unit, schema->count, want);
    write_frequency(own->unit, own->count, found);
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: frequency of the rows: want %s, that of the model, "
                       "found %s%s",
                       path,
                       want,
                       found,
                       own->unit == DF_UNIT_NONE ? "; --freq tells it" : "");
  }
  return DF_OK;
}
