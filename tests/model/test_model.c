#include "tests/check.h"

#include "core/model/model.h"

#include <string.h>

static df_model*
make(df_arena* const arena, const df_model_config* const config)
{
  df_model* model = NULL;
  *arena          = (df_arena){NULL, 0U, 0U, false};
  CHECK(!df_model_make(arena, config, &model, NULL) && !model);
  CHECK(!df_arena_allocate(arena));
  CHECK(!df_model_make(arena, config, &model, NULL) && model);
  return model;
}

/// Tensors have the names and shapes of core/MODEL.md, and fill the block.
static void
test_tensors_are_those_of_the_page(void)
{
  static const struct {
    const char* name;
    int         backbone; // or 2 for both
    int         dims[2];
  } want[] = {
    {"input.weight", 2, {192, 160}},
    {"input.bias", 2, {192, 0}},
    {"input.window", 2, {192, 0}},
    {"recall.weight", 2, {192, 160}},
    {"recall.confidence", 2, {192, 0}},
    {"blocks.3.norm1.weight", 2, {384, 32}},
    {"blocks.3.norm1.bias", 2, {384, 0}},
    {"blocks.3.conv.weight", 0, {3, 192}},
    {"blocks.3.conv.bias", 0, {192, 0}},
    {"blocks.3.attn.qkv.weight", 0, {576, 192}},
    {"blocks.3.attn.qkv.bias", 0, {576, 0}},
    {"blocks.3.attn.out.weight", 0, {192, 192}},
    {"blocks.3.attn.out.bias", 0, {192, 0}},
    {"blocks.3.gru.input.weight", 1, {576, 192}},
    {"blocks.3.gru.input.bias", 1, {576, 0}},
    {"blocks.3.gru.state.weight", 1, {576, 192}},
    {"blocks.3.gru.state.bias", 1, {576, 0}},
    {"blocks.3.gru.start", 1, {192, 0}},
    {"blocks.3.norm2.weight", 2, {384, 32}},
    {"blocks.3.norm2.bias", 2, {384, 0}},
    {"blocks.3.mlp.up.weight", 2, {576, 192}},
    {"blocks.3.mlp.up.bias", 2, {576, 0}},
    {"blocks.3.mlp.down.weight", 2, {192, 576}},
    {"blocks.3.mlp.down.bias", 2, {192, 0}},
    {"head.norm.weight", 2, {384, 32}},
    {"head.norm.bias", 2, {384, 0}},
    {"head.weight", 2, {160, 192}},
    {"head.bias", 2, {160, 0}},
  };
  for (int b = 0; b < 2; ++b) {
    df_arena        arena;
    df_model_config config =
      df_model_config_default(DF_BACKBONE_TRANSFORMER, 160);
    config.backbone       = (df_backbone)b;
    df_model* const model = make(&arena, &config);
    size_t          total = 0U;
    for (size_t i = 0U; i < sizeof(want) / sizeof(want[0]); ++i) {
      const df_param* const p = df_params_find(&model->params, want[i].name);
      CHECK((want[i].backbone == 2 || want[i].backbone == b) == !!p);
      if (p) {
        CHECK(p->dims[0] == want[i].dims[0] && p->dims[1] == want[i].dims[1]);
        total += p->count * (strstr(p->name, "blocks") ? 4U : 1U);
      }
    }
    CHECK(total == model->params.total);
    df_arena_free(&arena);
  }
}

/// The layout says where the tensors of the list are.
static void
test_layout_points_at_tensors(void)
{
  df_arena        arena;
  df_model_config config = df_model_config_default(DF_BACKBONE_TRANSFORMER, 10);
  df_model* const model  = make(&arena, &config);
  const df_param* p = df_params_find(&model->params, "blocks.2.attn.out.bias");
  CHECK(p && p->offset == model->layout.blocks[2].out.bias);
  p = df_params_find(&model->params, "recall.confidence");
  CHECK(p && p->offset == model->layout.confidence);
  p = df_params_find(&model->params, "head.norm.weight");
  CHECK(p && p->offset == model->layout.head_norm.weight);
  df_arena_free(&arena);

  config.recall          = false;
  df_model* const silent = make(&arena, &config);
  CHECK(!df_params_find(&silent->params, "recall.weight"));
  df_arena_free(&arena);
}

/// A new model has weights 0, variance 1, wide limits; a bad one is refused.
static void
test_make(void)
{
  df_arena              arena;
  df_model_config       config = df_model_config_default(DF_BACKBONE_GRU, 6);
  const df_model* const model  = make(&arena, &config);
  for (size_t i = 0U; i < model->params.total; ++i) {
    CHECK(model->theta[i] == 0);
  }
  for (int c = 0; c < 6; ++c) {
    CHECK(model->variance[c] == 1.0f && model->low[c] == -8.0f &&
          model->high[c] == 8.0f);
  }
  df_arena_free(&arena);

  df_note   note = {""};
  df_model* none = NULL;
  config.layers  = 17;
  arena          = (df_arena){NULL, 0U, 0U, false};
  CHECK(df_model_make(&arena, &config, &none, &note) == DF_E_ARG && !none);
  CHECK(strstr(note.text, "layers"));
  config.layers    = 16;
  char little[100] = {0};
  arena            = (df_arena){little, sizeof(little), 0U, false};
  CHECK(df_model_make(&arena, &config, &none, NULL) == DF_E_NOMEM && !none);
}

int
main(void)
{
  test_tensors_are_those_of_the_page();
  test_layout_points_at_tensors();
  test_make();
  return 0;
}
