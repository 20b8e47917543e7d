#ifndef DF_AUDIO_RESAMPLE_H
#define DF_AUDIO_RESAMPLE_H

#include "core/base/attr.h"
#include "core/base/status.h"

#include <stdbool.h>

/// A stream from one sample rate to another at a fixed ratio (libsamplerate's
/// band-limited converter).  Sums do not depend on how input is cut in blocks
/// as long as all of it is taken.
typedef struct df_resample df_resample;

/// @param from, to  Hz, their ratio within 1/256..256
/// @return DF_OK, DF_E_ARG or DF_E_NOMEM.
DF_NODISCARD
df_status
df_resample_make(double from, double to, df_resample** out);

/// NULL is allowed.
void
df_resample_free(df_resample* resample);

/// As just made.
DF_RT
void
df_resample_reset(df_resample* resample);

/// Convert.  Neither allocates nor fails; equal rates copy.
///
/// @param x     [n] input
/// @param used  Set to the input samples taken; all of them unless y is full
/// @param y     [room] output
/// @param last  The input ends here: also give what is still inside
/// @return Samples written.
DF_RT
int
df_resample_process(df_resample* resample,
                    const float* x,
                    int          n,
                    int*         used,
                    float*       y,
                    int          room,
                    bool         last);

#endif // DF_AUDIO_RESAMPLE_H
