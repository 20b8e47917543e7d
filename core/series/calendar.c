#include "core/series/calendar.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DAY 86400

/// Most seconds, days or months from row to row.
#define COUNT 100000000

/// Days since 1970 of a date of the Gregorian calendar, any year.
///
/// Years are counted from March, so that a leap day comes last.
static int64_t
days_of(const int64_t year, const int month, const int day)
{
  const int64_t y   = month > 2 ? year : year - 1;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t in  = y - 400 * era;
  const int     m   = month > 2 ? month - 3 : month + 9;
  return era * 146097 + in * 365 + in / 4 - in / 100 + (153 * m + 2) / 5 + day -
         1 - 719468;
}

typedef struct {
  int64_t year;
  int     month; // 1..12
  int     day;   // 1..31
} date;

static date
date_of(const int64_t days)
{
  const int64_t z     = days + 719468;
  const int64_t era   = (z >= 0 ? z : z - 146096) / 146097;
  const int64_t in    = z - era * 146097;
  const int64_t year  = (in - in / 1460 + in / 36524 - in / 146096) / 365;
  const int64_t left  = in - (365 * year + year / 4 - year / 100);
  const int     month = (int)((5 * left + 2) / 153);
  return (date){year + 400 * era + (month < 10 ? 0 : 1),
                month < 10 ? month + 3 : month - 9,
                (int)left - (153 * month + 2) / 5 + 1};
}

static int64_t
floor_div(const int64_t a, const int64_t b)
{
  return a / b - (a % b < 0 ? 1 : 0);
}

/// Months since the year 0 of a day.
static int64_t
months_of(const int64_t days)
{
  const date d = date_of(days);
  return 12 * d.year + d.month - 1;
}

/// Days since 1970 of a day of a month, counted like these.
static int64_t
day_of_month(const int64_t months, const int day)
{
  const int64_t year = floor_div(months, 12);
  return days_of(year, (int)(months - 12 * year) + 1, day);
}

/// Exactly `digits` digits, or -1.
static int
read_digits(const char** const at, const int digits)
{
  int number = 0;
  for (int i = 0; i < digits; ++i) {
    const char c = (*at)[i];
    if (c < '0' || c > '9') {
      return -1;
    }
    number = 10 * number + (c - '0');
  }
  *at += digits;
  return number;
}

static bool
skip(const char** const at, const char wanted)
{
  if (**at != wanted) {
    return false;
  }
  ++*at;
  return true;
}

/// Skip a fraction of a second; is it 0, or none?
static bool
skip_fraction(const char** const at)
{
  if (!skip(at, '.') && !skip(at, ',')) {
    return true;
  }
  const size_t zeros = strspn(*at, "0");
  *at += zeros;
  return zeros > 0U && (**at < '0' || **at > '9');
}

/// Seconds that a zone is ahead of UTC; 0 where none is given.
///
/// @return Whether it could be read.
static bool
read_zone(const char** const at, int* const ahead)
{
  *ahead         = 0;
  const int sign = **at == '+' ? 1 : **at == '-' ? -1 : 0;
  if (!sign) {
    (void)skip(at, 'Z');
    return true;
  }
  ++*at;
  const int hours   = read_digits(at, 2);
  int       minutes = 0;
  if (hours >= 0 && (skip(at, ':') || **at)) {
    minutes = read_digits(at, 2);
  }
  *ahead = sign * (hours * 3600 + minutes * 60);
  return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

df_status
df_calendar_parse(const char* const text, int64_t* const seconds)
{
  const char* at     = text;
  int         ahead  = 0;
  const int   year   = read_digits(&at, 4);
  const int   month  = year >= 0 && skip(&at, '-') ? read_digits(&at, 2) : -1;
  const int   day    = month < 1        ? -1
                       : skip(&at, '-') ? read_digits(&at, 2)
                       : *at            ? -1
                                        : 1; // "2019-01" is its first day
  int         hour   = 0;
  int         minute = 0;
  int         second = 0;
  if (month > 12 || day < 1 || day > 31) {
    return DF_E_FORMAT;
  }
  const int64_t days = days_of(year, month, day);
  if (date_of(days).day != day) {
    return DF_E_FORMAT;
  }
  if (skip(&at, 'T') || skip(&at, ' ')) {
    hour   = read_digits(&at, 2);
    minute = hour >= 0 && skip(&at, ':') ? read_digits(&at, 2) : -1;
    if (minute >= 0 && skip(&at, ':')) {
      second = read_digits(&at, 2);
      second = second >= 0 && skip_fraction(&at) ? second : -1;
    }
    if (minute < 0 || second < 0 || !read_zone(&at, &ahead)) {
      return DF_E_FORMAT;
    }
  }
  if (*at || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59) {
    return DF_E_FORMAT;
  }
  *seconds = days * DAY + hour * 3600 + minute * 60 + second - ahead;
  return DF_OK;
}

void
df_calendar_print(const df_calendar* const calendar,
                  const int64_t            row,
                  char* const              out)
{
  const int64_t time = df_calendar_time(calendar, row);
  const int64_t days = floor_div(time, DAY);
  const int     rest = (int)(time - days * DAY);
  const date    d    = date_of(days);
  if (calendar->unit == DF_UNIT_NONE) {
    (void)snprintf(out, DF_CALENDAR_TEXT, "%" PRId64, row);
  } else if (calendar->unit != DF_UNIT_SECOND && !rest) {
    (void)snprintf(
      out, DF_CALENDAR_TEXT, "%04d-%02d-%02d", (int)d.year, d.month, d.day);
  } else {
    (void)snprintf(out,
                   DF_CALENDAR_TEXT,
                   "%04d-%02d-%02dT%02d:%02d:%02d",
                   (int)(d.year % 10000),
                   d.month,
                   d.day,
                   rest / 3600,
                   rest / 60 % 60,
                   rest % 60);
  }
}

/// What frequencies are called; of two names for one the first is written.
static const struct {
  const char* name;
  df_unit     unit;
  int         count;
} units[] = {
  {"W", DF_UNIT_DAY, 7},
  {"D", DF_UNIT_DAY, 1},
  {"H", DF_UNIT_SECOND, 3600},
  {"h", DF_UNIT_SECOND, 3600},
  {"min", DF_UNIT_SECOND, 60},
  {"T", DF_UNIT_SECOND, 60},
  {"S", DF_UNIT_SECOND, 1},
  {"s", DF_UNIT_SECOND, 1},
  {"B", DF_UNIT_BUSINESS, 1},
  {"M", DF_UNIT_MONTH, 1},
  {"ME", DF_UNIT_MONTH_END, 1},
};

#define UNITS (sizeof(units) / sizeof(units[0]))

void
df_calendar_name(const df_calendar* const calendar, char* const out)
{
  (void)snprintf(out, DF_CALENDAR_TEXT, "none");
  for (size_t i = UNITS; i-- > 0U;) {
    const int many = calendar->count / units[i].count;
    if (units[i].unit == calendar->unit &&
        many * units[i].count == calendar->count) {
      char count[16] = "";
      if (many > 1) {
        (void)snprintf(count, sizeof(count), "%d", many);
      }
      (void)snprintf(out, DF_CALENDAR_TEXT, "%s%s", count, units[i].name);
    }
  }
}

df_status
df_calendar_frequency(const char* const  text,
                      df_calendar* const calendar,
                      df_note* const     note)
{
  const int   day   = date_of(floor_div(calendar->start, DAY)).day;
  int         count = 0;
  const char* at    = text;
  for (; *at >= '0' && *at <= '9' && count < COUNT; ++at) {
    count = 10 * count + (*at - '0');
  }
  count = at == text ? 1 : count;
  for (size_t i = 0U; i < UNITS; ++i) {
    if (units[i].unit == DF_UNIT_MONTH && !strcmp(at, "M") && day > 28) {
      return df_note_set(note,
                         DF_E_ARG,
                         "frequency: M wants a start on one of the days 1..28, "
                         "found %d; ends of months are ME",
                         day);
    }
    if (!strcmp(at, units[i].name) && count >= 1 &&
        count <= COUNT / units[i].count) {
      calendar->unit  = units[i].unit;
      calendar->count = count * units[i].count;
      if (calendar->unit == DF_UNIT_SECOND && calendar->count % DAY == 0) {
        calendar->unit = DF_UNIT_DAY; // 24H
        calendar->count /= DAY;
      }
      return DF_OK;
    }
  }
  return df_note_set(
    note,
    DF_E_ARG,
    "frequency: want S, min, H, D, B, W, M or ME, a count before "
    "it or not, found \"%.40s\"",
    text);
}

/// Do all times agree with a calendar?  The first that does not, or `count`.
static int
disagreement(const df_calendar* const calendar,
             const int64_t* const     seconds,
             const int                count)
{
  int i = 0;
  while (i < count && df_calendar_time(calendar, i) == seconds[i]) {
    ++i;
  }
  return i;
}

/// A time with its seconds, whatever the unit.
static void
print_time(const int64_t time, char* const out)
{
  const df_calendar calendar = {DF_UNIT_SECOND, 1, time};
  df_calendar_print(&calendar, 0, out);
}

df_status
df_calendar_guess(const int64_t* const seconds,
                  const int            count,
                  df_calendar* const   out,
                  df_note* const       note)
{
  const int64_t     step    = seconds[1] - seconds[0];
  const bool        days    = step % DAY == 0;
  const int         many    = (int)(step / DAY);
  const df_calendar tries[] = {
    {days ? DF_UNIT_DAY : DF_UNIT_SECOND, days ? many : (int)step, seconds[0]},
    {DF_UNIT_BUSINESS, 1, seconds[0]},
    {DF_UNIT_MONTH_END, (many + 15) / 30, seconds[0]},
    {DF_UNIT_MONTH, (many + 15) / 30, seconds[0]},
  };
  int  best = 0;
  int  most = 0; // rows that agree with it
  char want[DF_CALENDAR_TEXT];
  char found[DF_CALENDAR_TEXT];
  if (step < 1 || step > (int64_t)366 * DAY) {
    print_time(seconds[0], want);
    print_time(seconds[1], found);
    return df_note_set(note,
                       DF_E_FORMAT,
                       "row 2, column 1: want a time after %s, 366 days at "
                       "most, found %s",
                       want,
                       found);
  }
  for (int i = 0; i < (days ? 4 : 1); ++i) {
    const int good =
      tries[i].count ? disagreement(&tries[i], seconds, count) : 0;
    if (good == count) {
      *out = tries[i];
      return DF_OK;
    }
    best = good > most ? i : best;
    most = good > most ? good : most;
  }
  print_time(df_calendar_time(&tries[best], most), want);
  print_time(seconds[most], found);
  return df_note_set(note,
                     DF_E_FORMAT,
                     "row %d, column 1: want %s after the even steps of the "
                     "rows before it, found %s%s",
                     most + 1,
                     want,
                     found,
                     seconds[most] > df_calendar_time(&tries[best], most)
                       ? "; a row that is missing wants a line, empty after "
                         "its time"
                       : "");
}

int64_t
df_calendar_time(const df_calendar* const calendar, const int64_t row)
{
  const int64_t steps = row * calendar->count;
  const int64_t days  = floor_div(calendar->start, DAY);
  const int64_t rest  = calendar->start - days * DAY;
  if (calendar->unit == DF_UNIT_SECOND) {
    return calendar->start + steps;
  }
  if (calendar->unit == DF_UNIT_DAY) {
    return calendar->start + steps * DAY;
  }
  if (calendar->unit == DF_UNIT_BUSINESS) {
    const int64_t from = ((days + 3) % 7 + 7) % 7; // 1970 began on a Thursday
    const int64_t safe = from > 4 ? 4 : from;
    const int64_t week = floor_div(safe + steps, 5);
    return (days - from + 7 * week + (safe + steps - 5 * week)) * DAY + rest;
  }
  if (calendar->unit == DF_UNIT_MONTH) {
    return day_of_month(months_of(days) + steps, date_of(days).day) * DAY +
           rest;
  }
  if (calendar->unit == DF_UNIT_MONTH_END) {
    return (day_of_month(months_of(days) + steps + 1, 1) - 1) * DAY + rest;
  }
  return 0;
}

int64_t
df_calendar_number(const df_calendar* const calendar, const int64_t row)
{
  const int     count = calendar->count;
  const int64_t days  = floor_div(calendar->start, DAY);
  switch (calendar->unit) {
  case DF_UNIT_SECOND:
    return row + floor_div(calendar->start, count);
  case DF_UNIT_DAY:
    return row + floor_div(days, count);
  case DF_UNIT_MONTH:
  case DF_UNIT_MONTH_END:
    return row + floor_div(months_of(days) - 1970 * 12, count);
  case DF_UNIT_BUSINESS:
  case DF_UNIT_NONE:
    break;
  }
  return row;
}

int
df_calendar_season(const df_calendar* const calendar)
{
  switch (calendar->unit) {
  case DF_UNIT_SECOND:
    return DAY % calendar->count == 0 ? DAY / calendar->count : 0;
  case DF_UNIT_DAY:
    return calendar->count == 1 ? 7 : calendar->count == 7 ? 52 : 0;
  case DF_UNIT_MONTH:
  case DF_UNIT_MONTH_END:
    return 12 % calendar->count == 0 ? 12 / calendar->count : 0;
  case DF_UNIT_BUSINESS:
  case DF_UNIT_NONE:
    break;
  }
  return 0;
}

void
df_calendar_features(const df_calendar* const calendar,
                     const int64_t            row,
                     float* const             out)
{
  memset(out, 0, DF_CALENDAR_FEATURES * sizeof(float));
  if (calendar->unit == DF_UNIT_NONE) {
    return;
  }
  const double  turn    = 6.283185307179586;
  const int64_t time    = df_calendar_time(calendar, row);
  const int64_t days    = floor_div(time, DAY);
  const date    d       = date_of(days);
  const double  of_day  = (double)(time - days * DAY) / DAY;
  const double  of_week = ((double)(((days + 3) % 7 + 7) % 7) + of_day) / 7.0;
  const double  of_year =
    ((double)(days - days_of(d.year, 1, 1)) + of_day) / 365.25;
  const double parts[3] = {of_day, of_week, of_year};
  for (int i = 0; i < 3; ++i) {
    out[2 * i]     = (float)sin(turn * parts[i]);
    out[2 * i + 1] = (float)cos(turn * parts[i]);
  }
}
