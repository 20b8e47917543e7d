#ifndef DF_MODEL_LEVEL_NORM_H
#define DF_MODEL_LEVEL_NORM_H

#include "core/base/arena.h"
#include "core/base/pool.h"
#include "core/model/config.h"
#include "core/model/layout.h"
#include "core/tensor/kernels.h"
#include "core/tensor/real.h"

/// An adaptive norm of the network: the table of scale and shift that its
/// tensors give each level, and the norm by that table.

/// Activations of one norm; the arrays are borrowed from the arena.
typedef struct {
  df_real* table; ///< [K+1,2d]
  df_real* unit;  ///< [rows,d]
  df_real* rstd;  ///< [rows]
  df_real* y;     ///< [rows,d] the result
} df_level_norm;

/// What all norms of a network share.
typedef struct {
  const df_model_config* config;
  df_pool*               pool;
  const df_kernels*      kernels;
  const df_real*         embed;  ///< [K+1,DF_EMBED]
  df_real*               dtable; ///< [K+1,2d] work space of the backward call
} df_level_space;

/// Take arrays for up to `rows` rows; check the arena afterwards.
df_level_norm
df_level_norm_make(df_arena* arena, const df_model_config* config, size_t rows);

/// Norm `rows` rows, from row `first` on; arrays begin at row 0.
///
/// @param at     The norm's tensors in theta
/// @param level  [first+rows]
/// @param x      [first+rows,d]
void
df_level_norm_forward(const df_level_norm*    n,
                      const df_level_space*   space,
                      const df_real*          theta,
                      const df_layout_linear* at,
                      const int*              level,
                      int                     first,
                      int                     rows,
                      const df_real*          x);

/// @param dy    [first+rows,d]
/// @param dx    [first+rows,d] added to
/// @param grad  All gradients, added to
void
df_level_norm_backward(const df_level_norm*    n,
                       const df_level_space*   space,
                       const df_real*          theta,
                       const df_layout_linear* at,
                       const int*              level,
                       int                     first,
                       int                     rows,
                       const df_real*          dy,
                       df_real*                dx,
                       df_real*                grad);

#endif // DF_MODEL_LEVEL_NORM_H
