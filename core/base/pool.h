#ifndef DF_BASE_POOL_H
#define DF_BASE_POOL_H

#include "core/base/attr.h"
#include "core/base/status.h"

/// Threads that share one loop; for training, never for audio.
typedef struct df_pool df_pool;

/// Do piece `index` of a loop.
typedef void (*df_pool_piece)(void* self, int index);

/// Start a pool of `threads` threads in all, the caller's counted (1..256).
///
/// @return DF_OK, DF_E_ARG, DF_E_NOMEM or DF_E_AGAIN (system has no thread).
DF_NODISCARD df_status
df_pool_make(int threads, df_pool** out);

/// Threads in all, the caller's counted; 1 for a NULL pool.
int
df_pool_threads(const df_pool* pool);

/// Do pieces 0..count-1, each once, on all threads; return when all are done.
///
/// A NULL pool does them in order in the caller's thread.  Which thread does
/// which piece is not fixed: pieces that add into shared memory must not
/// depend on it.
void
df_pool_run(df_pool* pool, int count, df_pool_piece piece, void* self);

/// Join the threads and free.  NULL is allowed.
void
df_pool_free(df_pool* pool);

#endif // DF_BASE_POOL_H
