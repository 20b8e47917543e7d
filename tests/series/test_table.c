#include "core/series/table.h"

#include "core/base/rng.h"
#include "core/series/npy.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static df_status
read(const char* const text, df_table* const out, df_note* const note)
{
  *note = (df_note){{0}};
  return df_table_read_csv("t.csv", text, strlen(text), out, note);
}

/// Quotes, both ends of lines, times, a byte order mark, and what is missing.
static void
test_reads_csv(void)
{
  df_table t;
  df_note  note;
  CHECK(read("\xEF\xBB\xBFtime,\"a \"\"b\"\", c\",d\r\n"
             "2024-01-01T00:00,1.5,-2e-3\r\n"
             "2024-01-01T01:00,,NaN\n"
             "2024-01-01T02:00,+.25,\"7\"",
             &t,
             &note) == DF_OK);
  CHECK(t.rows == 3 && t.series == 2);
  CHECK(!strcmp(t.names[0], "a \"b\", c") && !strcmp(t.names[1], "d"));
  CHECK(t.calendar.unit == DF_UNIT_SECOND && t.calendar.count == 3600);
  CHECK(t.values[0] == 1.5 && t.values[1] == -2e-3);
  CHECK(isnan(t.values[2]) && isnan(t.values[3]));
  CHECK(t.values[4] == 0.25 && t.values[5] == 7.0);
  df_table_free(&t);

  CHECK(read("x\n1\n2\n", &t, &note) == DF_OK);
  CHECK(t.rows == 2 && t.series == 1 && t.calendar.unit == DF_UNIT_NONE);
  df_table_free(&t);
}

/// A number is the nearest double, or next to it, down to the smallest; a value
/// is missing where programs say so.
static void
test_numbers(void)
{
  static const struct {
    const char* text;
    double      value;
  } numbers[] = {
    {"0.1", 0.1},
    {"-0.30000000000000004", -0.30000000000000004},
    {"1.7976931348623157e308", 1.7976931348623157e308},
    {"1e300", 1e300},
    {"123456789e-315", 1.23456789e-307},
    {"1e-310", 1e-310},
    {"5e-324", 5e-324},
    {"1e-400", 0.0},
    {"0e999", 0.0},
    {"9007199254740993", 9007199254740993.0},
  };
  static const char* const none[] = {
    "", " ", "NaN", "nan", "-nan", "NA", "N/A", "#N/A", "null", "NULL"};
  static const char* const wrong[] = {"-",
                                      ".",
                                      "n",
                                      "nana",
                                      "NA1",
                                      "nul",
                                      "N\\A",
                                      "1e",
                                      "1e400",
                                      "inf",
                                      "0x1",
                                      "+-1"};
  double                   x       = 0.0;
  for (size_t i = 0U; i < sizeof(numbers) / sizeof(numbers[0]); ++i) {
    const char* const text = numbers[i].text;
    CHECK(df_table_number(text, strlen(text), &x) == DF_OK);
    // pow, a quotient and the digits are each off by half a unit at most
    CHECK_NEAR(x, numbers[i].value, 4e-16 * fabs(numbers[i].value));
  }
  for (size_t i = 0U; i < sizeof(none) / sizeof(none[0]); ++i) {
    CHECK(df_table_number(none[i], strlen(none[i]), &x) == DF_OK && isnan(x));
  }
  for (size_t i = 0U; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    CHECK(df_table_number(wrong[i], strlen(wrong[i]), &x) == DF_E_FORMAT);
  }
  df_table t;
  df_note  note;
  CHECK(read("NA\n1\nNA\n", &t, &note) == DF_OK); // sodium, and none of it
  CHECK(t.rows == 2 && isnan(t.values[1]));
  df_table_free(&t);
}

/// What is wrong is named with its place.
static void
test_names_what_is_wrong(void)
{
  static const struct {
    const char* text;
    const char* say;
  } cases[] = {
    {"", "empty"},
    {"a,b\n", "no rows"},
    {"a,b\n1,2\n3\n", "line 3: want 2 columns as in the header, found 1"},
    {"a,b\n1,2,3\n", "line 2: want 2 columns"},
    {"a,b\n1,2\n3,x1\n", "line 3, column 2 (b): want a number"},
    {"a,b\n1,1e999\n", "column 2 (b): want a number"},
    {"a,b\n1,\"2\n", "line 2, column 2: want quotes that are closed"},
    {"a,b\n1,\"2\"3\n", "line 2, column 2: want a comma after the quotes"},
    {"a,b\n1,2,3\n4,5,6\n", "line 2: want 2 columns"},
    {"a,b\n1,2\n\n3,4\n", "line 3: want 2 columns as in the header, found 1"},
    {"a,b\n1,\"1,5\"\n",
     "line 2, column 2 (b): want a number with a decimal point, or nothing "
     "where it is missing, found \"1,5\""},
    {"a;b\n1,5;2,5\n", "line 1: want commas between columns, found \"a;b\""},
    {"a\tb\n1\t2\n", "line 1: want commas between columns"},
    {"day,b\n31/01/2019,1\n",
     "column 1 (day): want a number, a time as 2019-01-31T06:30"},
    {"a,b\n1,inf\n", "line 2, column 2 (b): want a number"},
    {"a,b,a\n1,2,3\n",
     "line 1, column 3: want another name than that of column 1, found \"a\" "
     "again"},
    {"t,a,b,b\n2024-01-01,1,2,3\n",
     "line 1, column 4: want another name than that of column 3"},
    {",a\n0,2\n", "line 1, column 1: want a name, found none"},
    {"a,b,\n1,2,\n", "line 1, column 3: want a name, found none"},
    {"1.5,2\n3,4\n", "line 1: want a header of names, found numbers"},
    {"2024-01-01,7\n2024-01-02,7\n", "found the time 2024-01-01"},
    {"\n\n", "empty"},
    {"a,b\n\n\r\n", "no rows"},
    {"t,a\n2024-01-01,1\n2024-01-03,1\n2024-01-04,2\n", "row 3"},
    {"t,a\n2024-01-01,1\nsoon,1\n", "line 3, column 1: want a time"},
  };
  for (size_t i = 0U; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    df_table t;
    df_note  note;
    CHECK(read(cases[i].text, &t, &note) != DF_OK);
    CHECK(strstr(note.text, "t.csv") && strstr(note.text, cases[i].say));
    CHECK(!t.values && !t.names);
  }
}

/// A zero byte, as in UTF-16, and names of any width up to 255 bytes.
static void
test_bytes_of_fields(void)
{
  static const char wide[] = "\xFF\xFE"
                             "a\0,\0b\0\n\0";
  char              text[600];
  df_table          t;
  df_note           note = {{0}};
  CHECK(df_table_read_csv("t.csv", wide, sizeof(wide) - 1U, &t, &note) ==
        DF_E_FORMAT);
  CHECK(
    !strcmp(note.text,
            "t.csv: line 1, column 1: want text in UTF-8, found a zero byte"));
  for (int more = 0; more < 2; ++more) {
    memset(text, 'n', sizeof(text));
    (void)snprintf(text + 255 + more, 300U, ",b\n1,2\n");
    const df_status status = read(text, &t, &note);
    CHECK(more ? status == DF_E_FORMAT : status == DF_OK);
    CHECK(more ? strstr(note.text,
                        "line 1, column 1: want a field of at most") != NULL
               : strlen(t.names[0]) == 255U && !strcmp(t.names[1], "b"));
    df_table_free(&t);
  }
}

/// Empty lines at the end are nothing, of one column too; in between, that one
/// has no value there.
static void
test_empty_lines(void)
{
  df_table t;
  df_note  note;
  CHECK(read("a,b\n1,2\r\n\r\n\n", &t, &note) == DF_OK);
  CHECK(t.rows == 1 && t.values[1] == 2.0);
  df_table_free(&t);
  CHECK(read("a\n1\n\n3\n\n", &t, &note) == DF_OK);
  CHECK(t.rows == 3 && isnan(t.values[1]) && t.values[2] == 3.0);
  df_table_free(&t);
  CHECK(read("a\n1\nNaN\n", &t, &note) == DF_OK);
  CHECK(t.rows == 2 && isnan(t.values[1]));
  df_table_free(&t);
}

/// Both kinds of numbers come out of an array; others are refused.
static void
test_reads_npy(void)
{
  char        bytes[256];
  const char* head =
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  const float values[6] = {1.0f, 2.0f, 3.0f, (float)NAN, 5.0f, 6.5f};
  memset(bytes, ' ', sizeof(bytes));
  memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10U);
  memcpy(bytes + 10, head, strlen(head));
  memcpy(bytes + 128, values, sizeof(values));
  const size_t size = 128U + sizeof(values);

  df_table t;
  df_note  note = {{0}};
  CHECK(df_table_read_npy("t.npy", bytes, size, &t, &note) == DF_OK);
  CHECK(t.rows == 2 && t.series == 3);
  CHECK(t.values[2] == 3.0 && isnan(t.values[3]) && t.values[5] == 6.5);
  df_table_free(&t);
  for (size_t cut = 0U; cut < size; ++cut) {
    CHECK(df_table_read_npy("t.npy", bytes, cut, &t, &note) != DF_OK);
    df_table_free(&t);
  }
  CHECK(df_table_read_npy("t.npy", bytes, size + 1U, &t, &note) == DF_E_SHAPE);
  CHECK(strstr(note.text, "want 24 bytes of numbers, found 25"));

  // The same data one column after the other, and filled so
  char* const order = strstr(bytes + 10, "False,");
  memcpy(order, "True, ", 6U);
  CHECK(df_table_read_npy("t.npy", bytes, size, &t, &note) == DF_OK);
  CHECK(t.values[0] == 1.0 && t.values[1] == 3.0 && t.values[2] == 5.0);
  CHECK(t.values[3] == 2.0 && isnan(t.values[4]) && t.values[5] == 6.5);
  const double full[6]  = {0.0, 0.0, 0.0, 0.0, 4.0, 0.0};
  char*        out      = NULL;
  size_t       out_size = 0U;
  float        fourth   = 0.0f;
  CHECK(df_table_fill("t.npy", bytes, size, &t, full, &out, &out_size) ==
        DF_OK);
  memcpy(&fourth, out + 128 + 3 * sizeof(float), sizeof(float));
  CHECK(out_size == size && fourth == 4.0f);
  memcpy(out + 128 + 3 * sizeof(float),
         bytes + 128 + 3 * sizeof(float),
         sizeof(float));
  CHECK(!memcmp(out, bytes, size));
  free(out);
  df_table_free(&t);
  memcpy(order, "maybe,", 6U);
  CHECK(df_table_read_npy("t.npy", bytes, size, &t, &note) == DF_E_FORMAT);
  CHECK(strstr(note.text, "fortran_order: want True or False, found maybe"));
  memcpy(bytes + 10 + 11, "i4", 2U);
  note = (df_note){{0}};
  CHECK(df_table_read_npy("t.npy", bytes, size, &t, &note) == DF_E_FORMAT);
  CHECK(strstr(note.text, "want '<f4'"));
}

/// No damage to a file does more than be refused or change a number.
static void
test_survives_damage(void)
{
  const char* const good =
    "time,a,\"b\"\n2024-01-01,1,2\n2024-01-02,3.5e2,\n2024-01-03,\"4\",5\n";
  const size_t size = strlen(good);
  char* const  text = (char*)malloc(size);
  CHECK(text);
  for (int run = 0; run < 20000; ++run) {
    df_rng       rng  = df_rng_make(1U, 0U, (uint64_t)run);
    const size_t part = (size_t)df_rng_below(&rng, (uint32_t)size + 1U);
    df_table     t;
    memcpy(text, good, size);
    for (int i = 0; i < 3; ++i) {
      text[df_rng_below(&rng, (uint32_t)size)] = (char)df_rng_below(&rng, 256U);
    }
    if (df_table_read_csv("t.csv", text, part, &t, NULL) == DF_OK) {
      CHECK(t.rows > 0 && t.series > 0);
    }
    df_table_free(&t);
  }
  free(text);
}

/// One line is read as lines of a table are: quotes, a time before the values
/// or none, either end; and what is wrong is named.
static void
test_reads_line(void)
{
  static const struct {
    const char* text;
    const char* time;
    const char* say; // NULL: it is read
  } cases[] = {
    {"1.5,,-2\n", "", NULL},
    {"\"2024-01-01, noon\",\"1.5\",NaN,-2\r\n", "2024-01-01, noon", NULL},
    {"soon,1.5, ,-2", "soon", NULL},
    {"1.5,-2\n", "", "in: line 7: want 3 values, found 2"},
    {"a,b,1,2,3\n", "", "in: line 7: want 3 values, found 5"},
    {"1,x,3\n", "", "in: line 7, column 2: want a number"},
    {"1,\"2,3\n", "", "in: line 7, column 2: want quotes that are closed"},
  };
  for (size_t i = 0U; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    const char* const text   = cases[i].text;
    double            row[3] = {0.0};
    df_note           note   = {{0}};
    char              time[DF_TABLE_NAME];
    const df_status   status =
      df_table_read_line("in", text, strlen(text), 7, 3, time, row, &note);
    if (cases[i].say) {
      CHECK(status && strstr(note.text, cases[i].say));
    } else {
      CHECK(status == DF_OK && !strcmp(time, cases[i].time));
      CHECK_NEAR(row[0], 1.5, 0.0);
      CHECK(isnan(row[1]));
      CHECK_NEAR(row[2], -2.0, 0.0);
    }
  }
}

/// Only cells without a value change, whatever their form: quotes, ends of
/// lines, spaces and digits of all others stay.
static void
test_fills(void)
{
  static const char text[]   = "\xEF\xBB\xBFt,\"a,\"\"b\",c\r\n"
                               "2024-01-01,1.50,\r\n"
                               "2024-01-02,NaN,\" 2e1\"\n"
                               "2024-01-03,\"\",   ";
  static const char want[]   = "\xEF\xBB\xBFt,\"a,\"\"b\",c\r\n"
                               "2024-01-01,1.50,0.25\r\n"
                               "2024-01-02,-1e-20,\" 2e1\"\n"
                               "2024-01-03,\"\",123456.7891";
  const double      values[] = {7.0, 0.25, -1e-20, 7.0, NAN, 123456.7891};
  df_table          t;
  df_note           note;
  char*             out  = NULL;
  size_t            size = 0U;
  CHECK(read(text, &t, &note) == DF_OK);
  CHECK(df_table_fill("t.csv", text, strlen(text), &t, values, &out, &size) ==
        DF_OK);
  CHECK(size == strlen(want) && !memcmp(out, want, size));
  free(out);
  df_table_free(&t);
}

/// An array that was written is read again bit for bit.
static void
test_saves_npy(void)
{
  const double values[6] = {1.0, -0.1, 1e300, 4.0, 5e-324, 0.0};
  const int    dims[2]   = {3, 2};
  const char*  path      = "test_table.tmp.npy";
  df_table     t;
  CHECK(df_npy_is(path) && !df_npy_is("npy") && !df_npy_is("a.npy.csv"));
  CHECK(df_npy_save(path, values, 2, dims, NULL) == DF_OK);
  CHECK(df_table_load(path, &t, NULL) == DF_OK);
  CHECK(t.rows == 3 && t.series == 2);
  CHECK(!memcmp(t.values, values, sizeof(values)));
  df_table_free(&t);
  CHECK(remove(path) == 0);
}

int
main(void)
{
  test_reads_line();
  test_fills();
  test_saves_npy();
  test_reads_csv();
  test_numbers();
  test_names_what_is_wrong();
  test_bytes_of_fields();
  test_empty_lines();
  test_reads_npy();
  test_survives_damage();
  return 0;
}
