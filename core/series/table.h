#ifndef DF_SERIES_TABLE_H
#define DF_SERIES_TABLE_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/series/calendar.h"

#include <stdbool.h>
#include <stddef.h>

/// A table of series: rows are time, oldest first, columns are series.

/// Longest name of a series, or other field of a CSV, with its zero, bytes.
#define DF_TABLE_NAME 256

/// Most series of a table.
#define DF_TABLE_SERIES 4096

typedef struct {
  int     rows;
  int     series;
  double* values;               ///< [rows,series] NAN where missing; owned
  char (*names)[DF_TABLE_NAME]; ///< [series] owned
  bool        named;            ///< By its file; else by numbers
  df_calendar calendar;         ///< DF_UNIT_NONE where nothing is known
} df_table;

/// Read a table.
///
/// A name that ends in ".npy": a NumPy array of two dimensions, float32 or
/// float64, little-endian; no names, no times.  Else CSV (RFC 4180): a header
/// of names, each of its own, a decimal point, empty, NaN, NA, N/A, #N/A or
/// null (in any case of letters) where a value is missing, and in the first
/// column ISO 8601 times or not.  Empty lines at its end are nothing.
///
/// @param path  "-" for CSV on standard input
/// @param out   Zeroed or written; freed by the caller in any case
/// @return DF_OK; DF_E_NONE, DF_E_IO (file); DF_E_FORMAT, DF_E_SHAPE (content;
/// the note names file, row, column, wanted and found); DF_E_NOMEM.
DF_NODISCARD
df_status
df_table_load(const char* path, df_table* out, df_note* note);

/// The two forms, from memory; `path` is for the notes.
DF_NODISCARD
df_status
df_table_read_csv(const char* path,
                  const char* text,
                  size_t      size,
                  df_table*   out,
                  df_note*    note);
DF_NODISCARD
df_status
df_table_read_npy(const char* path,
                  const void* bytes,
                  size_t      size,
                  df_table*   out,
                  df_note*    note);

/// Read one line of CSV: the values, and before them a time or not.
///
/// @param text    [size] with or without its end of line
/// @param number  Of the line, for the notes
/// @param time    [DF_TABLE_NAME] written: a field more than the series, as it
///                stands; empty where there is none
/// @param row     [series] NAN where missing
/// @return DF_OK, DF_E_SHAPE or DF_E_FORMAT; the note names line and column.
DF_NODISCARD
df_status
df_table_read_line(const char* path,
                   const char* text,
                   size_t      size,
                   int         number,
                   int         series,
                   char*       time,
                   double*     row,
                   df_note*    note);

/// Whether a forecast of rows [from, rows) can be judged: each series has a
/// value before them, and one at least is known of them.
///
/// @return DF_OK; DF_E_SHAPE (no rows before), DF_E_FINITE; the note names the
/// column.
DF_NODISCARD
df_status
df_table_check_split(const df_table* table, int from, int rows, df_note* note);

/// Copy a file that was read, its missing values filled: all other bytes are
/// those of the file.
///
/// @param bytes     [size] that `table` was read from; CSV or .npy by `path`
/// @param values    [rows,series] NAN where a value stays missing
/// @param out       From malloc, freed by the caller in any case
/// @param out_size  Bytes of it
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD
df_status
df_table_fill(const char*     path,
              const void*     bytes,
              size_t          size,
              const df_table* table,
              const double*   values,
              char**          out,
              size_t*         out_size);

/// Digits to write numbers up to a size with: `least`, and as many more as they
/// need to be told apart where they differ by `range` alone; 17 at most.
int
df_table_digits(int least, double size, double range);

/// Free and zero.
void
df_table_free(df_table* table);

/// One number of CSV without a locale: "1", "-2.5e3"; NAN where it is
/// missing: "", "NaN" and the others of df_table_load.
///
/// @return DF_OK or DF_E_FORMAT.
DF_NODISCARD
df_status
df_table_number(const char* text, size_t size, double* out);

#endif // DF_SERIES_TABLE_H
