#include "core/series/names.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// Bytes of the character at a place, as UTF-8; 0 where it is none.
static size_t
character(const char* const text)
{
  static const unsigned least[] = {0U, 0U, 0x80U, 0x800U, 0x10000U};
  const unsigned char   first   = (unsigned char)*text;
  const size_t          size    = first < 0x80U   ? 1U
                                  : first < 0xC0U ? 0U
                                  : first < 0xE0U ? 2U
                                  : first < 0xF0U ? 3U
                                  : first < 0xF8U ? 4U
                                                  : 0U;
  unsigned              code    = size > 1U ? first & (0x7FU >> size) : first;
  for (size_t i = 1U; i < size; ++i) {
    const unsigned char next = (unsigned char)text[i];
    if ((next & 0xC0U) != 0x80U) {
      return 0U;
    }
    code = code << 6U | (next & 0x3FU);
  }
  const bool half = code >= 0xD800U && code < 0xE000U; // of a pair in UTF-16
  return code < least[size] || code > 0x10FFFFU || half ? 0U : size;
}

static bool
is_utf8(const char* const text)
{
  const char* at = text;
  while (*at) {
    const size_t size = character(at);
    if (!size) {
      return false;
    }
    at += size;
  }
  return true;
}

/// The name of a column.
typedef struct {
  const char* name;
  int         column;
} named;

static int
compare(const void* const a, const void* const b)
{
  const named* const x   = (const named*)a;
  const named* const y   = (const named*)b;
  const int          way = strcmp(x->name, y->name);
  return way ? way : x->column - y->column;
}

/// Is each name one of its own?
static df_status
check_others(const char* const path,
             const char (*const names)[DF_TABLE_NAME],
             const int      count,
             const int      column,
             df_note* const note)
{
  named* const list   = (named*)malloc((size_t)count * sizeof(named));
  df_status    status = list ? DF_OK : DF_E_NOMEM;
  for (int d = 0; d < count && !status; ++d) {
    list[d] = (named){names[d], column + d};
  }
  if (!status) {
    qsort(list, (size_t)count, sizeof(named), compare);
  }
  for (int d = 1; d < count && !status; ++d) {
    if (!strcmp(list[d - 1].name, list[d].name)) {
      status = df_note_set(note,
                           DF_E_FORMAT,
                           "%s: line 1, column %d: want another name than that "
                           "of column %d, found \"%.60s\" again",
                           path,
                           list[d].column,
                           list[d - 1].column,
                           list[d].name);
    }
  }
  free(list);
  return status;
}

df_status
df_names_check(const char* const path,
               const char (*const names)[DF_TABLE_NAME],
               const int      count,
               const int      column,
               df_note* const note)
{
  bool numbers  = true;  // all of them
  bool fraction = false; // of one that is a number
  for (int d = 0; d < count; ++d) {
    double x = 0.0;
    numbers  = numbers && !df_table_number(names[d], strlen(names[d]), &x) &&
              !isnan(x); // "NA" is a name, too
    fraction = fraction || (numbers && x != floor(x));
    if (!names[d][0] || !is_utf8(names[d])) {
      return df_note_set(note,
                         DF_E_FORMAT,
                         "%s: line 1, column %d: want a name, found %s",
                         path,
                         column + d,
                         names[d][0] ? "one that is not UTF-8" : "none");
    }
  }
  return numbers && fraction
           ? df_note_set(note,
                         DF_E_FORMAT,
                         "%s: line 1: want a header of names, found numbers",
                         path)
           : check_others(path, names, count, column, note);
}

size_t
df_names_quote(const char* const name, char* const out)
{
  size_t used = 0U;
  out[used++] = '"';
  for (const char* at = name; *at; ++at) {
    if (*at == '"') {
      out[used++] = '"';
    }
    out[used++] = *at;
  }
  out[used++] = '"';
  out[used]   = '\0';
  return used;
}

const char*
df_names_unquote(const char* const text, char* const out)
{
  size_t used = 0U;
  if (*text != '"') {
    return NULL;
  }
  const char* at = text + 1;
  while (*at && (*at != '"' || at[1] == '"')) {
    if (used + 1U == DF_TABLE_NAME) {
      return NULL;
    }
    out[used++] = *at;
    at += *at == '"' ? 2 : 1;
  }
  out[used] = '\0';
  return *at ? at + 1 : NULL;
}
