#ifndef DF_MODEL_PREDICTOR_PARTS_H
#define DF_MODEL_PREDICTOR_PARTS_H

#include "core/base/arena.h"
#include "core/model/config.h"
#include "core/model/layout.h"
#include "core/model/model.h"
#include "core/model/predictor.h"
#include "core/tensor/kernels.h"
#include "core/tensor/real.h"

#include <stdbool.h>
#include <stdint.h>

/// What the files of the predictor share; private to them.

/// Tokens that can be dropped.
#define DF_UNDO 64

/// Most rows that go through the layers together.
#define DF_ROWS 64

/// A linear layer ready to run.
typedef struct {
  int            in;
  int            out;
  const df_real* weight; ///< Packed
  const df_real* bias;   ///< [out], or NULL
} df_packed;

/// The mixer of one layer in the transformer.
typedef struct {
  const df_real* taps; ///< [W,d] the straight path included
  const df_real* bias; ///< [d]
  df_packed      q;    ///< [d,d] scaled by 1/sqrt(D)
  df_packed      kv;   ///< [2d,d]
  df_packed      out;  ///< [d,d]
} df_attend;

/// The mixer of one layer in the GRU.
typedef struct {
  df_packed      input; ///< [3d,d]
  df_packed      state; ///< [3d,d]
  const df_real* start; ///< [d]
} df_recur;

typedef struct {
  const df_real* norm1; ///< [K+1,2d] factor (1 + scale), then shift
  const df_real* norm2; ///< as norm1
  df_attend      attend;
  df_recur       recur;
  df_packed      up;
  df_packed      down;
} df_predictor_block;

/// Cosines and sines of the first DF_ROWS times, to be added to a start.
typedef struct {
  const double* step; ///< [D/2] angle of one time step
  const double* turn; ///< [DF_ROWS,D] D/2 cosines, then D/2 sines
} df_turns;

struct df_predictor {
  df_model_config    config;
  const df_kernels*  kernels;
  df_packed          input;      ///< [d,C]
  const df_real*     window;     ///< [d] bias of a window token's input
  df_packed          recall;     ///< [d,C]
  const df_real*     confidence; ///< [d]
  df_packed          side;       ///< [d,S]
  df_predictor_block blocks[DF_LAYOUT_BLOCKS];
  const df_real*     head_norm; ///< [K+1,2d]
  df_packed          head;      ///< [C,d]
  const df_real*     skip;      ///< [K+1,C]
  const df_real*     gain;      ///< [K+1,C]
  df_turns           turns;
  const float*       variance; ///< [C]
  const float*       spread;   ///< [K+1,C]
  const float*       low;      ///< [C]
  const float*       high;     ///< [C]
};

/// What one layer remembers.  Rings are written twice, one length apart, so
/// that the newest tokens always lie side by side.
typedef struct {
  df_real* keys;   ///< [d,key_stride] one row a dimension, turned
  df_real* values; ///< [2 ring,d]
  df_real* normed; ///< [2 conv_ring,d] what the convolution reads
  df_real* states; ///< GRU: [DF_UNDO+1,d] after each of the newest counts
} df_memory;

struct df_history {
  const df_predictor* predictor;
  int64_t             count;
  int                 undo;

  int       ring;       ///< Tokens in the rings of keys and values
  int       conv_ring;  ///< Tokens in the ring of normed rows
  size_t    key_stride; ///< Numbers from one row of keys to the next
  df_memory layers[DF_LAYOUT_BLOCKS];

  // Work space of one call; R is DF_ROWS
  df_real* z;      ///< [R,C]
  df_real* side;   ///< [R,S]
  df_real* x;      ///< [R,d] the stream that layers add to
  df_real* lead;   ///< [W-1,d] context rows before a window's, then
  df_real* n;      ///< [R,d] normed rows
  df_real* y;      ///< [R,d]
  df_real* q;      ///< [R,d]
  df_real* kv;     ///< [R,2d]
  df_real* gates;  ///< GRU: [R,3d] from the input, then [3d] from the state
  df_real* hidden; ///< [R,mlp]
  df_real* scores; ///< [R,context+R]
  df_real* turn;   ///< [R,D]
};

/// y[rows,out] = x[rows,in] A^T + bias, strides as wide as the rows.
void
df_packed_run(const df_kernels* kernels,
              const df_packed*  layer,
              int               rows,
              const df_real*    x,
              df_real*          y);

/// Pack a matrix [out,in] without a bias; empty as below.
df_packed
df_packed_alone(df_arena*         arena,
                const df_kernels* kernels,
                const df_real*    theta,
                size_t            weight,
                int               out,
                int               in);

/// Pack a linear layer: rows first .. first+out-1 of A [.,in] in theta.
///
/// @param factor  Multiplies weights and bias.
/// @return An empty layer when the arena only measures or has failed.
df_packed
df_packed_make(df_arena*               arena,
               const df_kernels*       kernels,
               const df_real*          theta,
               const df_layout_linear* at,
               int                     first,
               int                     out,
               int                     in,
               double                  factor);

/// A copy in the arena, or NULL when it only measures or has failed.
df_real*
df_copied(df_arena* arena, const df_real* from, size_t count);

/// The mixer of the transformer (predictor_transformer.c): a layer's weights.
df_attend
df_attend_make(df_arena*              arena,
               const df_model_config* config,
               const df_kernels*      kernels,
               const df_real*         theta,
               const df_layout_block* at);

/// The turns of all layers.
df_turns
df_turns_make(df_arena* arena, const df_model_config* config);

/// Take the rings and work space of a history.
void
df_attend_history(df_arena* arena, df_history* history);

void
df_attend_reset(df_history* history);

/// Remember the rows history->n as tokens history->count and on of a layer,
/// and, but in the last layer, add the mixer's result to history->x.
void
df_attend_push(df_history* history, int layer, int rows, bool last);

/// Add the mixer's result for the window rows history->n to history->x.
void
df_attend_window(df_history* history, int layer, int rows, int memory);

/// The mixer of the GRU (predictor_gru.c), likewise.
df_recur
df_recur_make(df_arena*              arena,
              const df_model_config* config,
              const df_kernels*      kernels,
              const df_real*         theta,
              const df_layout_block* at);

void
df_recur_history(df_arena* arena, df_history* history);

void
df_recur_reset(df_history* history);

void
df_recur_push(df_history* history, int layer, int rows, bool last);

void
df_recur_window(df_history* history, int layer, int rows, int memory);

#endif // DF_MODEL_PREDICTOR_PARTS_H
