#include "core/train/checkpoint.h"

#include "core/nn/weights.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MOST 64
#define KEY_SIZE 48
#define CHECK_COLUMNS (1 + DF_TRAIN_BANDS)

df_status
df_trainer_log_reserve(df_trainer_log* const log,
                       const int             losses,
                       const int             checks)
{
  if (losses > log->loss_room) {
    const int    room = losses + losses / 2 + 64;
    float* const grown =
      (float*)realloc(log->losses, (size_t)room * sizeof(float));
    if (!grown) {
      return DF_E_NOMEM;
    }
    log->losses    = grown;
    log->loss_room = room;
  }
  if (checks > log->check_room) {
    const int               room  = checks + checks / 2 + 16;
    df_trainer_check* const grown = (df_trainer_check*)realloc(
      log->checks, (size_t)room * sizeof(df_trainer_check));
    if (!grown) {
      return DF_E_NOMEM;
    }
    log->checks     = grown;
    log->check_room = room;
  }
  return DF_OK;
}

static df_named
name_array(const char* const name, const size_t count, float* const values)
{
  df_named named = {{0}, 1, {(int)count}, false, values};
  (void)snprintf(named.name, sizeof(named.name), "%s", name);
  return named;
}

/// Checks as a matrix, or NULL when there are none or no memory.
static float*
check_matrix(const df_trainer_log* const log)
{
  const size_t count  = (size_t)log->check_count * CHECK_COLUMNS;
  float* const matrix = (float*)malloc((count + 1U) * sizeof(float));
  for (int i = 0; matrix && i < log->check_count; ++i) {
    float* const row = matrix + (size_t)i * CHECK_COLUMNS;
    row[0]           = (float)log->checks[i].step;
    for (int b = 0; b < DF_TRAIN_BANDS; ++b) {
      row[1 + b] = (float)log->checks[i].band[b];
    }
  }
  return matrix;
}

/// The words of a checkpoint.
typedef struct {
  char    keys[FIELDS_MOST][KEY_SIZE];
  char    values[FIELDS_MOST][32];
  df_text texts[FIELDS_MOST];
  int     count;
} words;

static void
add_word(words* const to, const char* const key, const char* const value)
{
  const int i = to->count++;
  (void)snprintf(to->keys[i], sizeof(to->keys[i]), "%s", key);
  (void)snprintf(to->values[i], sizeof(to->values[i]), "%s", value);
  to->texts[i] = (df_text){to->keys[i], to->values[i]};
}

static void
describe(words* const                 to,
         const df_train_config* const config,
         const uint64_t               fingerprint,
         const int64_t                step)
{
  char           text[32];
  df_train_field field;
  to->count = 0;
  add_word(to, "format", "dforce-checkpoint");
  add_word(to, "version", "1");
  (void)snprintf(text, sizeof(text), "%" PRIu64, config->seed);
  add_word(to, "seed", text);
  (void)snprintf(text, sizeof(text), "%016" PRIx64, fingerprint);
  add_word(to, "data", text);
  (void)snprintf(text, sizeof(text), "%d", config->steps);
  add_word(to, "steps", text);
  (void)snprintf(text, sizeof(text), "%" PRId64, step);
  add_word(to, "step", text);
  for (int i = 0; df_train_config_field(config, i, &field); ++i) {
    char key[KEY_SIZE];
    (void)snprintf(key, sizeof(key), "config.%s", field.key);
    add_word(to, key, field.value);
  }
}

df_status
df_checkpoint_save(const char* const            path,
                   const df_train_config* const config,
                   const uint64_t               fingerprint,
                   const df_real* const         theta,
                   const df_adam* const         adam,
                   const df_trainer_log* const  log,
                   df_note* const               note)
{
  float* const checks = check_matrix(log);
  words* const say    = (words*)malloc(sizeof(words));
  df_status    status = DF_E_NOMEM;
  if (checks && say) {
    describe(say, config, fingerprint, adam->steps);
    df_named arrays[6] = {
      // Only read, though a df_named could be written to
      name_array("theta", adam->total, (float*)(size_t)theta),
      name_array("m", adam->total, adam->m),
      name_array("v", adam->total, adam->v),
      name_array("average", adam->total, adam->average),
    };
    int count = 4;
    if (log->loss_count) {
      arrays[count++] =
        name_array("losses", (size_t)log->loss_count, log->losses);
    }
    if (log->check_count) {
      arrays[count++] = (df_named){
        "checks", 2, {log->check_count, CHECK_COLUMNS}, false, checks};
    }
    status = df_weights_save(path, arrays, count, say->texts, say->count, note);
  }
  free(say);
  free(checks);
  return status == DF_E_NOMEM
           ? df_note_set(note, status, "%s: out of memory", path)
           : status;
}

/// Every word but the number of steps must be the same.
static df_status
compare(const df_weights* const file,
        const words* const      want,
        df_note* const          note)
{
  for (int i = 0; i < want->count; ++i) {
    const char* const key  = want->texts[i].key;
    const char* const has  = df_weights_text(file, key);
    const char* const path = df_weights_path(file);
    if (!strcmp(key, "steps") || !strcmp(key, "step")) {
      continue;
    }
    if (!has || strcmp(has, want->texts[i].text) != 0) {
      if (!strcmp(key, "format") || !strcmp(key, "version")) {
        return df_note_set(
          note, DF_E_FORMAT, "%s: not a checkpoint of this version", path);
      }
      if (!strcmp(key, "data")) {
        return df_note_set(
          note, DF_E_ARG, "%s: was trained on other data", path);
      }
      return df_note_set(note,
                         DF_E_ARG,
                         "%s: %s: this run has %s, the checkpoint %.40s",
                         path,
                         !strncmp(key, "config.", 7U) ? key + 7 : key,
                         want->texts[i].text,
                         has ? has : "none");
    }
  }
  return DF_OK;
}

/// Read the arrays whose lengths the run knows.
static df_status
read_state(df_weights* const file,
           df_real* const    theta,
           df_adam* const    adam,
           df_note* const    note)
{
  const df_named arrays[4] = {
    name_array("theta", adam->total, theta),
    name_array("m", adam->total, adam->m),
    name_array("v", adam->total, adam->v),
    name_array("average", adam->total, adam->average),
  };
  df_status status = DF_OK;
  for (int i = 0; i < 4 && !status; ++i) {
    status = df_weights_read(file, &arrays[i], note);
  }
  return status;
}

/// Rows of a tensor in a file, 0 if there is none.
static int
rows_of(const df_weights* const file, const char* const name)
{
  for (int i = 0; i < df_weights_count(file); ++i) {
    const df_named shape = df_weights_shape(file, i);
    if (!strcmp(shape.name, name)) {
      return shape.rank ? shape.dims[0] : 0;
    }
  }
  return 0;
}

static df_status
read_log(df_weights* const     file,
         const int             steps,
         df_trainer_log* const log,
         df_note* const        note)
{
  const int checks = rows_of(file, "checks");
  df_status status = df_trainer_log_reserve(log, steps, checks);
  if (!status && steps) {
    const df_named losses = name_array("losses", (size_t)steps, log->losses);
    status                = df_weights_read(file, &losses, note);
  }
  float* const matrix =
    (float*)malloc(((size_t)checks * CHECK_COLUMNS + 1U) * sizeof(float));
  if (!status && !matrix) {
    status = DF_E_NOMEM;
  }
  if (!status && checks) {
    const df_named want = {"checks", 2, {checks, CHECK_COLUMNS}, false, matrix};
    status              = df_weights_read(file, &want, note);
  }
  if (!status) {
    log->loss_count  = steps;
    log->check_count = checks;
    for (int i = 0; i < checks; ++i) {
      const float* const row = matrix + (size_t)i * CHECK_COLUMNS;
      log->checks[i].step    = (int64_t)row[0];
      for (int b = 0; b < DF_TRAIN_BANDS; ++b) {
        log->checks[i].band[b] = (double)row[1 + b];
      }
    }
  }
  free(matrix);
  return status;
}

df_status
df_checkpoint_load(const char* const      path,
                   df_train_config* const config,
                   const uint64_t         fingerprint,
                   df_real* const         theta,
                   df_adam* const         adam,
                   df_trainer_log* const  log,
                   df_note* const         note)
{
  df_weights*  file   = NULL;
  words* const want   = (words*)malloc(sizeof(words));
  df_status    status = want ? df_weights_open(path, &file, note) : DF_E_NOMEM;
  int          step   = 0;
  int          steps  = 0;
  if (!status) {
    describe(want, config, fingerprint, 0);
    status = compare(file, want, note);
  }
  if (!status) {
    status =
      df_weights_setting(file, (df_setting){"steps", &steps, 1, INT_MAX}, note);
  }
  if (!status) {
    status =
      df_weights_setting(file, (df_setting){"step", &step, 0, steps}, note);
  }
  if (!status) {
    status = read_state(file, theta, adam, note);
  }
  if (!status) {
    status = read_log(file, step, log, note);
  }
  if (!status) {
    status = df_weights_rest(file, note);
  }
  if (!status) {
    adam->steps   = step;
    config->steps = steps;
  }
  df_weights_close(file);
  free(want);
  return status == DF_E_NOMEM
           ? df_note_set(note, status, "%s: out of memory", path)
           : status;
}
