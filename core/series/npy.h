#ifndef DF_SERIES_NPY_H
#define DF_SERIES_NPY_H

#include "core/base/status.h"

#include <stdbool.h>

/// Whether a name ends in ".npy".
bool
df_npy_is(const char* path);

/// Write a NumPy array of float64, little-endian, in C order (format 1.0).
///
/// @param rank  1..4
/// @param dims  [rank]
/// @return DF_OK, DF_E_NOMEM or DF_E_IO.
DF_NODISCARD
df_status
df_npy_save(const char*   path,
            const double* values,
            int           rank,
            const int*    dims,
            df_note*      note);

#endif // DF_SERIES_NPY_H
