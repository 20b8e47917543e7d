#include "core/base/status.h"

#include <stdarg.h>
#include <stdio.h>

const char*
df_status_text(const df_status status)
{
  switch (status) {
  case DF_OK:
    return "success";
  case DF_E_ARG:
    return "argument out of range";
  case DF_E_NOMEM:
    return "out of memory";
  case DF_E_SHAPE:
    return "wrong size";
  case DF_E_FORMAT:
    return "wrong format";
  case DF_E_IO:
    return "input or output error";
  case DF_E_NONE:
    return "not found";
  case DF_E_FINITE:
    return "number not finite";
  case DF_E_AGAIN:
    return "not ready, try again";
  }
  return "unknown status";
}

df_status
df_note_set(df_note* const    note,
            const df_status   status,
            const char* const fmt,
            ...)
{
  if (note) {
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(note->text, sizeof(note->text), fmt, args);
    va_end(args);
  }
  return status;
}
