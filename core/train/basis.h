#ifndef DF_TRAIN_BASIS_H
#define DF_TRAIN_BASIS_H

#include "core/audio/codec.h"
#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/train/config.h"
#include "core/train/take.h"

/// Fit a token basis to the sounds that training begins with.
///
/// The log-magnitudes of at most 20000 tokens are taken evenly from versions
/// 0..variants-1 (generation 0) of all files.
///
/// @param files  [count]
/// @return DF_OK, DF_E_NOMEM, or what df_codec_fit says.
DF_NODISCARD
df_status
df_basis_fit(df_codec*              codec,
             const df_train_config* config,
             const df_material*     files,
             int                    count,
             int                    variants,
             df_pool*               pool,
             df_note*               note);

#endif // DF_TRAIN_BASIS_H
