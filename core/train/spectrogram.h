#ifndef DF_TRAIN_SPECTROGRAM_H
#define DF_TRAIN_SPECTROGRAM_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/picture/picture.h"

#include <stdint.h>

/// Draw sound as a spectrogram: time to the right, frequency upwards on a
/// logarithmic axis from 40 Hz, brightness the level over 80 dB.
///
/// @param title    Above the box
/// @param x        [n] samples
/// @param rate     Hz
/// @param loudest  Magnitude of full brightness; 0 for the loudest of x
/// @param mark     Seconds at which a line is drawn; below 0: none
/// @return DF_OK, DF_E_ARG (n < 1, rate < 1000) or DF_E_NOMEM.
DF_NODISCARD
df_status
df_spectrogram_draw(df_picture*    picture,
                    df_picture_box box,
                    const char*    title,
                    const float*   x,
                    int64_t        n,
                    int            rate,
                    float          loudest,
                    double         mark);

/// The largest magnitude that df_spectrogram_draw would find, to draw several
/// alike; 0 for silence or when memory does not suffice.
float
df_spectrogram_loudest(const float* x, int64_t n, int rate);

#endif // DF_TRAIN_SPECTROGRAM_H
