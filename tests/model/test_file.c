#include "core/model/file.h"

#include "tests/check.h"

#include <string.h>
#include <unistd.h>

static const df_model_config config = {
  .backbone = DF_BACKBONE_TRANSFORMER,
  .token    = 5,
  .width    = 8,
  .heads    = 2,
  .layers   = 2,
  .mlp      = 16,
  .conv     = 3,
  .context  = 12,
  .horizon  = 4,
  .levels   = 64,
  .side     = 7,
  .shift    = 0.5f,
  .recall   = true,
};

/// Make a model in fresh memory.
static df_model*
make_model(df_arena* const arena, const df_model_config* const of)
{
  df_model* model = NULL;
  *arena          = (df_arena){NULL, 0U, 0U, false};
  CHECK(df_model_make(arena, of, &model, NULL) == DF_OK);
  CHECK(df_arena_allocate(arena) == DF_OK);
  CHECK(df_model_make(arena, of, &model, NULL) == DF_OK);
  df_params_init(&model->params, 7U, model->theta);
  for (int c = 0; c < of->token; ++c) {
    model->variance[c] = 1.0f + (float)c;
    model->low[c]      = -2.0f - (float)c;
    model->high[c]     = 3.0f + (float)c;
  }
  return model;
}

/// Read the model of a file; the arena is freed when this fails.
static df_status
read_model(df_arena* const   arena,
           df_weights* const file,
           df_model** const  out,
           df_note* const    note)
{
  *arena           = (df_arena){NULL, 0U, 0U, false};
  df_status status = df_model_read(arena, file, out, note);
  if (!status) {
    CHECK(df_arena_allocate(arena) == DF_OK);
    status = df_model_read(arena, file, out, note);
    if (status) {
      df_arena_free(arena);
    }
  }
  return status;
}

/// A model comes back as it was: exactly in 32 bits, and rounded in 16.
static void
test_round_trip(const char* const path)
{
  df_arena        arena;
  df_model* const model = make_model(&arena, &config);
  for (int half = 0; half < 2; ++half) {
    float          more[4] = {1.0f, 2.0f, 3.0f, 4.0f};
    const df_named extra   = {"codec.mean", 2, {2, 2}, false, more};
    const df_text  text    = {"train.seed", "1"};
    CHECK(df_model_save(path, model, half == 1, &extra, 1, &text, 1, NULL) ==
          DF_OK);
    df_weights* file = NULL;
    CHECK(df_weights_open(path, &file, NULL) == DF_OK);
    df_arena  other;
    df_model* read = NULL;
    df_note   note = {{0}};
    CHECK(read_model(&other, file, &read, &note) == DF_OK);
    CHECK(!memcmp(&read->config, &config, sizeof(config)));
    CHECK(read->params.total == model->params.total);
    for (size_t i = 0U; i < model->params.total; ++i) {
      const double want = (double)model->theta[i];
      CHECK_NEAR(read->theta[i], want, half ? fabs(want) / 2048.0 + 6e-8 : 0.0);
    }
    CHECK(!memcmp(read->variance, model->variance, 5U * sizeof(float)));
    CHECK(!memcmp(read->low, model->low, 5U * sizeof(float)));
    CHECK(!memcmp(read->high, model->high, 5U * sizeof(float)));

    // What the model does not know of is left to the room above
    CHECK(df_weights_rest(file, &note) == DF_E_SHAPE);
    CHECK(strstr(note.text, "codec.mean: not wanted"));
    CHECK(df_weights_read(file, &extra, NULL) == DF_OK);
    CHECK(df_weights_rest(file, NULL) == DF_OK);
    CHECK(!strcmp(df_weights_text(file, "train.seed"), "1"));
    df_weights_close(file);
    df_arena_free(&other);
  }
  df_arena_free(&arena);
}

/// A model without side numbers does not name them, so that the files of older
/// models are those of such ones.
static void
test_no_side(const char* const path)
{
  df_model_config plain = config;
  plain.side            = 0;
  df_arena        arena;
  df_model* const model = make_model(&arena, &plain);
  CHECK(df_model_save(path, model, false, NULL, 0, NULL, 0, NULL) == DF_OK);
  df_weights*     file  = NULL;
  df_model_config found = config;
  CHECK(df_weights_open(path, &file, NULL) == DF_OK);
  CHECK(!df_weights_text(file, "model.side"));
  CHECK(df_model_read_config(file, &found, NULL) == DF_OK);
  CHECK(found.side == 0);
  df_weights_close(file);
  df_arena_free(&arena);
}

/// The tensors of another shape are refused before any memory is taken.
static void
test_other_shape(const char* const path)
{
  // Declare a width of 1024 over tensors of a width of 8
  df_arena        arena;
  df_model* const model = make_model(&arena, &config);
  model->config.width   = 1024;
  model->config.mlp     = 4096;
  CHECK(df_model_save(path, model, false, NULL, 0, NULL, 0, NULL) == DF_OK);
  df_weights* file = NULL;
  CHECK(df_weights_open(path, &file, NULL) == DF_OK);
  df_arena  other = {NULL, 0U, 0U, false};
  df_model* read  = NULL;
  df_note   note  = {{0}};
  CHECK(df_model_read(&other, file, &read, &note) == DF_E_SHAPE);
  CHECK(strstr(note.text, "input.weight: want [1024,5], file has [8,5]"));
  CHECK(other.used == 0U);
  df_weights_close(file);
  df_arena_free(&arena);
}

/// A file without a tensor, or with senseless hyper-parameters, says which.
static void
test_wrong_files(const char* const path)
{
  df_arena        arena;
  df_model* const model = make_model(&arena, &config);
  df_weights*     file  = NULL;
  df_model*       read  = NULL;
  df_note         note  = {{0}};
  df_arena        other;
  const char*     expects = NULL;

  model->params.count -= 1; // the last tensor is head.bias
  CHECK(df_model_save(path, model, false, NULL, 0, NULL, 0, NULL) == DF_OK);
  model->params.count += 1;
  CHECK(df_weights_open(path, &file, NULL) == DF_OK);
  CHECK(read_model(&other, file, &read, &note) == DF_E_NONE);
  expects = "head.bias: want [5], file has none";
  CHECK(strstr(note.text, expects));
  df_weights_close(file);

  model->config.heads = 3;
  CHECK(df_model_save(path, model, false, NULL, 0, NULL, 0, NULL) == DF_OK);
  model->config.heads = config.heads;
  CHECK(df_weights_open(path, &file, NULL) == DF_OK);
  CHECK(read_model(&other, file, &read, &note) == DF_E_FORMAT);
  CHECK(strstr(note.text, "model.heads: want a divisor of width 8"));
  df_weights_close(file);

  model->variance[2] = 0.0f;
  CHECK(df_model_save(path, model, false, NULL, 0, NULL, 0, NULL) == DF_OK);
  CHECK(df_weights_open(path, &file, NULL) == DF_OK);
  CHECK(read_model(&other, file, &read, &note) == DF_E_FORMAT);
  CHECK(strstr(note.text, "token 2: want variance > 0"));
  df_weights_close(file);

  const df_text alien = {"format", "other"};
  CHECK(df_weights_save(path, NULL, 0, &alien, 1, NULL) == DF_OK);
  CHECK(df_weights_open(path, &file, NULL) == DF_OK);
  CHECK(read_model(&other, file, &read, &note) == DF_E_FORMAT);
  CHECK(strstr(note.text, "not a dforce model"));
  df_weights_close(file);
  df_arena_free(&arena);
}

/// Keys of the model are its own.
static void
test_texts_do_not_replace(const char* const path)
{
  df_arena        arena;
  df_model* const model = make_model(&arena, &config);
  const df_text   text  = {"model.width", "9"};
  CHECK(df_model_save(path, model, false, NULL, 0, &text, 1, NULL) == DF_E_ARG);
  df_arena_free(&arena);
}

int
main(void)
{
  char path[64];
  (void)snprintf(path, sizeof(path), "model-%ld.tmp", (long)getpid());
  test_round_trip(path);
  test_no_side(path);
  test_other_shape(path);
  test_wrong_files(path);
  test_texts_do_not_replace(path);
  (void)unlink(path);
  return 0;
}
