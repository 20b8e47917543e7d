#include "tests/check.h"

#include "core/model/config.h"

#include <string.h>

/// The defaults pass, for both backbones.
static void
test_defaults_pass(void)
{
  df_note note = {""};
  for (int b = 0; b < 2; ++b) {
    const df_model_config c = df_model_config_default((df_backbone)b, 160);
    CHECK(c.backbone == (df_backbone)b && c.token == 160 && c.levels == 64);
    CHECK(df_model_config_check(&c, &note) == DF_OK);
    CHECK(!note.text[0]);
  }
}

/// Each field outside its range is refused, and named.
static void
test_fields_are_named(void)
{
  const char* const names[] = {"token",
                               "width",
                               "heads",
                               "layers",
                               "mlp",
                               "conv",
                               "context",
                               "horizon",
                               "levels",
                               "side"};
  for (int n = 0; n < 10; ++n) {
    df_model_config c = df_model_config_default(DF_BACKBONE_TRANSFORMER, 160);
    int* const      fields[] = {&c.token,
                                &c.width,
                                &c.heads,
                                &c.layers,
                                &c.mlp,
                                &c.conv,
                                &c.context,
                                &c.horizon,
                                &c.levels,
                                &c.side};
    const int       bad[]    = {-1, n < 9 ? 0 : -2, 1 << 20};
    for (int i = 0; i < 3; ++i) {
      df_note note = {""};
      *fields[n]   = bad[i];
      CHECK(df_model_config_check(&c, &note) == DF_E_ARG);
      CHECK(strstr(note.text, names[n]) == note.text);
    }
  }
}

/// Heads divide the width into even parts; the shift is a positive number.
static void
test_relations(void)
{
  df_model_config c = df_model_config_default(DF_BACKBONE_TRANSFORMER, 160);
  c.heads           = 5;
  CHECK(df_model_config_check(&c, NULL) == DF_E_ARG);
  c.heads = 64; // 192 / 64 is odd
  CHECK(df_model_config_check(&c, NULL) == DF_E_ARG);
  c.heads = 96;
  CHECK(df_model_config_check(&c, NULL) == DF_OK);
  const float shifts[] = {0.0f, -1.0f, NAN, INFINITY};
  for (int i = 0; i < 4; ++i) {
    c.shift = shifts[i];
    CHECK(df_model_config_check(&c, NULL) == DF_E_ARG);
  }
  c.shift    = 0.5f;
  c.backbone = (df_backbone)7;
  CHECK(df_model_config_check(&c, NULL) == DF_E_ARG);
}

int
main(void)
{
  test_defaults_pass();
  test_fields_are_named();
  test_relations();
  return 0;
}
