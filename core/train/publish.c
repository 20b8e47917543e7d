#include "core/train/publish.h"

#include "core/audio/kept.h"
#include "core/model/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS_MOST 96
#define KEY_SIZE 48

/// Steps that the final loss is the mean of.
#define LOSS_STEPS 100

/// Texts under construction: short ones live here, long ones are borrowed.
typedef struct {
  char    keys[TEXTS_MOST][KEY_SIZE];
  char    values[TEXTS_MOST][96];
  df_text texts[TEXTS_MOST];
  int     count;
} words;

static void
add_long(words* const to, const char* const key, const char* const text)
{
  const int i = to->count++;
  (void)snprintf(to->keys[i], sizeof(to->keys[i]), "%s", key);
  to->texts[i] = (df_text){to->keys[i], text};
}

static void
add_number(words* const to, const char* const key, const int64_t number)
{
  const int i = to->count;
  (void)snprintf(to->values[i], sizeof(to->values[i]), "%" PRId64, number);
  add_long(to, key, to->values[i]);
}

static void
add_run(words* const to, df_trainer* const trainer)
{
  const df_train_config* const config = df_trainer_config(trainer);
  const df_trainer_log* const  log    = df_trainer_history(trainer);
  add_number(to, "train.seed", (int64_t)config->seed);
  add_number(to, "train.steps", df_trainer_steps(trainer));
  add_number(to, "train.steps_planned", config->steps);

  int    from = log->loss_count > LOSS_STEPS ? log->loss_count - LOSS_STEPS : 0;
  int    rows = log->loss_count - from;
  double sum  = 0.0;
  for (; from < log->loss_count; ++from) {
    sum += (double)log->losses[from];
  }
  if (rows) {
    char* const text = to->values[to->count];
    (void)snprintf(text, sizeof(to->values[0]), "%.5f", sum / rows);
    add_long(to, "train.loss", text);
  }
  if (log->check_count) {
    const double* const band = log->checks[log->check_count - 1].band;
    char* const         text = to->values[to->count];
    (void)snprintf(text,
                   sizeof(to->values[0]),
                   "%.4f %.4f %.4f %.4f %.4f %.4f",
                   band[0],
                   band[1],
                   band[2],
                   band[3],
                   band[4],
                   band[5]);
    add_long(to, "train.validation_x0_mse_by_noise", text);
  }
}

static void
add_config(words* const to, const df_train_config* const config)
{
  df_train_field field;
  for (int i = 0; df_train_config_field(config, i, &field); ++i) {
    char        key[KEY_SIZE];
    char* const text = to->values[to->count];
    (void)snprintf(key, sizeof(key), "train.config.%s", field.key);
    (void)snprintf(text, sizeof(to->values[0]), "%s", field.value);
    add_long(to, key, text);
  }
}

/// Names of the files of one side without their folders, one a line.
static char*
list_files(const df_corpus* const corpus, const bool validation)
{
  const int count = df_corpus_files(corpus, validation);
  size_t    size  = 1U;
  for (int i = 0; i < count; ++i) {
    size += strlen(df_corpus_name(corpus, validation, i)) + 1U;
  }
  char* const text = (char*)calloc(size, 1U);
  char*       at   = text;
  for (int i = 0; i < count && text; ++i) {
    const char* const path  = df_corpus_name(corpus, validation, i);
    const char* const slash = strrchr(path, '/');
    const char* const name  = slash ? slash + 1 : path;
    const size_t      chars = strlen(name);
    memcpy(at, name, chars);
    at += chars;
    if (i + 1 < count) {
      *at++ = '\n';
    }
  }
  return text;
}

static void
add_codec(words* const to, df_codec_config* const codec)
{
  df_setting settings[DF_CODEC_SETTINGS];
  df_codec_settings(codec, settings);
  for (int i = 0; i < DF_CODEC_SETTINGS; ++i) {
    add_number(to, settings[i].key, *settings[i].value);
  }
  add_long(to,
           "codec.basis",
           "Bark-weighted PCA of natural-log STFT magnitudes y: "
           "token = (P (w (y - mean))) / scale, w = sqrt(dBark/df), "
           "silence -100 dBFS");
}

df_status
df_publish(const char* const          path,
           df_trainer* const          trainer,
           const df_corpus* const     corpus,
           const df_provenance* const provenance,
           const bool                 half,
           df_note* const             note)
{
  const df_codec* const codec  = df_corpus_codec(corpus);
  df_codec_config       shape  = codec->config;
  words* const          say    = (words*)calloc(1U, sizeof(words));
  char* const           files  = list_files(corpus, false);
  char* const           others = list_files(corpus, true);
  df_status             status = DF_E_NOMEM;
  if (say && files && others) {
    df_named arrays[DF_CODEC_ARRAYS];
    df_codec_arrays(codec, arrays);
    add_long(say, "about", "dforce audio model: diffusion forcing on tokens");
    add_codec(say, &shape);
    add_long(say, "train.licence", provenance->licence);
    add_long(say, "train.command", provenance->command);
    add_long(say, "train.minutes", provenance->minutes);
    add_long(say, "train.files", files);
    add_long(say, "train.validation_files", others);
    add_run(say, trainer);
    add_config(say, df_trainer_config(trainer));
    const df_model* model = NULL;
    status                = df_trainer_model(trainer, &model);
    if (!status) {
      status = df_model_save(path,
                             model,
                             half,
                             arrays,
                             DF_CODEC_ARRAYS,
                             say->texts,
                             say->count,
                             note);
    }
  }
  free(others);
  free(files);
  free(say);
  return status == DF_E_NOMEM
           ? df_note_set(note, status, "%s: out of memory", path)
           : status;
}
