#include "core/model/file.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 13
#define TEXTS (FIELDS + 2)

/// The fields of a config as whole numbers; `shift` in thousandths.
typedef struct {
  int backbone;
  int shift;
  int recall;
} fields;

static void
list_fields(df_model_config* const config,
            fields* const          more,
            df_setting             out[FIELDS])
{
  const df_setting list[FIELDS] = {
    {"model.backbone", &more->backbone, 0, 1},
    {"model.token", &config->token, 1, 1024},
    {"model.width", &config->width, 1, INT_MAX},
    {"model.heads", &config->heads, 1, INT_MAX},
    {"model.layers", &config->layers, 1, INT_MAX},
    {"model.mlp", &config->mlp, 1, INT_MAX},
    {"model.conv", &config->conv, 1, INT_MAX},
    {"model.context", &config->context, 1, INT_MAX},
    {"model.horizon", &config->horizon, 1, INT_MAX},
    {"model.levels", &config->levels, 1, INT_MAX},
    {"model.shift_thousandths", &more->shift, 1, 1000000},
    {"model.recall", &more->recall, 0, 1},
    {"model.side", &config->side, 0, 1024}, // last: left out where it is 0
  };
  memcpy(out, list, sizeof(list));
}

/// Name a tensor of the parameters.
static df_named
name_param(const df_param* const param, const bool half, float* const values)
{
  df_named named = {{0}, param->rank, {0}, half, values};
  (void)snprintf(named.name, sizeof(named.name), "%s", param->name);
  for (int i = 0; i < param->rank; ++i) {
    named.dims[i] = param->dims[i];
  }
  return named;
}

#define STATISTICS 4

/// What a model knows of its tokens.
static void
name_statistics(const df_model* const model, df_named out[STATISTICS])
{
  const df_named list[STATISTICS] = {
    {"token.variance", 1, {model->config.token}, false, model->variance},
    {"token.spread",
     2,
     {model->config.levels + 1, model->config.token},
     true,
     model->spread},
    {"token.low", 1, {model->config.token}, false, model->low},
    {"token.high", 1, {model->config.token}, false, model->high},
  };
  memcpy(out, list, sizeof(list));
}

/// Words of the hyper-parameters, and their number.  `numbers` holds what `out`
/// points to.
static int
describe(const df_model_config* const config,
         char                         numbers[FIELDS][16],
         df_text                      out[TEXTS])
{
  df_model_config copy = *config;
  fields          more = {(int)config->backbone,
                          (int)(1000.0f * config->shift + 0.5f),
                 config->recall ? 1 : 0};
  df_setting      list[FIELDS];
  list_fields(&copy, &more, list);
  out[0]          = (df_text){"format", "dforce"};
  out[1]          = (df_text){"version", "1"};
  const int count = config->side ? FIELDS : FIELDS - 1;
  for (int i = 0; i < count; ++i) {
    (void)snprintf(numbers[i], sizeof(numbers[i]), "%d", *list[i].value);
    out[2 + i] = (df_text){list[i].key, numbers[i]};
  }
  return 2 + count;
}

df_status
df_model_save(const char* const     path,
              const df_model* const model,
              const bool            half,
              const df_named* const more,
              const int             more_count,
              const df_text* const  texts,
              const int             text_count,
              df_note* const        note)
{
  const int       count   = model->params.count + STATISTICS + more_count;
  float* const    theta   = (float*)malloc(model->params.total * sizeof(float));
  df_named* const tensors = (df_named*)calloc((size_t)count, sizeof(df_named));
  df_text* const  words =
    (df_text*)calloc((size_t)(TEXTS + text_count), sizeof(df_text));
  df_status status = DF_E_NOMEM;
  if (theta && tensors && words) {
    for (size_t i = 0U; i < model->params.total; ++i) {
      theta[i] = (float)model->theta[i];
    }
    char      numbers[FIELDS][16];
    const int own = describe(&model->config, numbers, words);
    for (int i = 0; i < text_count; ++i) {
      words[own + i] = texts[i];
    }
    int at = 0;
    for (; at < model->params.count; ++at) {
      const df_param* const param = &model->params.list[at];
      tensors[at] = name_param(param, half, theta + param->offset);
    }
    name_statistics(model, tensors + at);
    for (int i = 0; i < more_count; ++i) {
      tensors[at + STATISTICS + i] = more[i];
    }
    status =
      df_weights_save(path, tensors, count, words, own + text_count, note);
  }
  free(words);
  free(tensors);
  free(theta);
  return status;
}

df_status
df_model_read_config(const df_weights* const file,
                     df_model_config* const  out,
                     df_note* const          note)
{
  *out                      = (df_model_config){0};
  const char* const path    = df_weights_path(file);
  const char* const format  = df_weights_text(file, "format");
  const char* const version = df_weights_text(file, "version");
  fields            more    = {0, 0, 0};
  df_setting        list[FIELDS];
  if (!format || strcmp(format, "dforce") != 0) {
    return df_note_set(note, DF_E_FORMAT, "%s: not a dforce model", path);
  }
  if (!version || strcmp(version, "1") != 0) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: version: want 1, file has %.20s",
                       path,
                       version ? version : "none");
  }
  list_fields(out, &more, list);
  const int count = df_weights_text(file, "model.side") ? FIELDS : FIELDS - 1;
  for (int i = 0; i < count; ++i) {
    const df_status status = df_weights_setting(file, list[i], note);
    if (status) {
      return status;
    }
  }
  out->backbone = (df_backbone)more.backbone;
  out->shift    = (float)more.shift / 1000.0f;
  out->recall   = more.recall == 1;

  df_note         why     = {{0}};
  const df_status checked = df_model_config_check(out, &why);
  return checked
           ? df_note_set(note, DF_E_FORMAT, "%s: model.%.200s", path, why.text)
           : DF_OK;
}

/// Read one tensor through 32 bits.
static df_status
read_param(df_weights* const     file,
           const df_param* const param,
           float* const          values,
           df_real* const        theta,
           df_note* const        note)
{
  const df_named  want   = name_param(param, false, values);
  const df_status status = df_weights_read(file, &want, note);
  for (size_t i = 0U; i < param->count && !status; ++i) {
    theta[param->offset + i] = (df_real)values[i];
  }
  return status;
}

/// Compare all shapes before memory is taken for them.
static df_status
match_tensors(const df_weights* const      file,
              const df_model_config* const config,
              df_note* const               note)
{
  df_params params;
  df_layout layout;
  df_status status = DF_OK;
  df_layout_make(config, &params, &layout);
  for (int i = 0; i < params.count && !status; ++i) {
    const df_named want = name_param(&params.list[i], false, NULL);
    status              = df_weights_match(file, &want, note);
  }
  return status;
}

static df_status
read_tensors(df_weights* const file, df_model* const model, df_note* const note)
{
  size_t most = 1U;
  for (int i = 0; i < model->params.count; ++i) {
    const size_t count = model->params.list[i].count;
    most               = count > most ? count : most;
  }
  float* const values = (float*)malloc(most * sizeof(float));
  df_status    status = values ? DF_OK : DF_E_NOMEM;
  for (int i = 0; i < model->params.count && !status; ++i) {
    status =
      read_param(file, &model->params.list[i], values, model->theta, note);
  }
  free(values);

  df_named statistics[STATISTICS];
  name_statistics(model, statistics);
  for (int i = 0; i < STATISTICS && !status; ++i) {
    status = df_weights_read(file, &statistics[i], note);
  }
  return status;
}

df_status
df_model_read(df_arena* const   arena,
              df_weights* const file,
              df_model** const  out,
              df_note* const    note)
{
  df_model_config config;
  df_model*       model  = NULL;
  df_status       status = df_model_read_config(file, &config, note);
  if (!status) {
    status = match_tensors(file, &config, note);
  }
  if (!status) {
    status = df_model_make(arena, &config, &model, note);
  }
  if (!status && model) {
    status = read_tensors(file, model, note);
  }
  for (int c = 0; c < config.token && !status && model; ++c) {
    if (!(model->variance[c] > 0.0f) || model->low[c] > model->high[c]) {
      status = df_note_set(note,
                           DF_E_FORMAT,
                           "%s: token %d: want variance > 0 and low <= high",
                           df_weights_path(file),
                           c);
    }
  }
  if (!status && model) {
    *out = model;
  }
  return status;
}
