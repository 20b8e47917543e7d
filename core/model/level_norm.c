#include "core/model/level_norm.h"

#include "core/nn/embed.h"
#include "core/nn/linear.h"
#include "core/nn/norm.h"

#include <stdbool.h>
#include <string.h>

df_level_norm
df_level_norm_make(df_arena* const              arena,
                   const df_model_config* const config,
                   const size_t                 rows)
{
  const size_t d      = (size_t)config->width;
  const size_t levels = (size_t)config->levels + 1U;
  return (df_level_norm){
    .table = DF_TAKE(arena, levels * 2U * d, df_real),
    .unit  = DF_TAKE(arena, rows * d, df_real),
    .rstd  = DF_TAKE(arena, rows, df_real),
    .y     = DF_TAKE(arena, rows * d, df_real),
  };
}

void
df_level_norm_forward(const df_level_norm* const    n,
                      const df_level_space* const   space,
                      const df_real* const          theta,
                      const df_layout_linear* const at,
                      const int* const              level,
                      const int                     first,
                      const int                     rows,
                      const df_real* const          x)
{
  const int    d    = space->config->width;
  const int    K    = space->config->levels;
  const size_t skip = (size_t)first * (size_t)d;
  df_linear(space->pool,
            K + 1,
            2 * d,
            DF_EMBED,
            space->embed,
            DF_EMBED,
            theta + at->weight,
            theta + at->bias,
            false,
            n->table,
            2 * d);
  df_norm(space->pool,
          space->kernels,
          rows,
          d,
          x + skip,
          n->table,
          level + first,
          n->unit + skip,
          n->rstd + first,
          n->y + skip);
}

void
df_level_norm_backward(const df_level_norm* const    n,
                       const df_level_space* const   space,
                       const df_real* const          theta,
                       const df_layout_linear* const at,
                       const int* const              level,
                       const int                     first,
                       const int                     rows,
                       const df_real* const          dy,
                       df_real* const                dx,
                       df_real* const                grad)
{
  const int    d    = space->config->width;
  const int    K    = space->config->levels;
  const size_t skip = (size_t)first * (size_t)d;
  memset(space->dtable, 0, (size_t)(K + 1) * 2U * (size_t)d * sizeof(df_real));
  df_norm_backward(space->pool,
                   rows,
                   d,
                   n->table,
                   level + first,
                   n->unit + skip,
                   n->rstd + first,
                   dy + skip,
                   dx + skip,
                   space->dtable);
  df_linear_backward(space->pool,
                     K + 1,
                     2 * d,
                     DF_EMBED,
                     space->embed,
                     DF_EMBED,
                     theta + at->weight,
                     space->dtable,
                     2 * d,
                     false,
                     NULL,
                     grad + at->weight,
                     grad + at->bias);
}
