#include "core/model/model.h"

df_status
df_model_make(df_arena* const              arena,
              const df_model_config* const config,
              df_model** const             out,
              df_note* const               note)
{
  const df_status checked = df_model_config_check(config, note);
  if (checked) {
    return checked;
  }

  df_model* const model = DF_TAKE(arena, 1U, df_model);
  df_params       params;
  df_layout       layout;
  df_layout_make(config, &params, &layout);

  const size_t   C        = (size_t)config->token;
  df_real* const theta    = DF_TAKE(arena, params.total, df_real);
  float* const   variance = DF_TAKE(arena, C, float);
  float* const   spread =
    DF_TAKE(arena, ((size_t)config->levels + 1U) * C, float);
  float* const low  = DF_TAKE(arena, C, float);
  float* const high = DF_TAKE(arena, C, float);
  if (!model || !theta || !variance || !spread || !low || !high) {
    return df_arena_status(arena);
  }

  *model =
    (df_model){*config, params, layout, theta, variance, spread, low, high};
  for (size_t c = 0U; c < C; ++c) {
    variance[c] = 1.0f;
    low[c]      = -8.0f;
    high[c]     = 8.0f;
  }
  *out = model;
  return DF_OK;
}
