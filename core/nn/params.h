#ifndef DF_NN_PARAMS_H
#define DF_NN_PARAMS_H

#include "core/base/arena.h"
#include "core/base/rng.h"
#include "core/base/status.h"
#include "core/tensor/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The named tensors of a network, all in one flat block, so that gradients,
/// moments and averages are arrays of the same layout.

typedef enum {
  DF_INIT_ZERO,
  DF_INIT_ONE,
  DF_INIT_NORMAL ///< N(0, spread^2)
} df_init;

typedef struct {
  char   name[48]; ///< e.g. "blocks.2.attn.qkv.weight"
  int    rank;     ///< 1..3
  int    dims[3];  ///< Row-major; a linear weight is [out, in]
  size_t offset;   ///< Of the first number, in the flat block
  size_t count;    ///< Product of dims
  bool   decay;    ///< Weight decay applies (matrices)
  int    pieces;   ///< Matrices stacked in its rows, each made orthogonal in
                   ///< descent (muon.h); 0: none
  df_init init;
  double  spread;
} df_param;

#define DF_PARAMS_MAX 256

typedef struct {
  df_param list[DF_PARAMS_MAX];
  int      count;
  size_t   total; ///< Numbers in the flat block
} df_params;

/// Add a tensor; returns its offset in the flat block.
///
/// The caller keeps below DF_PARAMS_MAX (a bug otherwise).  dims[1], dims[2]
/// are 0 for ranks below.  Rank 2 and up decay.
size_t
df_params_add(df_params*  params,
              const char* name,
              int         d0,
              int         d1,
              int         d2,
              df_init     init,
              double      spread);

/// The tensor of that name, or NULL.
const df_param*
df_params_find(const df_params* params, const char* name);

/// Draw starting values for all tensors into theta[total].
void
df_params_init(const df_params* params, uint64_t seed, df_real* theta);

#endif // DF_NN_PARAMS_H
