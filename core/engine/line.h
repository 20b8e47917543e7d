#ifndef DF_ENGINE_LINE_H
#define DF_ENGINE_LINE_H

#include "core/base/attr.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// A delay line: [2 size] floats, circular with a second copy `size` later, so
/// that the newest `size` samples always lie in one piece.  `size` is a power
/// of two; t counts samples, and may be negative for what was there before.

DF_RT static inline void
df_line_put(float* const  line,
            const size_t  size,
            const int64_t t,
            const float   x)
{
  const size_t at = (size_t)t & (size - 1U);
  line[at]        = x;
  line[at + size] = x;
}

DF_RT static inline float
df_line_get(const float* const line, const size_t size, const int64_t t)
{
  return line[(size_t)t & (size - 1U)];
}

/// One past the newest sample of a line of which t is the next.
DF_RT static inline const float*
df_line_newest(const float* const line, const size_t size, const int64_t t)
{
  return line + ((size_t)t & (size - 1U)) + size;
}

/// Begin at 0 again a line of which t is the next, and keep the newest `kept`
/// samples (at most `size`) before it; all others become 0.
DF_RT static inline void
df_line_restart(float* const  line,
                const size_t  size,
                const int64_t t,
                const size_t  kept)
{
  memmove(line, line + ((size_t)t & (size - 1U)), size * sizeof(float));
  memset(line, 0, (size - kept) * sizeof(float));
  memcpy(line + size, line, size * sizeof(float));
}

#endif // DF_ENGINE_LINE_H
