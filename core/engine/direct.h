#ifndef DF_ENGINE_DIRECT_H
#define DF_ENGINE_DIRECT_H

#include "core/base/status.h"
#include "core/engine/link.h"
#include "core/engine/voice.h"

/// A door without a thread behind it: each job is answered at once, in the
/// caller's time.  For file renders and tests.
typedef struct df_direct df_direct;

/// @param link  Borrowed.
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD df_status
df_direct_make(df_link* link, df_direct** out);

/// NULL is allowed.
void
df_direct_free(df_direct* direct);

/// The door for df_voice_make.
df_door
df_direct_door(df_direct* direct);

#endif // DF_ENGINE_DIRECT_H
