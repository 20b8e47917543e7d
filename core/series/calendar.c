#include "core/series/calendar.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DAY 86400

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

df_status
df_calendar_parse(const char* const text, int64_t* const seconds)
{
  const char* at     = text;
  const int   year   = read_digits(&at, 4);
  const int   month  = year >= 0 && skip(&at, '-') ? read_digits(&at, 2) : -1;
  const int   day    = month >= 1 && skip(&at, '-') ? read_digits(&at, 2) : -1;
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
    if (skip(&at, ':')) {
      second = read_digits(&at, 2);
    }
    (void)skip(&at, 'Z');
  }
  if (*at || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59) {
    return DF_E_FORMAT;
  }
  *seconds = days * DAY + hour * 3600 + minute * 60 + second;
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
  } else if (calendar->unit != DF_UNIT_SECOND) {
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

df_status
df_calendar_frequency(const char* const  text,
                      df_calendar* const calendar,
                      df_note* const     note)
{
  static const struct {
    const char* name;
    df_unit     unit;
    int         count;
  } units[] = {
    {"S", DF_UNIT_SECOND, 1},
    {"s", DF_UNIT_SECOND, 1},
    {"min", DF_UNIT_SECOND, 60},
    {"T", DF_UNIT_SECOND, 60},
    {"H", DF_UNIT_SECOND, 3600},
    {"h", DF_UNIT_SECOND, 3600},
    {"D", DF_UNIT_DAY, 1},
    {"B", DF_UNIT_BUSINESS, 1},
    {"W", DF_UNIT_DAY, 7},
    {"M", DF_UNIT_MONTH, 1},
  };
  int         count = 0;
  const char* at    = text;
  for (; *at >= '0' && *at <= '9' && count < 100000; ++at) {
    count = 10 * count + (*at - '0');
  }
  count = at == text ? 1 : count;
  for (size_t i = 0U; i < sizeof(units) / sizeof(units[0]); ++i) {
    if (!strcmp(at, units[i].name) && count >= 1 && count <= 10000) {
      calendar->unit  = units[i].unit;
      calendar->count = count * units[i].count;
      return DF_OK;
    }
  }
  return df_note_set(note,
                     DF_E_ARG,
                     "frequency: want S, min, H, D, B, W or M, a count of "
                     "1..10000 before it or not, found \"%.40s\"",
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

df_status
df_calendar_guess(const int64_t* const seconds,
                  const int            count,
                  df_calendar* const   out,
                  df_note* const       note)
{
  const int64_t     step    = seconds[1] - seconds[0];
  const bool        days    = step % DAY == 0 && seconds[0] % DAY == 0;
  const int         many    = (int)(step / DAY);
  const df_calendar tries[] = {
    {days ? DF_UNIT_DAY : DF_UNIT_SECOND, days ? many : (int)step, seconds[0]},
    {DF_UNIT_BUSINESS, 1, seconds[0]},
    {DF_UNIT_MONTH, (many + 15) / 30, seconds[0]},
  };
  int best = 0;
  if (step < 1 || step > (int64_t)366 * DAY) {
    return df_note_set(
      note, DF_E_FORMAT, "row 2: its time is not after that of row 1");
  }
  for (int i = 0; i < (days ? 3 : 1); ++i) {
    const int good =
      tries[i].count ? disagreement(&tries[i], seconds, count) : 0;
    if (good == count) {
      *out = tries[i];
      return DF_OK;
    }
    best = good > best ? good : best;
  }
  return df_note_set(note,
                     DF_E_FORMAT,
                     "row %d: its time breaks the even steps of the rows "
                     "before it",
                     best + 1);
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
    const date    d      = date_of(days);
    const int64_t months = d.year * 12 + d.month - 1 + steps;
    const int64_t year   = floor_div(months, 12);
    return days_of(year, (int)(months - 12 * year) + 1, d.day) * DAY + rest;
  }
  return 0;
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
