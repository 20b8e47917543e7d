#include "core/series/table.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/// Whether a field says in words that its value is missing: NaN, as C and
/// Python write it, NA as R, N/A and null as spreadsheets and databases.
static bool
is_none(const char* const text, const size_t size)
{
  static const char* const words[] = {
    "", "nan", "-nan", "na", "n/a", "#n/a", "null"};
  bool found = false;
  for (size_t w = 0U; w < sizeof(words) / sizeof(words[0]); ++w) {
    size_t same = 0U;
    while (same < size && words[w][same] &&
           (text[same] | (text[same] >= 'A' && text[same] <= 'Z' ? 0x20 : 0)) ==
             words[w][same]) {
      ++same;
    }
    found = found || (same == size && !words[w][same]);
  }
  return found;
}

/// m 10^p, down to the smallest doubles.
static double
scaled(const uint64_t mantissa, const int power)
{
  double value = (double)mantissa;
  int    left  = power;
  if (!mantissa) {
    return 0.0; // 0e999 is 0
  }
  if (left < -300) { // 10^p alone may be out of range where the number is not
    value /= 1e300;
    left += 300;
  }
  const double scale = pow(10.0, left < 0 ? -left : left);
  return left < 0 ? value / scale : value * scale;
}

df_status
df_table_number(const char* const text, const size_t size, double* const out)
{
  size_t from = 0U;
  size_t to   = size;
  while (from < to && (text[from] == ' ' || text[from] == '\t')) {
    ++from;
  }
  while (to > from && (text[to - 1U] == ' ' || text[to - 1U] == '\t')) {
    --to;
  }
  const size_t length = to - from;
  const char*  at     = text + from;
  *out                = (double)NAN;
  if (is_none(at, length)) {
    return DF_OK;
  }

  // Digits as one number and a power of ten: the same in every locale
  const char* const end      = text + to;
  const bool        negative = *at == '-';
  uint64_t          mantissa = 0U;
  int               power    = 0;
  int               digits   = 0;
  bool              point    = false;
  at += *at == '-' || *at == '+' ? 1 : 0;
  for (; at < end && ((*at >= '0' && *at <= '9') || (*at == '.' && !point));
       ++at) {
    if (*at == '.') {
      point = true;
      continue;
    }
    ++digits;
    if (mantissa < UINT64_C(1000000000000000000)) { // 19 digits
      mantissa = 10U * mantissa + (uint64_t)(*at - '0');
      power -= point ? 1 : 0;
    } else {
      power += point ? 0 : 1;
    }
  }
  if (!digits) {
    return DF_E_FORMAT;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    ++at;
    const int sign     = at < end && *at == '-' ? -1 : 1;
    int       exponent = 0;
    at += at < end && (*at == '-' || *at == '+') ? 1 : 0;
    if (at == end) {
      return DF_E_FORMAT;
    }
    for (; at < end && *at >= '0' && *at <= '9'; ++at) {
      exponent = exponent < 1000 ? 10 * exponent + (*at - '0') : exponent;
    }
    power += sign * exponent;
  }
  const double value = scaled(mantissa, power);
  *out               = negative ? -value : value;
  return at == end && isfinite(*out) ? DF_OK : DF_E_FORMAT;
}

int
df_table_digits(const int least, const double size, const double range)
{
  const double more = range > 0.0 ? log10(size / range) : 0.0;
  return more < 1.0 ? least : least + (int)fmin(more, 17.0 - least);
}
