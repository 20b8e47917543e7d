#ifndef DF_TRAIN_CONFIG_H
#define DF_TRAIN_CONFIG_H

#include "core/audio/codec.h"
#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/model/config.h"

#include <stdint.h>

/// All numbers of a training run; passed by value, written into the model.
///
/// The same config, files and number of threads give the same model, bit for
/// bit.
typedef struct {
  df_model_config model; ///< model.token is codec.dims
  df_codec_config codec;
  uint64_t        seed;

  // Corpus
  int    variants; ///< Versions of each file kept tokenised, 1..64
  int    refresh;  ///< Steps until one of them is made anew, 1..1000000
  double cents;    ///< Most detuning of a version, 0..1200
  double gain;     ///< Most change of its level, 0..24 dB

  // Batch
  int    clips;  ///< B, 1..256
  int    tokens; ///< T, a multiple of the largest window drawn, 16..2048
  double drop;   ///< Share of blocks without recall, 0..1

  // Descent
  int    steps;    ///< In all, 1..100000000
  double rate;     ///< Learning rate at its highest
  double last;     ///< Of it, what is left at the last step, 0..1
  int    warmup;   ///< Steps until the highest rate, 0..1000000
  double beta1;    ///< Of the first moment, 0..1
  double beta2;    ///< Of the second moment, 0..1
  double decay;    ///< Weight decay of matrices, 0..1
  double clip;     ///< Largest norm of the gradient
  double average;  ///< Decay of the averaged weights, 0..1
  double momentum; ///< Of the layers' matrices (nn/muon.h), 0..1; 0: AdamW
} df_train_config;

/// The recipe.
df_train_config
df_train_config_default(void);

/// Set one number by its name.  `backbone` comes first: it resets the sizes of
/// the network to those of the recipe.
///
/// @return DF_OK, DF_E_NONE (no such name) or DF_E_ARG (not a number, or out
/// of range); the note says the name, what is wanted and what was found.
DF_NODISCARD
df_status
df_train_config_set(df_train_config* config,
                    const char*      key,
                    const char*      value,
                    df_note*         note);

/// Check what single ranges do not.
///
/// @return DF_OK or DF_E_ARG.
DF_NODISCARD
df_status
df_train_config_check(const df_train_config* config, df_note* note);

/// One number of a config, in words.
typedef struct {
  const char* key;
  const char* about;
  bool        sound; ///< A run on a table has no use for it, or takes it from
                     ///< the table
  char value[32];
  char range[64];
} df_train_field;

/// Describe number `index` (0..); false when there are no more.
bool
df_train_config_field(const df_train_config* config,
                      int                    index,
                      df_train_field*        out);

#endif // DF_TRAIN_CONFIG_H
