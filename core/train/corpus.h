#ifndef DF_TRAIN_CORPUS_H
#define DF_TRAIN_CORPUS_H

#include "core/audio/codec.h"
#include "core/base/pool.h"
#include "core/base/status.h"
#include "core/train/config.h"
#include "core/train/take.h"

#include <stdint.h>

/// The sounds to learn from, and the tokens made of them.
///
/// Files are sorted by path and split by file: about a tenth of them, at least
/// one, is kept for validation, chosen by the seed.  A single file is split in
/// time, its last sixth for validation.  A file shorter than a clip is
/// repeated.
///
/// Of each training file there are `variants` takes, each with its own shift of
/// the frames (any sample), detuning (mostly small: the most that is allowed
/// times the cube of a uniform draw) and gain, drawn from (seed, file, variant,
/// generation).  Three are there at the start; refreshing makes others, then
/// the oldest anew, with the next generation.
typedef struct df_corpus df_corpus;

/// Read sound files.
///
/// @param paths       Files or folders to train on
/// @param validation  Files or folders for validation, or NULL to split
/// @param pool        Borrowed; NULL for one thread
/// @return DF_OK; DF_E_NONE, DF_E_IO, DF_E_FORMAT, DF_E_FINITE (a file, see
/// note); DF_E_SHAPE (too little sound, see note); DF_E_NOMEM.
DF_NODISCARD
df_status
df_corpus_open(const df_train_config* config,
               const char* const*     paths,
               int                    path_count,
               const char* const*     validation,
               int                    validation_count,
               df_corpus**            out,
               df_note*               note);

/// NULL is allowed.
void
df_corpus_free(df_corpus* corpus);

/// Fit the token basis and make the first takes.
DF_NODISCARD
df_status
df_corpus_tokenise(df_corpus* corpus, df_pool* pool, df_note* note);

/// Bring the takes to where they are before this step: those due since the last
/// call are made anew.
DF_NODISCARD
df_status
df_corpus_refresh(df_corpus* corpus,
                  int64_t    step,
                  df_pool*   pool,
                  df_note*   note);

/// The fitted codec.
const df_codec*
df_corpus_codec(const df_corpus* corpus);

/// Files of a side, and one of them.
int
df_corpus_files(const df_corpus* corpus, bool validation);
const char*
df_corpus_name(const df_corpus* corpus, bool validation, int file);

/// Sound of a file at the model's rate.
const float*
df_corpus_sound(const df_corpus* corpus,
                bool             validation,
                int              file,
                int64_t*         count);

/// Takes of a side: files times variants, or one for each validation file.
int
df_corpus_takes(const df_corpus* corpus, bool validation);
const df_take*
df_corpus_take(const df_corpus* corpus, bool validation, int index);

/// Seconds of sound of a side.
double
df_corpus_seconds(const df_corpus* corpus, bool validation);

/// A number made of all samples and of the split.
uint64_t
df_corpus_fingerprint(const df_corpus* corpus);

#endif // DF_TRAIN_CORPUS_H
