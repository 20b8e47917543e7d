#ifndef DF_TENSOR_NAMED_H
#define DF_TENSOR_NAMED_H

#include <stdbool.h>

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
