#include "core/series/npy.h"

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/series/table.h"
#include "core/series/table_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Longest header that is read, bytes.
#define HEADER_MOST 4096U

/// Bytes of a header that is written, so that the data begin at a multiple
/// of 64.
#define HEADER_WRITTEN 128U

bool
df_npy_is(const char* const path)
{
  const size_t size = strlen(path);
  return size > 4U && !strcmp(path + size - 4U, ".npy");
}

/// What follows `key` in the header, or NULL.
static const char*
find(const char* const header, const char* const key)
{
  const char* const at = strstr(header, key);
  return at ? at + strlen(key) : NULL;
}

/// Rows and columns of "(rows, columns)".
static bool
read_shape(const char* const text, int64_t* const rows, int64_t* const columns)
{
  int64_t     sizes[2] = {0, 0};
  const char* at       = text;
  for (int i = 0; i < 2; ++i) {
    at += strspn(at, i ? ", " : " (");
    if (*at < '0' || *at > '9') {
      return false;
    }
    for (; *at >= '0' && *at <= '9' && sizes[i] < INT32_MAX; ++at) {
      sizes[i] = 10 * sizes[i] + (*at - '0');
    }
  }
  at += strspn(at, ", ");
  *rows    = sizes[0];
  *columns = sizes[1];
  return *at == ')';
}

/// Where the data begin, and the header as a text; 0 where it is cut short.
static size_t
read_header(const void* const bytes,
            const size_t      size,
            char              header[HEADER_MOST])
{
  const unsigned char* const raw    = (const unsigned char*)bytes;
  const size_t               begin  = raw[6] == 1 ? 10U : 12U;
  size_t                     length = (size_t)raw[8] | (size_t)raw[9] << 8U;
  if (raw[6] == 2) {
    length |= (size_t)raw[10] << 16U | (size_t)raw[11] << 24U;
  }
  if (length >= HEADER_MOST || length > size - begin) {
    return 0U;
  }
  memcpy(header, raw + begin, length);
  header[length] = '\0';
  return begin + length;
}

/// Whether the numbers have 4 bytes.
static bool
is_small(const char* const header)
{
  const char* const kind = find(header, "'descr': ");
  return kind && !strncmp(kind, "'<f4'", 5U);
}

/// Whether one column comes after the other, in Fortran order, as tables of
/// pandas do.
static bool
is_by_column(const char* const header)
{
  const char* const order = find(header, "'fortran_order': ");
  return order && !strncmp(order, "True", 4U);
}

/// Which number of the data a value [i] is, row by row.
static size_t
place(const bool   by_column,
      const size_t i,
      const size_t rows,
      const size_t columns)
{
  return by_column ? i % columns * rows + i / columns : i;
}

static void
write_doubles(char* const to, const double* const values, const size_t count)
{
  for (size_t i = 0U; i < count; ++i) {
    uint64_t bits = 0U;
    memcpy(&bits, &values[i], sizeof(bits));
    df_bytes_put_u64(to + 8U * i, bits);
  }
}

df_status
df_table_read_npy(const char* const path,
                  const void* const bytes,
                  const size_t      size,
                  df_table* const   out,
                  df_note* const    note)
{
  const unsigned char* const raw = (const unsigned char*)bytes;
  *out                           = (df_table){0};
  if (size < 12U || memcmp(raw, "\x93NUMPY", 6U) != 0 || raw[6] < 1 ||
      raw[6] > 2) {
    return df_note_set(
      note, DF_E_FORMAT, "%s: not a NumPy array of format 1.0 or 2.0", path);
  }
  char         header[HEADER_MOST];
  const size_t begin = read_header(bytes, size, header);
  if (!begin) {
    return df_note_set(note, DF_E_FORMAT, "%s: header is cut short", path);
  }

  const char* const kind    = find(header, "'descr': ");
  const char* const order   = find(header, "'fortran_order': ");
  const char* const shape   = find(header, "'shape': ");
  const bool        small   = is_small(header);
  int64_t           rows    = 0;
  int64_t           columns = 0;
  if (!small && !(kind && !strncmp(kind, "'<f8'", 5U))) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: type: want '<f4' or '<f8', found %.*s",
                       path,
                       kind ? (int)strcspn(kind, ",}") : 4,
                       kind ? kind : "none");
  }
  if (!is_by_column(header) && !(order && !strncmp(order, "False", 5U))) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: fortran_order: want True or False, found %.*s",
                       path,
                       order ? (int)strcspn(order, ",}") : 4,
                       order ? order : "none");
  }
  if (!shape || !read_shape(shape, &rows, &columns) || rows < 1 ||
      rows > 100000000 || columns < 1 || columns > DF_TABLE_SERIES) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: shape: want two sizes, 1 or more rows and 1..%d "
                       "columns, found %.*s",
                       path,
                       DF_TABLE_SERIES,
                       shape ? 1 + (int)strcspn(shape, ")") : 4,
                       shape ? shape : "none");
  }
  const size_t count = (size_t)rows * (size_t)columns;
  const size_t item  = small ? 4U : 8U;
  if (size - begin != count * item) {
    return df_note_set(note,
                       DF_E_SHAPE,
                       "%s: want %zu bytes of numbers, found %zu",
                       path,
                       count * item,
                       size - begin);
  }
  out->rows   = (int)rows;
  out->series = (int)columns;
  out->values = (double*)malloc(count * sizeof(double));
  out->names  = calloc((size_t)columns, sizeof(*out->names));
  if (!out->values || !out->names) {
    return df_note_set(note, DF_E_NOMEM, "%s: out of memory", path);
  }
  const bool by_column = is_by_column(header);
  for (size_t i = 0U; i < count; ++i) {
    const size_t at = place(by_column, i, (size_t)rows, (size_t)columns);
    const unsigned char* const data = raw + begin + item * at;
    if (small) {
      float value = 0.0f;
      df_bytes_read_float(&value, data, 1U);
      out->values[i] = (double)value;
    } else {
      const uint64_t bits = df_bytes_u64(data);
      memcpy(&out->values[i], &bits, sizeof(bits));
    }
    if (isinf(out->values[i])) {
      return df_note_set(note,
                         DF_E_FINITE,
                         "%s: row %zu, column %zu: want a finite number, or "
                         "NaN where it is missing, found %g",
                         path,
                         i / (size_t)columns + 1U,
                         i % (size_t)columns + 1U,
                         out->values[i]);
    }
  }
  for (int i = 0; i < out->series; ++i) {
    (void)snprintf(out->names[i], sizeof(out->names[i]), "%d", i + 1);
  }
  return DF_OK;
}

df_status
df_table_fill_npy(const void* const     bytes,
                  const size_t          size,
                  const df_table* const table,
                  const double* const   values,
                  char** const          out,
                  size_t* const         out_size)
{
  const size_t count = (size_t)table->rows * (size_t)table->series;
  char* const  to    = (char*)malloc(size);
  *out               = to;
  *out_size          = to ? size : 0U;
  if (!to) {
    return DF_E_NOMEM;
  }
  memcpy(to, bytes, size);
  char        header[HEADER_MOST];
  char* const data      = to + read_header(bytes, size, header);
  const bool  small     = is_small(header);
  const bool  by_column = is_by_column(header);
  for (size_t i = 0U; i < count; ++i) {
    if (!isnan(table->values[i]) || isnan(values[i])) {
      continue;
    }
    const size_t at =
      place(by_column, i, (size_t)table->rows, (size_t)table->series);
    if (small) {
      const float value = (float)values[i];
      df_bytes_write_float(data + 4U * at, &value, 1U);
    } else {
      write_doubles(data + 8U * at, &values[i], 1U);
    }
  }
  return DF_OK;
}

df_status
df_npy_save(const char* const   path,
            const double* const values,
            const int           rank,
            const int* const    dims,
            df_note* const      note)
{
  char   shape[64] = "";
  size_t used      = 0U;
  size_t count     = 1U;
  for (int i = 0; i < rank; ++i) {
    // One size alone has a comma behind it
    used += (size_t)snprintf(shape + used,
                             sizeof(shape) - used,
                             i && i + 1 == rank ? "%d" : "%d, ",
                             dims[i]);
    count *= (size_t)dims[i];
  }
  const size_t size  = HEADER_WRITTEN + 8U * count;
  char* const  bytes = (char*)malloc(size);
  if (!bytes) {
    return df_note_set(note, DF_E_NOMEM, "%s: out of memory", path);
  }
  char text[HEADER_WRITTEN - 10U + 1U];
  (void)snprintf(text,
                 sizeof(text),
                 "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }",
                 shape);
  memset(bytes, ' ', HEADER_WRITTEN);
  memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10U); // 118 bytes follow
  memcpy(bytes + 10U, text, strlen(text));
  bytes[HEADER_WRITTEN - 1U] = '\n';
  write_doubles(bytes + HEADER_WRITTEN, values, count);
  const df_status status = df_file_replace(path, bytes, size, note);
  free(bytes);
  return status;
}
