#include "core/series/table.h"

#include "core/base/file.h"
#include "core/series/npy.h"
#include "core/series/table_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
df_table_free(df_table* const table)
{
  free(table->values);
  free(table->names);
  memset(table, 0, sizeof(*table));
}

/// All of standard input, from malloc.
static df_status
read_input(char** const out, size_t* const size, df_note* const note)
{
  size_t room = 0U;
  size_t used = 0U;
  char*  text = NULL;
  for (size_t got = 1U; got;) {
    if (room - used < 4096U) {
      room              = room ? 2U * room : 65536U;
      char* const grown = (char*)realloc(text, room);
      if (!grown) {
        free(text);
        return df_note_set(note, DF_E_NOMEM, "standard input: out of memory");
      }
      text = grown;
    }
    got = fread(text + used, 1U, room - used, stdin);
    used += got;
  }
  if (ferror(stdin)) {
    free(text);
    return df_note_set(note, DF_E_IO, "standard input: cannot be read");
  }
  *out  = text;
  *size = used;
  return DF_OK;
}

df_status
df_table_load(const char* const path, df_table* const out, df_note* const note)
{
  *out = (df_table){0};
  if (!strcmp(path, "-")) {
    char*     text   = NULL;
    size_t    length = 0U;
    df_status status = read_input(&text, &length, note);
    if (!status) {
      status = df_table_read_csv("standard input", text, length, out, note);
    }
    free(text);
    return status;
  }
  df_file   file   = {NULL, 0U};
  df_status status = df_file_map(path, &file, note);
  if (!status) {
    status =
      df_npy_is(path)
        ? df_table_read_npy(path, file.data, file.size, out, note)
        : df_table_read_csv(path, (const char*)file.data, file.size, out, note);
  }
  df_file_unmap(&file);
  return status;
}

df_status
df_table_fill(const char* const     path,
              const void* const     bytes,
              const size_t          size,
              const df_table* const table,
              const double* const   values,
              char** const          out,
              size_t* const         out_size)
{
  return df_npy_is(path)
           ? df_table_fill_npy(bytes, size, table, values, out, out_size)
           : df_table_fill_csv(
               (const char*)bytes, size, table, values, out, out_size);
}

/// Whether a series is known in rows [from, to).
static bool
is_known(const df_table* const table, const int d, const int from, const int to)
{
  bool known = false;
  for (int t = from; t < to && !known; ++t) {
    known =
      !isnan(table->values[(size_t)t * (size_t)table->series + (size_t)d]);
  }
  return known;
}

df_status
df_table_check_split(const df_table* const table,
                     const int             from,
                     const int             rows,
                     df_note* const        note)
{
  bool any = false;
  if (from < 1) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "rows: want more than the %d that are kept back, found "
                       "%d",
                       rows - from,
                       rows);
  }
  for (int d = 0; d < table->series; ++d) {
    if (!is_known(table, d, 0, from)) {
      return df_note_set(note,
                         DF_E_FINITE,
                         "column %d (%s): want a value in the first %d rows, "
                         "found none",
                         d + 1,
                         table->names[d],
                         from);
    }
    any = any || is_known(table, d, from, rows);
  }
  return any ? DF_OK
             : df_note_set(note,
                           DF_E_FINITE,
                           "rows %d to %d: want a value to judge by, found "
                           "none",
                           from + 1,
                           rows);
}
