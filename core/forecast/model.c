#include "core/forecast/model.h"

#include "core/model/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTINGS (DF_BASE_SETTINGS + 1)
#define TEXTS_MOST 128

static df_status
pack(const df_model* const network, df_forecast_model* const out)
{
  df_status status = df_predictor_make(&out->arena, network, &out->predictor);
  if (!status) {
    status = df_arena_allocate(&out->arena);
  }
  return status ? status
                : df_predictor_make(&out->arena, network, &out->predictor);
}

df_status
df_forecast_model_make(df_base* const           base,
                       const df_model* const    network,
                       const bool               use,
                       df_forecast_model* const out)
{
  *out                   = (df_forecast_model){.network = use ? 1 : 0};
  const df_status status = pack(network, out);
  if (status) {
    df_forecast_model_free(out);
    return status;
  }
  out->base = base;
  return DF_OK;
}

void
df_forecast_model_free(df_forecast_model* const model)
{
  df_base_free(model->base);
  df_schema_free(&model->schema);
  df_arena_free(&model->arena);
  *model = (df_forecast_model){0};
}

static int
list_settings(df_base* const base, int* const network, df_setting out[SETTINGS])
{
  const int count = df_base_settings(base, out);
  out[count]      = (df_setting){"series.network", network, 0, 1};
  return count + 1;
}

df_status
df_forecast_model_save(const char* const      path,
                       df_base* const         base,
                       const df_model* const  network,
                       const bool             use,
                       const df_schema* const table,
                       const df_text* const   texts,
                       const int              text_count,
                       df_note* const         note)
{
  df_setting settings[SETTINGS];
  df_named   arrays[DF_BASE_ARRAYS];
  char       numbers[SETTINGS][16];
  df_text    words[TEXTS_MOST];
  int        used  = use ? 1 : 0;
  char*      kind  = NULL;
  const int  count = list_settings(base, &used, settings);
  if (text_count > TEXTS_MOST - count - 1) {
    return df_note_set(note, DF_E_ARG, "%s: too many words", path);
  }
  df_status status = df_schema_write(table, &kind);
  if (status) {
    return status;
  }
  for (int i = 0; i < count; ++i) {
    (void)snprintf(numbers[i], sizeof(numbers[i]), "%d", *settings[i].value);
    words[i] = (df_text){settings[i].key, numbers[i]};
  }
  words[count] = (df_text){"series.table", kind};
  for (int i = 0; i < text_count; ++i) {
    words[count + 1 + i] = texts[i];
  }
  status = df_model_save(path,
                         network,
                         false,
                         arrays,
                         df_base_arrays(base, arrays),
                         words,
                         count + 1 + text_count,
                         note);
  free(kind);
  return status;
}

/// What tables it is for.
static df_status
read_schema(const df_weights* const file,
            const int               series,
            df_schema* const        out,
            df_note* const          note)
{
  const char* const text   = df_weights_text(file, "series.table");
  df_status         status = text ? df_schema_read(text, out) : DF_E_NONE;
  if (!status && out->series && out->series != series) {
    status = DF_E_FORMAT;
  }
  return status && status != DF_E_NOMEM
           ? df_note_set(note,
                         status,
                         "%s: series.table: want a frequency and the names of "
                         "%d series, or none, found \"%.60s\"",
                         df_weights_path(file),
                         series,
                         text ? text : "")
           : status;
}

static df_status
read_base(df_weights* const        file,
          df_forecast_model* const out,
          df_note* const           note)
{
  df_setting settings[SETTINGS];
  df_named   arrays[DF_BASE_ARRAYS];
  df_status  status = df_base_make(&out->base);
  if (!status && !df_weights_text(file, "series.horizon")) {
    status = df_note_set(note,
                         DF_E_FORMAT,
                         "%s: not a series model; train one by \"dforce train "
                         "series\"",
                         df_weights_path(file));
  }
  const int count =
    status ? 0 : list_settings(out->base, &out->network, settings);
  for (int i = 0; i < count && !status; ++i) {
    status = df_weights_setting(file, settings[i], note);
  }
  if (!status) {
    status = df_base_reserve(out->base, note);
  }
  const int many = status ? 0 : df_base_arrays(out->base, arrays);
  for (int i = 0; i < many && !status; ++i) {
    status = df_weights_read(file, &arrays[i], note);
  }
  return status;
}

/// The network, and whether it is one for the tokens of this base.
static df_status
read_network(df_weights* const        file,
             df_forecast_model* const out,
             df_note* const           note)
{
  df_arena  arena  = {NULL, 0U, 0U, false};
  df_model* model  = NULL;
  df_status status = df_model_read(&arena, file, &model, note);
  if (!status) {
    status = df_arena_allocate(&arena);
  }
  if (!status) {
    status = df_model_read(&arena, file, &model, note);
  }
  const df_base_config* const c = df_base_config_of(out->base);
  if (!status && (model->config.token != c->factors ||
                  model->config.horizon < c->horizon ||
                  model->config.context < c->context || model->config.recall ||
                  model->config.side != df_base_side_count(out->base))) {
    status = df_note_set(note,
                         DF_E_FORMAT,
                         "%s: the network does not fit its base",
                         df_weights_path(file));
  }
  if (!status) {
    status = pack(model, out);
  }
  df_arena_free(&arena);
  return status;
}

df_status
df_forecast_model_load(const char* const        path,
                       df_forecast_model* const out,
                       df_note* const           note)
{
  *out               = (df_forecast_model){0};
  df_weights* file   = NULL;
  df_status   status = df_weights_open(path, &file, note);
  if (!status) {
    status = read_base(file, out, note);
  }
  if (!status) {
    status = read_schema(file, df_base_series(out->base), &out->schema, note);
  }
  if (!status) {
    status = read_network(file, out, note);
  }
  if (!status) {
    status = df_weights_rest(file, note);
  }
  df_weights_close(file);
  return status;
}

df_status
df_forecast_model_check(const df_forecast_model* const model,
                        const char* const              path,
                        const df_table* const          table,
                        df_note* const                 note)
{
  const int series = df_base_series(model->base);
  return table->series == series
           ? df_schema_check(&model->schema, path, table, note)
           : df_note_set(note,
                         DF_E_SHAPE,
                         "%s: series: want %d, those of the model, found %d",
                         path,
                         series,
                         table->series);
}
