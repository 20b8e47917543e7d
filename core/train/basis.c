#include "core/train/basis.h"

#include "core/audio/stft.h"
#include "core/base/arena.h"
#include "core/train/analyser.h"

#include <stdlib.h>

/// Tokens that the basis is fitted to, at most.
#define FIT_MOST 20000

typedef struct {
  df_codec*              codec;
  const df_train_config* config;
  const df_material*     files;
  int                    count;
  float*                 y;
  size_t                 stride; ///< Samples between tokens
  size_t*                first; ///< [pieces + 1] where a version's tokens begin
  df_status*             status; ///< [pieces]
} fitting;

static void
fit_piece(void* const data, const int index)
{
  const fitting* const     of   = (const fitting*)data;
  const df_material* const file = &of->files[index % of->count];
  const df_version         how =
    df_version_draw(of->config, index % of->count, index / of->count, 0);
  const df_codec_config* const config = &of->codec->config;
  const size_t size  = (size_t)config->frames * (size_t)of->codec->bins;
  df_arena     arena = {NULL, 0U, 0U, false};
  df_stft*     stft  = NULL;
  size_t       n     = 0U;
  float* const x     = df_version_apply(&how, file, &n);
  df_status status   = x ? df_analyser_make(config, &arena, &stft) : DF_E_NOMEM;
  for (size_t t = of->first[index]; t < of->first[index + 1] && !status; ++t) {
    df_stft_log_frames(stft,
                       x,
                       (int64_t)n,
                       (int64_t)((t - of->first[index]) * of->stride),
                       config->frames,
                       of->codec->floor,
                       of->y + t * size);
  }
  of->status[index] = status;
  df_stft_free(stft);
  df_arena_free(&arena);
  free(x);
}

/// Share tokens out to the versions by length; a few remain unused.
static size_t
share_tokens(const fitting* const of, const int pieces)
{
  for (int i = 0; i < pieces; ++i) {
    of->first[i + 1] = of->first[i] + of->files[i % of->count].own / of->stride;
  }
  return of->first[pieces];
}

df_status
df_basis_fit(df_codec* const              codec,
             const df_train_config* const config,
             const df_material* const     files,
             const int                    file_count,
             const int                    variants,
             df_pool* const               pool,
             df_note* const               note)
{
  const size_t dims   = (size_t)codec->config.dims;
  const size_t size   = (size_t)codec->config.frames * (size_t)codec->bins;
  const int    pieces = variants * file_count;
  size_t       total  = 0U;
  for (int i = 0; i < pieces; ++i) {
    total += files[i % file_count].own;
  }
  // One each token; fewer of much sound, overlapping ones of little
  size_t want = total / df_take_hop(&codec->config);
  want        = want < 4U * dims ? 4U * dims : want;
  want        = want > FIT_MOST ? FIT_MOST : want;

  fitting of         = {codec, config, files, file_count, NULL, 1U, NULL, NULL};
  of.stride          = total / want ? total / want : 1U;
  of.first           = (size_t*)calloc((size_t)pieces + 1U, sizeof(size_t));
  of.status          = (df_status*)calloc((size_t)pieces, sizeof(df_status));
  const size_t count = of.first ? share_tokens(&of, pieces) : 0U;
  of.y               = (float*)calloc(count * size + 1U, sizeof(float));
  df_status status   = of.first && of.status && of.y ? DF_OK : DF_E_NOMEM;
  if (!status) {
    df_pool_run(pool, pieces, fit_piece, &of);
  }
  for (int i = 0; i < pieces && !status; ++i) {
    status = of.status[i];
  }
  if (status) {
    (void)df_note_set(note, status, "cannot fit tokens: out of memory");
  } else {
    status = df_codec_fit(codec, of.y, (int)count, note);
  }
  free(of.y);
  free(of.status);
  free(of.first);
  return status;
}
