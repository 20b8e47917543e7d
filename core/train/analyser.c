#include "core/train/analyser.h"

df_status
df_analyser_make(const df_codec_config* const config,
                 df_arena* const              arena,
                 df_stft** const              out)
{
  *out             = NULL;
  df_status status = df_stft_make(arena, config->window, config->hop, out);
  if (!status) {
    status = df_arena_allocate(arena);
  }
  return status ? status
                : df_stft_make(arena, config->window, config->hop, out);
}
