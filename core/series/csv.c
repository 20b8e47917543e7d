#include "core/series/table.h"

#include "core/series/names.h"
#include "core/series/table_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Longest number that is written, bytes with its zero.
#define NUMBER 32

/// Digits of a number that is written, at least.
#define DIGITS 10

#define UNCLOSED "quotes that are closed within 255 bytes, found none"

/// A place in the text, and the field just read.
typedef struct {
  const char* path;
  const char* at;
  const char* end;
  const char* stop;   // end of the field just read
  int         line;   // of the file, 1 is the first
  int         column; // of the field just read, 1 is the first
  const char* wrong;  // what of a broken field
  char        field[DF_TABLE_NAME];
  size_t      size;
} reader;

typedef enum { COMMA, LINE, BROKEN } ending;

static ending
broken(reader* const r, const char* const wrong)
{
  r->wrong = wrong;
  return BROKEN;
}

/// Read one field into `field`, quotes taken off.
static ending
next_field(reader* const r)
{
  const bool quoted = r->at < r->end && *r->at == '"';
  bool       inside = quoted;
  r->size           = 0U;
  r->at += quoted ? 1 : 0;
  while (r->at < r->end) {
    const char c = *r->at;
    if (inside && c == '"') {
      if (r->at + 1 < r->end && r->at[1] == '"') {
        ++r->at; // a quote within quotes is written twice
      } else {
        inside = false;
        ++r->at;
        continue;
      }
    } else if (!inside && (c == ',' || c == '\n' || c == '\r')) {
      break;
    } else if (!inside && quoted) {
      return broken(r, "a comma after the quotes, found more of the field");
    } else if (!c) {
      return broken(r, "text in UTF-8, found a zero byte");
    }
    if (r->size + 1U >= sizeof(r->field)) {
      return broken(
        r,
        inside ? UNCLOSED : "a field of at most 255 bytes, found a longer one");
    }
    r->line += c == '\n' ? 1 : 0;
    r->field[r->size++] = c;
    ++r->at;
  }
  r->field[r->size] = '\0';
  if (inside) {
    return broken(r, UNCLOSED);
  }
  ++r->column;
  r->stop = r->at;
  if (r->at < r->end && *r->at == ',') {
    ++r->at;
    return COMMA;
  }
  if (r->at < r->end && *r->at == '\r') {
    ++r->at;
  }
  if (r->at < r->end && *r->at == '\n') {
    ++r->at;
  }
  return LINE;
}

static df_status
note_broken(const reader* const r, df_note* const note)
{
  return df_note_set(note,
                     DF_E_FORMAT,
                     "%s: line %d, column %d: want %s",
                     r->path,
                     r->line,
                     r->column + 1,
                     r->wrong);
}

/// Rows under construction.
typedef struct {
  bool     timed; // the first column is time
  int      room;
  int64_t* times; // [room]
  df_table table;
} builder;

static df_status
read_header(reader* const r, builder* const b, df_note* const note)
{
  size_t room = 0U;
  ending how  = COMMA;
  while (how == COMMA) {
    how = next_field(r);
    if (how == BROKEN) {
      return note_broken(r, note);
    }
    if (r->column > DF_TABLE_SERIES + 1) {
      return df_note_set(note,
                         DF_E_SHAPE,
                         "%s: want at most %d series, found more",
                         r->path,
                         DF_TABLE_SERIES);
    }
    if ((size_t)r->column > room) {
      room              = 2U * room + 16U;
      void* const grown = realloc(b->table.names, room * DF_TABLE_NAME);
      if (!grown) {
        return DF_E_NOMEM;
      }
      b->table.names = grown;
    }
    memcpy(b->table.names[r->column - 1], r->field, r->size + 1U);
  }
  b->table.series = r->column;
  return DF_OK;
}

/// Is the first field after the header a time?
static bool
begins_with_time(const reader* const r)
{
  reader  ahead = *r;
  int64_t time  = 0;
  return next_field(&ahead) != BROKEN && !df_calendar_parse(ahead.field, &time);
}

static df_status
grow(builder* const b)
{
  if (b->table.rows < b->room) {
    return DF_OK;
  }
  const int     room   = 2 * b->room + 256;
  const size_t  row    = (size_t)b->table.series * sizeof(double);
  double* const values = (double*)realloc(b->table.values, (size_t)room * row);
  if (!values) {
    return DF_E_NOMEM;
  }
  b->table.values = values;
  int64_t* const times =
    (int64_t*)realloc(b->times, (size_t)room * sizeof(int64_t));
  if (!times) {
    return DF_E_NOMEM;
  }
  b->times = times;
  b->room  = room;
  return DF_OK;
}

/// Put the field just read where it belongs.
static df_status
put_field(const reader* const r, builder* const b, df_note* const note)
{
  const int column = r->column - 1 - (b->timed ? 1 : 0);
  if (column < 0) {
    return df_calendar_parse(r->field, &b->times[b->table.rows])
             ? df_note_set(note,
                           DF_E_FORMAT,
                           "%s: line %d, column 1: want a time as 2019-01-31 "
                           "or 2019-01-31T06:30, found \"%.60s\"",
                           r->path,
                           r->line,
                           r->field)
             : DF_OK;
  }
  if (column >= b->table.series) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: line %d: want %d columns as in the header, found "
                       "more",
                       r->path,
                       r->line,
                       b->table.series + (b->timed ? 1 : 0));
  }
  double* const to = b->table.values +
                     (size_t)b->table.rows * (size_t)b->table.series +
                     (size_t)column;
  return df_table_number(r->field, r->size, to)
           ? df_note_set(note,
                         DF_E_FORMAT,
                         "%s: line %d, column %d (%.40s): want a number%s, or "
                         "nothing where it is missing, found \"%.60s\"",
                         r->path,
                         r->line,
                         r->column,
                         b->table.names[column],
                         r->column > 1 ? " with a decimal point"
                                       : ", a time as 2019-01-31T06:30",
                         r->field)
           : DF_OK;
}

static df_status
read_row(reader* const r, builder* const b, df_note* const note)
{
  df_status status = grow(b);
  ending    how    = COMMA;
  r->column        = 0;
  while (!status && how == COMMA) {
    const int line = r->line;
    how            = next_field(r);
    if (how == BROKEN) {
      r->line = line;
      return note_broken(r, note);
    }
    status = put_field(r, b, note);
  }
  const int wanted = b->table.series + (b->timed ? 1 : 0);
  if (!status && r->column < wanted) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: line %d: want %d columns as in the header, found "
                       "%d",
                       r->path,
                       r->line,
                       wanted,
                       r->column);
  }
  ++b->table.rows;
  ++r->line;
  return status;
}

static df_status
read_all(reader* const r, builder* const b, df_note* const note)
{
  df_status status = read_header(r, b, note);
  ++r->line;
  if (!status) {
    b->timed = begins_with_time(r);
    if (b->timed) {
      int64_t time = 0;
      if (!df_calendar_parse(b->table.names[0], &time)) {
        return df_note_set(note,
                           DF_E_FORMAT,
                           "%s: line 1: want a header of names, found the time "
                           "%.40s",
                           r->path,
                           b->table.names[0]);
      }
      --b->table.series;
      memmove(b->table.names,
              b->table.names + 1,
              (size_t)b->table.series * DF_TABLE_NAME);
    }
    if (b->table.series < 1 || b->table.series > DF_TABLE_SERIES) {
      return df_note_set(note,
                         DF_E_SHAPE,
                         "%s: want 1..%d series, found %d",
                         r->path,
                         DF_TABLE_SERIES,
                         b->table.series);
    }
    status = df_names_check(
      r->path, b->table.names, b->table.series, b->timed ? 2 : 1, note);
  }
  while (!status && r->at < r->end) {
    status = b->table.rows < 100000000 ? read_row(r, b, note) : DF_E_NOMEM;
  }
  if (status == DF_E_SHAPE || status == DF_E_FORMAT) {
    return b->table.series == 1 && strpbrk(b->table.names[0], ";\t")
             ? df_note_set(note,
                           status,
                           "%s: line 1: want commas between columns, found "
                           "\"%.60s\"",
                           r->path,
                           b->table.names[0])
             : status;
  }
  if (!status && !b->table.rows) {
    return df_note_set(
      note, DF_E_SHAPE, "%s: no rows under the header", r->path);
  }
  if (!status && b->timed && b->table.rows == 1) {
    b->table.calendar.start = b->times[0]; // from one time follows no frequency
  }
  if (!status && b->timed && b->table.rows > 1) {
    df_note why = {{0}};
    status =
      df_calendar_guess(b->times, b->table.rows, &b->table.calendar, &why);
    if (status) {
      (void)df_note_set(note, status, "%s: %.300s", r->path, why.text);
    }
  }
  return status;
}

/// At the first byte after the byte order mark, if there is one, and without
/// empty lines at the end.
static void
begin(reader* const     r,
      const char* const path,
      const char* const text,
      const size_t      size)
{
  const bool marked = size >= 3U && !memcmp(text, "\xEF\xBB\xBF", 3U);
  r->path           = path;
  r->at             = marked ? text + 3 : text;
  r->end            = size ? text + size : text;
  r->line           = 1;
  while (r->end > r->at && (r->end[-1] == '\n' || r->end[-1] == '\r')) {
    --r->end;
  }
}

df_status
df_table_read_csv(const char* const path,
                  const char* const text,
                  const size_t      size,
                  df_table* const   out,
                  df_note* const    note)
{
  reader* const r = (reader*)calloc(1U, sizeof(reader));
  builder       b = {0};
  *out            = (df_table){0};
  if (!r) {
    return df_note_set(note, DF_E_NOMEM, "%s: out of memory", path);
  }
  df_status status = DF_OK;
  begin(r, path, text, size);
  if (r->at == r->end) {
    status = df_note_set(note, DF_E_SHAPE, "%s: empty", path);
  } else {
    status = read_all(r, &b, note);
  }
  free(b.times);
  free(r);
  if (status) {
    df_table_free(&b.table);
    return status == DF_E_NOMEM
             ? df_note_set(note, status, "%s: out of memory", path)
             : status;
  }
  *out       = b.table;
  out->named = true;
  return DF_OK;
}

df_status
df_table_read_line(const char* const path,
                   const char* const text,
                   const size_t      size,
                   const int         number,
                   const int         series,
                   char* const       time,
                   double* const     row,
                   df_note* const    note)
{
  reader r   = {.path = path, .at = text, .end = text + size, .line = number};
  ending how = COMMA;
  while (how == COMMA) {
    how = next_field(&r);
  }
  if (how == BROKEN) {
    r.line = number;
    return note_broken(&r, note);
  }
  const int timed = r.column - series; // columns before the values
  if (timed != 0 && timed != 1) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: line %d: want %d values, found %d",
                       path,
                       number,
                       series,
                       r.column);
  }
  r.at     = text;
  r.column = 0;
  time[0]  = '\0';
  while (r.column < timed + series) {
    (void)next_field(&r);
    if (r.column <= timed) {
      memcpy(time, r.field, r.size + 1U);
    }
    if (r.column > timed &&
        df_table_number(r.field, r.size, &row[r.column - timed - 1])) {
      return df_note_set(note,
                         DF_E_FORMAT,
                         "%s: line %d, column %d: want a number, or nothing "
                         "where it is missing, found \"%.60s\"",
                         path,
                         number,
                         r.column,
                         r.field);
    }
  }
  return DF_OK;
}

/// Digits to write the values of each series with, [series] from malloc.
static int*
choose_digits(const df_table* const table)
{
  const size_t D      = (size_t)table->series;
  int* const   digits = (int*)malloc(D * sizeof(int));
  for (size_t d = 0U; d < D && digits; ++d) {
    double low  = (double)INFINITY;
    double high = -(double)INFINITY;
    for (size_t t = 0U; t < (size_t)table->rows; ++t) {
      low  = fmin(low, table->values[t * D + d]); // NAN is left out
      high = fmax(high, table->values[t * D + d]);
    }
    digits[d] =
      df_table_digits(DIGITS, fmax(fabs(low), fabs(high)), high - low);
  }
  return digits;
}

df_status
df_table_fill_csv(const char* const     text,
                  const size_t          size,
                  const df_table* const table,
                  const double* const   values,
                  char** const          out,
                  size_t* const         out_size)
{
  const size_t  count = (size_t)table->rows * (size_t)table->series;
  size_t        gaps  = 0U;
  reader* const r     = (reader*)calloc(1U, sizeof(reader));
  for (size_t i = 0U; i < count; ++i) {
    gaps += isnan(table->values[i]) ? 1U : 0U;
  }
  int* const  digits = choose_digits(table);
  char* const to     = (char*)malloc(size + gaps * NUMBER + 1U);
  *out               = to;
  *out_size          = 0U;
  if (!r || !digits || !to) {
    free(r);
    free(digits);
    return DF_E_NOMEM;
  }
  begin(r, "", text, size);
  while (next_field(r) == COMMA) {
  }
  const int   timed  = r->column - table->series; // columns before the values
  const char* copied = text;                      // all before it is in `to`
  size_t      used   = 0U;
  for (size_t row = 0U; row < (size_t)table->rows; ++row) {
    r->column  = 0;
    ending how = COMMA;
    while (how == COMMA) {
      const char* const from = r->at;
      how                    = next_field(r);
      if (r->column <= timed) {
        continue;
      }
      const size_t i =
        row * (size_t)table->series + (size_t)(r->column - timed - 1);
      if (isnan(table->values[i]) && !isnan(values[i])) {
        const size_t between = (size_t)(from - copied);
        memcpy(to + used, copied, between);
        used += between;
        used += (size_t)snprintf(to + used,
                                 NUMBER,
                                 "%.*g",
                                 digits[i % (size_t)table->series],
                                 values[i]);
        copied = r->stop;
      }
    }
  }
  memcpy(to + used, copied, (size_t)(text + size - copied));
  *out_size = used + (size_t)(text + size - copied);
  free(r);
  free(digits);
  return DF_OK;
}
