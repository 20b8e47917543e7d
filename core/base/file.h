#ifndef DF_BASE_FILE_H
#define DF_BASE_FILE_H

#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>

/// Whole files: mapped for reading, replaced at once when written.

/// A file mapped read-only.
typedef struct {
  const void* data; ///< NULL for an empty file
  size_t      size; ///< Bytes
} df_file;

/// Map a regular file.
///
/// @param note  Nullable; says path and reason.
/// @return DF_OK, DF_E_NONE (no such file) or DF_E_IO.
DF_NODISCARD df_status
df_file_map(const char* path, df_file* out, df_note* note);

/// Unmap and zero.
void
df_file_unmap(df_file* file);

/// Whether two names lead to one regular file.
bool
df_file_is_same(const char* path, const char* other);

/// Replace `path` by these bytes: written beside it, synced, then renamed, so
/// that a power cut leaves the old file or the new one.  A link stays, and what
/// it leads to is replaced; a device or a pipe is written to.
///
/// @return DF_OK or DF_E_IO.
DF_NODISCARD df_status
df_file_replace(const char* path, const void* data, size_t size, df_note* note);

#endif // DF_BASE_FILE_H
