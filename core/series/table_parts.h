#ifndef DF_SERIES_TABLE_PARTS_H
#define DF_SERIES_TABLE_PARTS_H

#include "core/series/table.h"

/// df_table_fill for each form of table.
DF_NODISCARD
df_status
df_table_fill_csv(const char*     text,
                  size_t          size,
                  const df_table* table,
                  const double*   values,
                  char**          out,
                  size_t*         out_size);
DF_NODISCARD
df_status
df_table_fill_npy(const void*     bytes,
                  size_t          size,
                  const df_table* table,
                  const double*   values,
                  char**          out,
                  size_t*         out_size);

#endif // DF_SERIES_TABLE_PARTS_H
