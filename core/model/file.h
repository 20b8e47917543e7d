#ifndef DF_MODEL_FILE_H
#define DF_MODEL_FILE_H

#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/model/model.h"
#include "core/nn/weights.h"
#include "core/tensor/named.h"

#include <stdbool.h>

/// A model in a file: safetensors (core/nn/weights.h) with these contents.
///
/// Tensors: every tensor of core/MODEL.md under its name; `token.variance`,
/// `token.low`, `token.high`, each [C] in 32 bits; and whatever a room above
/// adds (the token codec), which it reads itself.  Metadata, all strings:
/// `format` "dforce", `version` "1", the fields of df_model_config as
/// `model.width` and so on (`shift` in whole thousandths, which no locale
/// spells differently), and what the room above adds (provenance).

/// Write a model with what belongs to it.
///
/// @param half   Weights of the network in 16 bits
/// @param more   More tensors
/// @param texts  More words; keys of their own
/// @return as df_weights_save.
DF_NODISCARD
df_status
df_model_save(const char*     path,
              const df_model* model,
              bool            half,
              const df_named* more,
              int             more_count,
              const df_text*  texts,
              int             text_count,
              df_note*        note);

/// Read the hyper-parameters alone.
///
/// @return DF_OK; DF_E_FORMAT (not a model of ours, or a setting is wrong);
/// DF_E_NONE (a setting is missing).
DF_NODISCARD
df_status
df_model_read_config(const df_weights* file,
                     df_model_config*  out,
                     df_note*          note);

/// Lay out and read a model; tensors that are not its own stay unread, so that
/// df_weights_rest finds those that nobody wants.
///
/// @param out  Set on success, unless the arena only measures; then only the
///             hyper-parameters are read.
/// @return DF_OK; DF_E_FORMAT, DF_E_NONE, DF_E_SHAPE, DF_E_FINITE (content,
/// see note); DF_E_ARG (hyper-parameters, see note); DF_E_NOMEM.
DF_NODISCARD
df_status
df_model_read(df_arena* arena, df_weights* file, df_model** out, df_note* note);

#endif // DF_MODEL_FILE_H
