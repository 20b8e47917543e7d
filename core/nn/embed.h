#ifndef DF_NN_EMBED_H
#define DF_NN_EMBED_H

#include "core/tensor/real.h"

/// Features of a noise level: sinusoids through SiLU.
///
///     f[j] = sin(w[j] k/K), f[16+j] = cos(w[j] k/K), w[j] = (pi/2) 2^(j/3)
///     e = f / (1 + exp(-f))
///
/// The lowest pair follows the angle of the noise schedule, the highest turns
/// eight times over the range.

#define DF_EMBED 32

/// Fill e[levels + 1, DF_EMBED] for the levels 0..levels (levels >= 1).
void
df_embed_levels(int levels, df_real* e);

#endif // DF_NN_EMBED_H
