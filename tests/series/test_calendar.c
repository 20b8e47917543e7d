#include "core/series/calendar.h"

#include "tests/check.h"

#include <string.h>

/// Dates are those of the Gregorian calendar, leap years and all.
static void
test_dates(void)
{
  int64_t time = 1;
  CHECK(df_calendar_parse("1970-01-01", &time) == DF_OK && time == 0);
  CHECK(df_calendar_parse("2000-02-29T12:30", &time) == DF_OK);
  CHECK(time == 951827400); // date -ud 2000-02-29T12:30 +%s
  CHECK(df_calendar_parse("2019-12-31 23:59:59Z", &time) == DF_OK);
  CHECK(time == 1577836799);
  static const struct {
    const char* text;
    int64_t     time;
  } zones[] = {
    {"2000-02-29 12:30:00.000Z", 951827400},
    {"2000-02-29T12:30:00.000000", 951827400},
    {"2000-02-29T12:30:00+00:00", 951827400},
    {"2000-02-29T13:30+01:00", 951827400},
    {"2000-02-29T07:00:00.0-0530", 951827400},
    {"2000-03-01T01:30+13", 951827400},
    {"2000-02-29 12:30:00,000", 951827400},
    {"2000-03", 951868800}, // date -ud 2000-03-01 +%s
  };
  for (size_t i = 0U; i < sizeof(zones) / sizeof(zones[0]); ++i) {
    CHECK(df_calendar_parse(zones[i].text, &time) == DF_OK);
    CHECK(time == zones[i].time);
  }
  const char* const wrong[] = {"",
                               "2019-01-01+01:00",
                               "2019-01-01T10:00:00.5",
                               "2019-01-01T10:00:00.",
                               "2019-01-01T10:00+1",
                               "2019-01-01T10:00+24:00",
                               "2019-01-01T10:00+01:60",
                               "2019-01-01T10:00+01:0",
                               "2019-01-01T10:00+01:00x",
                               "2019-01-01T10:00ZZ",
                               "2019-01-01T10:xx",
                               "2019-01-01T10:00:",
                               "2019",
                               "2019-",
                               "2019-1",
                               "2019-00",
                               "2019-01T10:00",
                               "2019-13-01",
                               "2019-02-29",
                               "2019-01-01T24:00",
                               "2019-01-01x",
                               "19-01-01",
                               "2019-01-01T10"};
  for (size_t i = 0U; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    CHECK(df_calendar_parse(wrong[i], &time) == DF_E_FORMAT);
  }
}

/// A frequency is found again in the times that it makes.
static void
test_frequencies(void)
{
  const char* const names[] = {
    "S", "5min", "H", "6H", "D", "B", "W", "M", "3M"};
  const int seasons[] = {86400, 288, 24, 4, 7, 0, 52, 12, 4};
  for (size_t i = 0U; i < sizeof(names) / sizeof(names[0]); ++i) {
    df_calendar made  = {DF_UNIT_NONE, 1, 0};
    df_calendar found = {DF_UNIT_NONE, 1, 0};
    int64_t     times[40];
    CHECK(df_calendar_parse("2024-01-01", &made.start) == DF_OK);
    CHECK(df_calendar_frequency(names[i], &made, NULL) == DF_OK);
    for (int t = 0; t < 40; ++t) {
      times[t] = df_calendar_time(&made, t);
      CHECK(!t || times[t] > times[t - 1]);
    }
    CHECK(df_calendar_guess(times, 40, &found, NULL) == DF_OK);
    CHECK(df_calendar_time(&found, 39) == times[39]);
    CHECK(df_calendar_season(&made) == seasons[i]);
    CHECK(df_calendar_season(&found) == seasons[i]);
    char name[DF_CALENDAR_TEXT];
    df_calendar_name(&found, name);
    CHECK(!strcmp(name, names[i]));
  }
  df_calendar none = {DF_UNIT_NONE, 1, 0};
  df_note     note = {{0}};
  CHECK(df_calendar_frequency("0D", &none, &note) == DF_E_ARG);
  CHECK(df_calendar_frequency("fortnight", &none, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "found"));
  char name[DF_CALENDAR_TEXT];
  df_calendar_name(&none, name);
  CHECK(!strcmp(name, "none"));
}

/// Days, weeks and months whose rows are not of midnight are these none the
/// less, and are written with their time.
static void
test_times_of_day(void)
{
  static const struct {
    const char* frequency;
    const char* name;
    int         season;
  } cases[] = {{"D", "D", 7},
               {"24H", "D", 7},
               {"168H", "W", 52},
               {"B", "B", 0},
               {"M", "M", 12},
               {"ME", "ME", 12}};
  for (size_t i = 0U; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    df_calendar made  = {DF_UNIT_NONE, 1, 0};
    df_calendar found = {DF_UNIT_NONE, 1, 0};
    int64_t     times[20];
    char        text[DF_CALENDAR_TEXT];
    CHECK(df_calendar_parse("2024-01-01T06:30", &made.start) == DF_OK);
    CHECK(df_calendar_frequency(cases[i].frequency, &made, NULL) == DF_OK);
    for (int t = 0; t < 20; ++t) {
      times[t] = df_calendar_time(&made, t);
    }
    CHECK(df_calendar_guess(times, 20, &found, NULL) == DF_OK);
    CHECK(df_calendar_season(&made) == cases[i].season);
    CHECK(df_calendar_season(&found) == cases[i].season);
    df_calendar_name(&found, text);
    CHECK(!strcmp(text, cases[i].name));
    df_calendar_print(&found, 3, text);
    CHECK(strstr(text, "T06:30:00"));
  }
}

/// Ends of months are found as such, whichever month they begin in; a day of
/// the month that not all have is none to count by.
static void
test_ends_of_months(void)
{
  static const char* const ends[] = {"2024-02-29",
                                     "2024-03-31",
                                     "2024-04-30",
                                     "2024-05-31",
                                     "2024-06-30",
                                     "2024-07-31"};
  df_calendar              found;
  df_note                  note = {{0}};
  char                     text[DF_CALENDAR_TEXT];
  int64_t                  times[6];
  for (int i = 0; i < 6; ++i) {
    CHECK(df_calendar_parse(ends[i], &times[i]) == DF_OK);
  }
  for (int from = 0; from < 4; ++from) {
    CHECK(df_calendar_guess(times + from, 6 - from, &found, NULL) == DF_OK);
    CHECK(found.unit == DF_UNIT_MONTH_END && found.count == 1);
    CHECK(df_calendar_season(&found) == 12);
    df_calendar_print(&found, 12 - from, text);
    CHECK(!strcmp(text, "2025-02-28"));
  }
  CHECK(df_calendar_frequency("ME", &found, NULL) == DF_OK);
  CHECK(df_calendar_frequency("M", &found, &note) == DF_E_ARG);
  CHECK(strstr(note.text, "found 31"));
}

/// A time has one number, whichever row a table begins at, before 1970 too.
static void
test_numbers(void)
{
  const char* const names[] = {"7min", "H", "3D", "W", "M", "3M", "ME"};
  for (size_t i = 0U; i < sizeof(names) / sizeof(names[0]); ++i) {
    df_calendar whole = {DF_UNIT_NONE, 1, 0};
    CHECK(df_calendar_parse("1969-08-28", &whole.start) == DF_OK);
    CHECK(df_calendar_frequency(names[i], &whole, NULL) == DF_OK);
    whole.start = df_calendar_time(&whole, 0); // an end of a month
    for (int from = 0; from < 40; ++from) {
      df_calendar part = whole;
      part.start       = df_calendar_time(&whole, from);
      CHECK(df_calendar_number(&part, 5) ==
            df_calendar_number(&whole, from + 5));
    }
  }
}

/// A row that is missing is found and named.
static void
test_broken_steps(void)
{
  int64_t     times[10];
  df_calendar found;
  df_note     note = {{0}};
  for (int t = 0; t < 10; ++t) {
    times[t] = 3600 * (t < 6 ? t : t + 1);
  }
  CHECK(df_calendar_guess(times, 10, &found, &note) == DF_E_FORMAT);
  CHECK(!strcmp(note.text,
                "row 7, column 1: want 1970-01-01T06:00:00 after the even "
                "steps of the rows before it, found 1970-01-01T07:00:00; a "
                "row that is missing wants a line, empty after its time"));
  times[6] = times[5];
  CHECK(df_calendar_guess(times, 10, &found, &note) == DF_E_FORMAT);
  CHECK(strstr(note.text, "found 1970-01-01T05:00:00") &&
        !strstr(note.text, "missing"));
  times[1] = times[0];
  CHECK(df_calendar_guess(times, 10, &found, &note) == DF_E_FORMAT);
  CHECK(strstr(note.text,
               "row 2, column 1: want a time after 1970-01-01T00:00:00"));
}

/// Business days have no Saturday; months keep their day.
static void
test_rows_in_words(void)
{
  df_calendar c = {DF_UNIT_BUSINESS, 1, 0};
  char        text[DF_CALENDAR_TEXT];
  CHECK(df_calendar_parse("2024-01-04", &c.start) == DF_OK); // a Thursday
  df_calendar_print(&c, 2, text);
  CHECK(!strcmp(text, "2024-01-08"));
  df_calendar_print(&c, -4, text);
  CHECK(!strcmp(text, "2023-12-29"));
  c.unit = DF_UNIT_MONTH;
  df_calendar_print(&c, 13, text);
  CHECK(!strcmp(text, "2025-02-04"));
  c = (df_calendar){DF_UNIT_SECOND, 1800, c.start};
  df_calendar_print(&c, 49, text);
  CHECK(!strcmp(text, "2024-01-05T00:30:00"));
}

int
main(void)
{
  test_dates();
  test_frequencies();
  test_times_of_day();
  test_ends_of_months();
  test_numbers();
  test_broken_steps();
  test_rows_in_words();
  return 0;
}
