#ifndef DF_MODEL_LAYOUT_H
#define DF_MODEL_LAYOUT_H

#include "core/model/config.h"
#include "core/nn/params.h"

#include <stddef.h>

/// Where the tensors of a network begin in its flat block.
///
/// The names, shapes and meanings are those of core/MODEL.md.  All values are
/// offsets in numbers; those of the other backbone, and of recall and side
/// numbers where the network has none, stay 0 and are not read.

/// A matrix [out,in] with its bias [out].
typedef struct {
  size_t weight;
  size_t bias;
} df_layout_linear;

typedef struct {
  df_layout_linear norm1; ///< [2d,32], [2d]
  df_layout_linear conv;  ///< [W,d], [d]
  df_layout_linear qkv;   ///< [3d,d], [3d]
  df_layout_linear out;   ///< [d,d], [d]
  df_layout_linear input; ///< GRU: [3d,d], [3d]
  df_layout_linear state; ///< GRU: [3d,d], [3d]
  size_t           start; ///< GRU: [d]
  df_layout_linear norm2; ///< [2d,32], [2d]
  df_layout_linear up;    ///< [M,d], [M]
  df_layout_linear down;  ///< [d,M], [d]
} df_layout_block;

#define DF_LAYOUT_BLOCKS 16

typedef struct {
  df_layout_linear input;      ///< [d,C], [d]
  size_t           window;     ///< [d]
  size_t           recall;     ///< [d,C]
  size_t           confidence; ///< [d]
  size_t           side;       ///< [d,S]
  df_layout_block  blocks[DF_LAYOUT_BLOCKS];
  df_layout_linear head_norm; ///< [2d,32], [2d]
  df_layout_linear head;      ///< [C,d], [C]
} df_layout;

/// Name all tensors of a checked config, in the order of core/MODEL.md.
///
/// @param params  Overwritten.
/// @param layout  Overwritten.
void
df_layout_make(const df_model_config* config,
               df_params*             params,
               df_layout*             layout);

#endif // DF_MODEL_LAYOUT_H
