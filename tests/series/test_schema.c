#include "core/series/schema.h"

#include "core/series/names.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

static df_table
read(const char* const text)
{
  df_table t;
  CHECK(df_table_read_csv("t.csv", text, strlen(text), &t, NULL) == DF_OK);
  return t;
}

/// A name within quotes is read again as it was, up to the longest.
static void
test_quotes(void)
{
  char name[DF_TABLE_NAME];
  char quoted[DF_NAMES_QUOTED];
  char again[DF_TABLE_NAME];
  for (int size = 0; size < DF_TABLE_NAME; ++size) {
    memset(name, size % 2 ? '"' : 'n', (size_t)size);
    name[size] = '\0';
    CHECK(df_names_quote(name, quoted) == strlen(quoted));
    const char* const end = df_names_unquote(quoted, again);
    CHECK(end && !*end && !strcmp(again, name));
  }
  static const char* const wrong[] = {"", "a", "\"", "\"a", "\"a\"\""};
  for (size_t i = 0U; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    CHECK(!df_names_unquote(wrong[i], again));
  }
  char longest[DF_TABLE_NAME + 3];
  memset(longest, 'n', sizeof(longest));
  longest[0]                 = '"';
  longest[DF_TABLE_NAME + 1] = '"';
  longest[DF_TABLE_NAME + 2] = '\0';
  CHECK(!df_names_unquote(longest, again));
}

/// What is UTF-8 is a name; overlong forms, halves of pairs and bytes of other
/// codes are not.
static void
test_utf8(void)
{
  static const char good[][DF_TABLE_NAME] = {
    "a", "D\xC3\xBCren", "\xE2\x82\xAC", "\xF0\x9D\x84\x9E"};
  static const char wrong[][DF_TABLE_NAME] = {"D\xFCren",
                                              "\xC3",
                                              "\xC0\x80",
                                              "\xE0\x80\x80",
                                              "\xED\xA0\x80",
                                              "\xF4\x90\x80\x80",
                                              "\x80",
                                              "\xFF"};
  df_note           note                   = {{0}};
  CHECK(df_names_check("t", good, 4, 1, &note) == DF_OK);
  for (size_t i = 0U; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    CHECK(df_names_check("t", &wrong[i], 1, 7, &note) == DF_E_FORMAT);
    CHECK(
      !strcmp(note.text,
              "t: line 1, column 7: want a name, found one that is not UTF-8"));
  }
}

/// A table is of the kind that its own words say, one that differs is named.
static void
test_tables(void)
{
  static const struct {
    const char* text;
    const char* say; // NULL: it is of the kind
  } cases[] = {
    {"t,\"a \"\"1\"\", x\",b\n2024-01-01,1,2\n2024-01-02,1,2\n", NULL},
    {"\"a \"\"1\"\", x\",b\n1,2\n",
     "t.csv: frequency of the rows: want D, that of the model, found none; "
     "--freq tells it"},
    {"t,\"a \"\"1\"\", x\",b\n2024-01-01,1,2\n2024-01-08,1,2\n",
     "t.csv: frequency of the rows: want D, that of the model, found W"},
    {"t,b,\"a \"\"1\"\", x\"\n2024-01-01,1,2\n2024-01-02,1,2\n",
     "t.csv: series 1: want \"a \"1\", x\" as in the model, found \"b\""},
  };
  df_schema schema = {0};
  df_schema again  = {0};
  char*     text   = NULL;
  df_table  table  = read(cases[0].text);
  CHECK(df_schema_of(&table, &schema) == DF_OK);
  df_table_free(&table);
  CHECK(df_schema_write(&schema, &text) == DF_OK);
  CHECK(!strcmp(text, "D,\"a \"\"1\"\", x\",\"b\""));
  CHECK(df_schema_read(text, &again) == DF_OK);
  for (size_t i = 0U; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    df_note note = {{0}};
    table        = read(cases[i].text);
    CHECK(df_schema_check(&again, "t.csv", &table, &note) ==
          (cases[i].say ? DF_E_SHAPE : DF_OK));
    CHECK(!strcmp(note.text, cases[i].say ? cases[i].say : ""));
    df_table_free(&table);
  }
  df_schema_free(&schema);
  df_schema_free(&again);

  // Cut short it is none, or one with fewer names
  const size_t size = strlen(text);
  for (size_t cut = size; cut-- > 0U;) {
    text[cut]              = '\0';
    const df_status status = df_schema_read(text, &again);
    CHECK(status == DF_E_FORMAT || (status == DF_OK && again.series < 2));
    df_schema_free(&again);
  }
  free(text);
}

/// Any step that times can have is read again; a table without names and times
/// is of a kind that takes others' names.
static void
test_frequencies(void)
{
  static const char* const tables[] = {
    "t,a\n2024-01-01T00:00,1\n2024-01-01T03:25:45,1\n",
    "t,a\n2024-01-01,1\n2024-12-31,1\n",
    "t,a\n2024-01-31,1\n2024-02-29,1\n2024-03-31,1\n",
    "a\n1\n",
  };
  for (size_t i = 0U; i < sizeof(tables) / sizeof(tables[0]); ++i) {
    df_schema schema = {0};
    df_schema again  = {0};
    char*     text   = NULL;
    df_table  table  = read(tables[i]);
    table.named      = false;
    CHECK(df_schema_of(&table, &schema) == DF_OK);
    CHECK(df_schema_write(&schema, &text) == DF_OK);
    CHECK(df_schema_read(text, &again) == DF_OK);
    table.named = true;
    CHECK(df_schema_check(&again, "t.csv", &table, NULL) == DF_OK);
    df_table_free(&table);
    df_schema_free(&schema);
    df_schema_free(&again);
    free(text);
  }
}

int
main(void)
{
  test_quotes();
  test_utf8();
  test_tables();
  test_frequencies();
  return 0;
}
