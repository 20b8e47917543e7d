#ifndef DF_TENSOR_NAMED_H
#define DF_TENSOR_NAMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Arrays, settings and texts by name: how a room says what belongs in a file
/// without knowing of files.  All pointers are borrowed.

#define DF_NAMED_RANK 4

/// An array of numbers.
typedef struct {
  char   name[64];            ///< e.g. "codec.basis"
  int    rank;                ///< 0..DF_NAMED_RANK
  int    dims[DF_NAMED_RANK]; ///< Row-major, each at least 1
  bool   half;                ///< 16 bits suffice in a file
  float* values;              ///< [product of dims]
} df_named;

/// Product of dims, or 0 when a dim is below 1 or the product is not to be
/// reckoned with (an eighth of what size_t can say).
static inline size_t
df_named_count(const df_named* const named)
{
  size_t count = 1U;
  for (int i = 0; i < named->rank; ++i) {
    const int dim = named->dims[i];
    if (dim < 1 || count > SIZE_MAX / 8U / (size_t)dim) {
      return 0U;
    }
    count *= (size_t)dim;
  }
  return count;
}

/// Bytes of one number in a file.
static inline size_t
df_named_item(const df_named* const named)
{
  return named->half ? 2U : 4U;
}

/// A whole number with its range.
typedef struct {
  const char* key; ///< e.g. "codec.rate"
  int*        value;
  int         low;
  int         high;
} df_setting;

/// Words.
typedef struct {
  const char* key;
  const char* text; ///< UTF-8
} df_text;

#endif // DF_TENSOR_NAMED_H
