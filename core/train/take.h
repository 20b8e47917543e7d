#ifndef DF_TRAIN_TAKE_H
#define DF_TRAIN_TAKE_H

#include "core/audio/codec.h"
#include "core/base/status.h"
#include "core/train/config.h"

#include <stddef.h>
#include <stdint.h>

/// Sound as tokens, in one of many versions.

/// A file, or a changed version of it, as tokens.  A take is a long past too:
/// recall looks back beyond the start of a clip.
typedef struct {
  int    count;  ///< Tokens
  float* tokens; ///< [count,C] owned
  float* bands;  ///< [count,DF_BANDS] pooled log-magnitudes, owned
} df_take;

/// Sound to make takes of.
typedef struct {
  float* x;   ///< [n]
  size_t n;   ///< Samples, repeated ones counted
  size_t own; ///< Of them, those before any repeat
} df_material;

/// How a version differs from its material.
typedef struct {
  double ratio; ///< Of pitch
  float  gain;  ///< Of amplitude
  size_t shift; ///< Samples before the first frame, less than a token
} df_version;

/// Samples between tokens.
size_t
df_take_hop(const df_codec_config* codec);

/// Draw version `variant` (0..63), `generation` of file `file` (0..4095).
///
/// The detuning is the most that is allowed times the cube of a uniform draw,
/// so mostly small: a basis of partials is blurred by what is out of tune.  What
/// would be less than a cent is none.
df_version
df_version_draw(const df_train_config* config,
                int                    file,
                int                    variant,
                int64_t                generation);

/// Resample and scale into fresh memory, from malloc.
///
/// @param n  Set to the number of samples
/// @return NULL when memory does not suffice.
float*
df_version_apply(const df_version* version, const df_material* of, size_t* n);

/// Tokenise n samples, the first frame beginning at `shift`.
///
/// @param out  What it held is freed.
/// @return DF_OK or DF_E_NOMEM (then `out` is as before).
DF_NODISCARD
df_status
df_take_make(const df_codec* codec,
             const float*    x,
             size_t          n,
             size_t          shift,
             df_take*        out);

/// Free and zero.
void
df_take_free(df_take* take);

#endif // DF_TRAIN_TAKE_H
