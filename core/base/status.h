#ifndef DF_BASE_STATUS_H
#define DF_BASE_STATUS_H

#include "core/base/attr.h"

/// What a call that depends on the world can answer, and where it went wrong.

typedef enum {
  DF_OK = 0,
  DF_E_ARG,    ///< An argument is outside its stated range
  DF_E_NOMEM,  ///< Memory did not suffice
  DF_E_SHAPE,  ///< A tensor, file or table has another size than wanted
  DF_E_FORMAT, ///< A file is not what it should be
  DF_E_IO,     ///< The system refused to read or write
  DF_E_NONE,   ///< The thing asked for does not exist
  DF_E_FINITE, ///< A number is NaN or infinite
  DF_E_AGAIN   ///< Not now: a queue is full, or a result is not there yet
} df_status;

/// The status in words.  Static text, never NULL.
const char*
df_status_text(df_status status);

/// Where and why a call failed, for the person who must mend it.
typedef struct {
  char text[512]; ///< Empty, or one line without a newline
} df_note;

/// Write a note, unless `note` is NULL, and return `status` unchanged.
DF_PRINTF(3, 4)
df_status
df_note_set(df_note* note, df_status status, const char* fmt, ...);

#endif // DF_BASE_STATUS_H
